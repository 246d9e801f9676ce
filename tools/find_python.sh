#!/bin/sh
# Prints a Python that Tocsin runs on (3.11 or newer, able to make a virtual environment), or says what to install.
# PYTHON=... is tried first.
for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
  path=$(command -v "$name" 2>/dev/null) || continue
  "$path" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2])' >/dev/null 2>&1 || continue
  echo "$path"
  exit 0
done
seen=$(python3 --version 2>/dev/null || echo "no python3 at all")
{
  echo "Tocsin needs Python 3.11 or newer with its venv module; found: $seen."
  echo "  Debian, Ubuntu:  apt-get install python3 python3-venv"
  echo "  Fedora:          dnf install python3.12"
  echo "  macOS:           brew install python@3.12"
  echo "Or name one yourself:  make PYTHON=/path/to/python3.12 ..."
} >&2
exit 1
