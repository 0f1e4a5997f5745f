# Two commands from a fresh clone, nothing before them: `make demo` and `make test`.
# A Python of your choice: make PYTHON=python3.13 demo

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/set-up
# pytest-xdist: a module stays in one process, so that a module's emulated rack is started once
WORKERS ?= 2
# a run against an emulated rack mostly waits: more of them than cores keep the cores busy
MATRIX_WORKERS ?= 4

.DEFAULT_GOAL := help
.PHONY: help setup system check test matrix demo bench docs clean

help:
	@echo 'make demo     set up, emulate a rack, accept it, say where the report is'
	@echo 'make test     set up, run all tests but the fault matrix'
	@echo 'make matrix   every fault against an emulated rack; one only: make matrix FAULT=never_idles'
	@echo 'make check    style, types, directions between packages'
	@echo 'make docs     write what docs/reference takes from the code'
	@echo 'make bench    the figures that the project claims'
	@echo 'make pictures the pictures of the README, drawn anew'
	@echo 'make setup    only set up; make clean removes all that was made'

setup: $(STAMP)

# Set up again only where the lock or the project's own description has changed.
$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo 'rackproof needs Python 3.11 to 3.13; name one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Programs that tests talk to; installs what is missing where it may, names the rest.
system:
	@./.ci/system-packages

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup system
	$(BIN)/python -m pytest -m 'not matrix' -n $(WORKERS) --dist loadscope

matrix: setup
	$(BIN)/python -m pytest tests/plans -m matrix -n $(MATRIX_WORKERS) $(if $(FAULT),-k '$(FAULT)')

demo: setup
	$(BIN)/rackproof demo

pictures: setup
	$(BIN)/python docs/pictures/make.py

bench: setup
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/bench.lock
	$(BIN)/python -m benchmarks

docs: setup
	$(BIN)/python -m tests.pages

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
