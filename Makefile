# symflow: `make demo` shows what it does, `make test` checks everything, `make help` lists the rest.
# Needs a Python 3.11 or newer with venv and pip; everything else goes into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# Changed dependencies mean a new environment: the stamp is as old as the last complete install.
STAMP := $(VENV)/.installed
# Tests run in as many processes; one process per core is enough.
WORKERS ?= 2
# A Python to use instead of the newest suitable one.
PYTHON ?=
# The newest release that the dependencies declare comes first; later ones are used where alone.
PYTHONS := python3.13 python3.12 python3.11 python3.14 python3 python

.PHONY: help venv demo test lint bench fuzz docs clean

help:
	@echo "make venv   create $(VENV) and install symflow with its tools (the others do it as needed)"
	@echo "make demo   derive, export and train a small network; files go to demo/"
	@echo "make test   lint, types, import contracts and tests"
	@echo "make lint   the first three of them"
	@echo "make fuzz   long random search for mismatches"
	@echo "make bench  benchmarks, and tables of ratios against JAX by hand"
	@echo "make docs   write the generated pages of the documentation"
	@echo "make clean  remove $(VENV), demo/ and caches"

venv: $(STAMP)

$(STAMP): pyproject.toml
	@found=; bare=; \
	for python in $(or $(PYTHON),$(PYTHONS)); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		if "$$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then found=$$python; break; fi; \
		bare=$${bare:-$$python}; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
		version=$$("$$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "Python $$version is here, but its venv module is not complete. Install it, for example:" >&2; \
		echo "    Debian, Ubuntu:  apt install python$$version-venv" >&2; \
		echo "    elsewhere:       the package of Python $$version that holds venv and ensurepip (pip)" >&2; \
		exit 1; \
	elif [ -z "$$found" ]; then \
		echo "symflow needs Python 3.11 or newer with venv and pip; none was found among:" >&2; \
		echo "    $(or $(PYTHON),$(PYTHONS))" >&2; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name one:" >&2; \
		echo "    make $(or $(MAKECMDGOALS),venv) PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Installing into $(VENV) with $$("$$found" --version) (a minute or two) ..."; \
	"$$found" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,train]'
	@touch $@

demo: $(STAMP)
	@$(BIN)/symflow demo

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -q -n $(WORKERS)

fuzz: $(STAMP)
	$(BIN)/python -m pytest -q -n $(WORKERS) -m fuzz --hypothesis-profile=fuzz

bench: $(STAMP)
	$(BIN)/python -m pytest -q tests/benchmarks --benchmark-only
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.tables

docs: $(STAMP)
	@if [ -f docs/generate.py ]; then $(BIN)/python docs/generate.py; \
	else echo "No page of the documentation is generated; those written by hand:"; \
	find . -name '*.md' -not -path './.*' -not -path './demo/*' | sort | sed 's|^\./|    |'; fi

clean:
	rm -rf $(VENV) demo build dist *.egg-info
	rm -rf .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
