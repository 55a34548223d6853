# What people and CI type. Everything happens in .venv, made from constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
PIP := -m pip install --quiet --disable-pip-version-check
# Every version is pinned, those that build the package too.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
# Where `make install` puts the program and an empty folder for its memory (the Dockerfile says /opt/...).
PREFIX ?= $(CURDIR)/build/filcommun
DATA ?= $(PREFIX)/data
# More for pytest: make test TESTS='tests/unit -k config'
TESTS ?=
# Most tests wait for a socket or a disk half their time: two to a core.
WORKERS ?= $(shell echo $$(( 2 * $$(getconf _NPROCESSORS_ONLN) )))

.PHONY: help demo test wire check bench torture fuzz docs picture locale venv install clean

help:
	@echo 'make demo      half a minute of a community: Telegram, Signal and mail on this machine, no account needed'
	@echo 'make test      the tests (TESTS=path for some of them); make wire: the longer ones, over sockets'
	@echo 'make check     ruff, mypy --strict and the architecture test'
	@echo 'make bench     the speed, beside the raw limit of the libraries'
	@echo 'make torture   kill -9, two hundred times; make fuzz: input nobody sane would send'
	@echo 'make docs      write config.example.toml and docs/reference anew'
	@echo 'make picture   play the demo and draw docs/demo.svg anew, as it ends'
	@echo 'make install   the program alone, in PREFIX; make clean: remove what the others made'

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fil commun needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make $(MAKECMDGOALS) PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'Python lacks its venv module. On Debian or Ubuntu type: sudo apt install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) -e '.[demo,test,postgres]'
	@touch $(STAMP)

demo: $(STAMP)
	$(BIN)/filcommun demo $(DEMO)

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m 'not wire and not postgres and not torture and not fuzz' $(TESTS)

wire: $(STAMP)
	$(BIN)/python -m pytest -m wire $(TESTS)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m 'postgres and not wire' $(TESTS)

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

docs: $(STAMP)
	$(BIN)/python -m bot.reference

picture: $(STAMP)
	LC_ALL=en_GB.UTF-8 $(BIN)/python -m bot.demo.picture docs/demo.svg

locale: $(STAMP)
	$(BIN)/python hatch_build.py

install:
	$(PYTHON) -m venv $(PREFIX)
	$(PREFIX)/bin/python $(PIP) '.[postgres]'
	mkdir -p $(DATA)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis .pytest_cache *.egg-info
