# Tocsin's commands; `make help` prints them. CI runs the same targets and nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
.PHONY: help demo lint format types test quick explore journeys soak bench shots docs reference snapshots assets lock clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

demo: ## Install, replay New York 2013 and serve it on PORT (default 8000)
	@python=$$(sh tools/find_python.sh) && PORT="$(PORT)" exec "$$python" -m tools.demo

lint: .ready ## Check style, types, floors, spelling, file and function sizes
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	git ls-files -z '*.py' '*.md' '*.html' '*.toml' '*.js' '*.css' Makefile | xargs -0 $(PY) -m codespell_lib
	$(PY) -m tools.check_house

format: .ready ## Put every Python file into the house style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: .ready ## Check the types alone
	$(PY) -m mypy

test: .ready ## Install what is needed and run the whole suite, the browser part and PostgreSQL included
	@$(PY) -m tools.browser
	@$(PY) -m tools.suite

quick: .ready ## Run the tests that take no browser and little time
	$(PY) -m pytest -n 2 -m "not slow and not browser"

explore: .ready ## Try ten times as many examples in the property tests, other ones each time
	$(PY) -m pytest -n 2 --hypothesis-profile=explore -m "hypothesis and not browser"

journeys: .ready ## Run the journeys through the pages in Chromium
	@$(PY) -m tools.browser
	$(PY) -m pytest -m browser

soak: .ready ## Kill servers, issuing and sending processes 260 times and count what is lost or doubled
	$(PY) -m tests.soak.run --kills 200
	$(PY) -m tests.soak.desk --kills 60

bench: .ready ## Run every measurement in bench/, beside other packages in an environment made for it
	@$(PY) -m tools.peers $(FILES)

shots: .ready ## Photograph the main pages at 1280 and 390 px into build/shots/
	@$(PY) -m tools.browser
	$(PY) -m tools.shots

docs: .ready ## Hold README, ARCHITECTURE, docs and changelog fragments against the code
	$(PY) -m pytest tests/test_docs.py tests/test_layers.py

reference: .ready ## Renew docs/reference/indicators.md from the catalogue
	$(PY) -m tools.reference

snapshots: .ready ## Renew the recorded snapshots; read the difference before committing it
	TOCSIN_SNAPSHOTS=renew $(PY) -m pytest -m "not slow and not browser"
	git --no-pager diff --stat -- tests

assets: ## Copy the front-end packages and compile the translations
	@python=$$(sh tools/find_python.sh) && "$$python" -m tools.environment demo && "$$python" -m tools.vendor
	@$(PY) -m tools.translations

lock: ## Renew the locks of Python and front-end packages to the newest versions
	@python=$$(sh tools/find_python.sh) && "$$python" -m tools.lock

clean: ## Remove what make has built, the demo's data included
	rm -rf .venv build dist var node_modules src/tocsin/office/static/vendor examples/*/prepared
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests tools -name '*.mo' -delete -o -name __pycache__ -prune -exec rm -rf {} +

# Everything that checks and tests need; quick when nothing changed.
.PHONY: .ready
.ready:
	@python=$$(sh tools/find_python.sh) && "$$python" -m tools.ready
