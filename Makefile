# `make demo` and `make test` do all the set-up on a fresh machine; `make check` is what CI runs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What runs the product, and what its tests and their extras need beside that.
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.ready
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest
# A file goes to one worker, so that what it makes once for its tests is made once.
CORES := --numprocesses auto --maxprocesses 4 --dist loadfile

WEB := web/node_modules/.built

.PHONY: setup web demo test check lint types architecture coverage floors bench docs clean

setup: $(STAMP)

$(RUNS): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Labelwright needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable .
	touch $@

$(STAMP): $(RUNS)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(INSTALL) --group dev --editable '.[embed,server,postgres]'
	touch $@

# The web app, for the server of this checkout; wheels build it themselves.
web: $(WEB)

$(WEB): $(STAMP) web/package-lock.json hatch_build.py $(shell find web/src web/public web/*.* -type f 2>/dev/null)
	$(BIN)/python hatch_build.py
	touch $@

demo: $(RUNS)
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

# Quick benchmarks of quality; none may fall under its floor (benchmarks/floors.toml).
floors: setup
	$(BIN)/python benchmarks/floors.py

check: lint types architecture coverage floors

# The tables of benchmarks/README.md are made from what is on record; a test compares them. Figures
# are made by benchmarks/run.py.
bench: setup
	$(BIN)/python benchmarks/tables.py

# The reference pages are made from the code; a test compares them.
docs: setup
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
