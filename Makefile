# `make demo` and `make test` do all the set-up on a fresh machine; `make check` is what CI runs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
CORES := --numprocesses auto --maxprocesses 4

WEB := web/node_modules/.built

.PHONY: setup web demo test check lint types architecture coverage bench docs clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Labelwright needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev --editable '.[embed,server,postgres]'
	touch $@

# The web app, for the server of this checkout; wheels build it themselves.
web: $(WEB)

$(WEB): $(STAMP) web/package-lock.json hatch_build.py $(shell find web/src web/public web/*.* -type f 2>/dev/null)
	$(BIN)/python hatch_build.py
	touch $@

demo: setup
	$(BIN)/labelwright demo

test: setup web
	$(PYTEST) $(CORES)

lint: setup web
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python hatch_build.py run check
	$(BIN)/python hatch_build.py run test

types: setup
	$(BIN)/mypy

architecture: setup
	$(BIN)/lint-imports
	$(PYTEST) -q tests/architecture

# The same tests as `make test`, measured; the pure packages must be covered to the last branch.
coverage: setup web
	rm -f .coverage .coverage.*
	$(PYTEST) $(CORES) -m "slow or not slow" --cov=labelwright --cov-branch --cov-report=
	$(BIN)/coverage report --skip-covered --fail-under=90
	$(BIN)/coverage report --skip-covered --fail-under=100 \
	  --include='*/core/*,*/tasks/*,*/labelmodels/*,*/queue/*,*/quality/*'

check: lint types architecture coverage

bench: setup
	$(BIN)/python benchmarks/run.py

# The reference pages are made from the code; a test compares them.
docs: setup
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
