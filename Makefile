# The words of this project. `make` alone lists them.
# The first use makes .venv and installs; a change of the requirement files installs again.

PYTHON ?= python3
ADDRESS ?= localhost
VENV := .venv
PY := $(VENV)/bin/python
APP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.PHONY: help app test test-all lint format types bench golden compile clean
.DEFAULT_GOAL := help

help:  ## list the words
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' $(MAKEFILE_LIST)

app: $(APP) compile  ## open the app in the browser
	$(PY) -m streamlit run app.py --server.address=$(ADDRESS) --browser.gatherUsageStats=false

test: $(DEV) compile  ## quick tests, browser tests included (under two minutes once compiled)
	$(PY) -m pytest -q -m "not slow" -n auto --dist loadfile

test-all: $(DEV) compile  ## all tests, the statistical ones included
	$(PY) -m pytest -q

lint: $(DEV)  ## style and layout
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(DEV)  ## mend style and layout
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: $(DEV)  ## check types
	$(PY) -m mypy

bench: $(DEV) compile  ## time the engine
	$(PY) benchmarks/run.py

golden: $(DEV) compile  ## compute the stored results in tests/golden again
	$(PY) -m pytest -q -m golden --update-golden

compile: $(APP)  ## compile the kernels (once per machine and version, about a minute)
	@$(PY) -m viralbots.experiments.warmup

clean:  ## remove the environment and everything compiled
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find viralbots tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "ViralBots needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one, for example: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments."; \
	  echo "On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(APP): requirements.txt pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt -e .
	@touch $@

$(DEV): requirements-dev.txt $(APP)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
