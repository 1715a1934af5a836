# The five things one does in this repository. `make` lists them.

PYTHON ?= python3
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup serve test check check-code check-data docs

help: ## list the commands
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST)

$(BIN)/publisher: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -e '.[test,fast]'
	@touch $@

setup: $(BIN)/publisher ## create .venv and install the package, editable, with everything the tests use

serve: setup ## serve the graph at http://127.0.0.1:8000/
	$(BIN)/publisher serve

test: setup ## run the tests; ARGS="-n 0 tests/docs/test_docs.py" chooses
	$(BIN)/pytest $(ARGS)

check: check-code check-data ## check style, layers, types, the documentation and the shipped data

check-code: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/architecture tests/docs

check-data: setup
	$(BIN)/publisher tidy --check
	$(BIN)/publisher validate
	$(BIN)/pytest tests/shipped_data

docs: setup ## rewrite what the documentation takes from the code
	$(BIN)/python docs/generate.py
