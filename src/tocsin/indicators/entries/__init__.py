"""The catalogue's entries, a file a family. Nothing heavy may be imported here."""
