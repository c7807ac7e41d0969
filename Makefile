# Everything here works on a machine with git, make and Python 3.11 or newer. uv is used where it is found.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
UV := $(shell command -v uv 2>/dev/null)

# The first Python on the path that is new enough; PYTHON=... overrides it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check types lint format long bench bench-gateway clean

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

setup: $(VENV)/.dev ## make .venv with everything in it

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

test: check ## all checks, then the tests with the coverage gate
	$(BIN)/pytest --cov --cov-report=term

long: $(VENV)/.dev ## the property tests with many more examples
	$(BIN)/pytest --hypothesis-profile=long

bench: $(VENV)/.cli ## speed and memory beside their limits
	$(PY) -m benchmarks

bench-gateway: $(VENV)/.gateway ## throughput of the HTTP layer beside a bare proxy
	$(PY) -m benchmarks.gateway --check

format: $(VENV)/.dev ## format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what was made, .venv too
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
