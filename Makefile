# Two commands do all the set-up: `make run` serves the demo site, `make test` runs every test.
# Needs Python 3.11 or newer and make; everything else goes into .venv.

# The first that runs and is new enough: a name on the path may be a shim of a Python that is not there.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# A lock file names every package, so pip has nothing to resolve, and takes no file but those it knows.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps

.PHONY: install run test check bench format lock wheel clean

install: $(VENV)/.run

run: $(VENV)/.run
	$(BIN)/feedsvc serve

test: $(VENV)/.test
	$(BIN)/pytest -n 2

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m "not slow"

bench: $(VENV)/.test
	for file in $$(grep -l __main__ benchmarks/*.py); do echo "== $$file"; $(BIN)/python $$file || exit 1; done

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: $(VENV)/.test
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

# The newest versions that pyproject.toml allows, for every platform and Python at once.
lock:
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 \
	    pyproject.toml -o requirements.txt
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 \
	    pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "feedsvc needs Python 3.11 or newer; found none (or set PYTHON=...)" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
