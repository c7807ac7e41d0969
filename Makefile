# Everything here works on a machine with git, make and Python 3.11 or newer. uv is used where it is found.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
UV := $(shell command -v uv 2>/dev/null)
NPM := $(shell command -v npm 2>/dev/null)

# The first Python on the path that is new enough; PYTHON=... overrides it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: no-npm help setup sdks demo test test-real check types lint format long bench bench-gateway load docs clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

$(PY):
	@test -n "$(UV)$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found on the path" >&2; exit 1; }
ifeq ($(UV),)
	$(PYTHON) -m venv $(VENV)
else
	$(UV) venv --quiet --python "$(or $(PYTHON),>=3.11)" $(VENV)
endif

# A virtual environment made by uv has no pip; ensurepip puts it there when uv is not at hand.
define install
	@echo "installing $(1) into $(VENV)"
	$(if $(UV),@$(UV) pip install --quiet --python $(PY) -e "$(1)",\
	@{ $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null; } && \
	$(PY) -m pip install --quiet --disable-pip-version-check -e "$(1)")
	@touch $@
endef

# Two stages: the demo and the benchmarks need little, the checks need much.
$(VENV)/.dev: $(PY) pyproject.toml
	$(call install,.[dev])

$(VENV)/.cli: $(PY) pyproject.toml
	$(call install,.[cli])

$(VENV)/.gateway: $(PY) pyproject.toml
	$(call install,.[gateway])

$(VENV)/.real: $(PY) pyproject.toml
	$(call install,.[real])

setup: $(VENV)/.dev sdks ## make .venv with everything in it

# The vendors' SDKs for JavaScript, which drive the gateway in the tests. The tests say so where they are missing.
SDKS := tests/gateway/node
SDKS_LOCK := $(SDKS)/node_modules/.package-lock.json

sdks: $(if $(NPM),$(SDKS_LOCK),no-npm)

$(SDKS_LOCK): $(SDKS)/package.json $(SDKS)/package-lock.json
	@echo "installing the SDKs for JavaScript into $(SDKS)"
	@$(NPM) ci --prefix $(SDKS) --silent --ignore-scripts --no-audit --no-fund && touch $@ || \
		echo "npm failed: tests that need these SDKs will be skipped" >&2

no-npm:
	@echo "npm is not on the path: tests that need the SDKs for JavaScript will be skipped"

demo: $(VENV)/.gateway ## a tour: fixtures converted both ways, then calls through the gateway, with what was lost
	@$(BIN)/metaphrase demo
	@$(BIN)/metaphrase demo --gateway

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/pyright

check: lint types ## style, types, and who imports whom

test: check sdks ## all checks, then the tests with the coverage gate
	$(BIN)/pytest -n auto --dist loadfile --cov --cov-report=term

test-real: $(VENV)/.real ## a real model behind the gateway (installs 350 MB besides)
	$(BIN)/pytest -m real tests/real

long: $(VENV)/.dev ## the property tests with many more examples
	$(BIN)/pytest --hypothesis-profile=long

bench: $(VENV)/.cli ## speed and memory beside their limits
	$(PY) -m benchmarks

bench-gateway: $(VENV)/.gateway ## throughput of the HTTP layer and of the gateway beside a bare proxy
	$(PY) -m benchmarks.gateway --check

load: $(VENV)/.gateway ## 1,000 streams at once, 10,000 requests with clients that leave, slow readers (Linux)
	$(PY) -m benchmarks.load

docs: $(VENV)/.cli ## write docs/support.md: what becomes of each field, measured
	$(PY) -m support

format: $(VENV)/.dev ## format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what was made, .venv too
	rm -rf $(VENV) $(SDKS)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
