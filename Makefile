# What people and CI type. Everything happens in .venv, made from constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.PHONY: demo test wire check bench torture fuzz clean venv locale

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt hatch_build.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fil commun needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make $(MAKECMDGOALS) PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo,test,postgres]'
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/filcommun demo $(DEMO)

test: $(STAMP)
	$(BIN)/python -m pytest -m 'not wire and not torture' $(TESTS)

wire: $(STAMP)
	$(BIN)/python -m pytest -m wire $(TESTS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/unit/test_architecture.py

bench: $(STAMP)
	$(BIN)/python -m bench

torture: $(STAMP)
	$(BIN)/python -m pytest -m torture $(TESTS)

fuzz: $(STAMP)
	$(BIN)/python -m pytest -m fuzz $(TESTS)

locale: $(STAMP)
	$(BIN)/python hatch_build.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis *.egg-info
