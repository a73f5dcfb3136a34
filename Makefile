# Everything runs from .venv, installed from constraints.txt; no step needs anything but Python ≥ 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
DEMO := artifacts/demo

# Plain dbt finds the profile through this one variable (README, "Running dbt yourself").
export DBT_PROFILES_DIR := $(CURDIR)/profiles
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
# Tests and benchmarks start hundreds of processes, and none shall compile what another one has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test lint bench soak engines parity verify-cloud clean lock
.DELETE_ON_ERROR:

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Landfall needs Python 3.11 or newer; run: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'
	touch $@

# A warehouse of its own, so that trying the demo again never touches what the project holds.
demo: export LANDFALL_DUCKDB_PATH := $(CURDIR)/artifacts/demo.duckdb
demo: install
	@rm -rf $(DEMO) artifacts/demo.duckdb artifacts/demo.duckdb.wal
	$(BIN)/loaders demo $(DEMO)
	$(BIN)/loaders ingest $(DEMO)
	$(BIN)/loaders generate --check
	$(BIN)/dbt --quiet build
	$(BIN)/loaders audit
	@$(BIN)/loaders demo --next-steps $(DEMO)

# One worker per processor; a file's tests stay together, since they share what is slow to make.
test: install lint
	$(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# sqlfluff lints macros where they are used: the dbt templater renders models and tests, not definitions. Its warehouse
# is in memory so that two processes can compile at once.
lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/loaders contracts lint
	$(BIN)/loaders generate --check
	LANDFALL_DUCKDB_PATH=:memory: $(BIN)/sqlfluff lint --disable-progress-bar --processes 2 models tests/dbt

bench: install
	$(BIN)/python -m bench

# SOAK="--minutes 20" or SOAK="--only kills --kills 200" for less than everything.
soak: install
	$(BIN)/python -m tests.soak $(SOAK)

# ENGINES="fakesnow goccy" for some of them; without it all but goccy, which takes ten minutes and 7 GB to build.
engines: install
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev,snowflake,bigquery]'
	$(BIN)/python tests/engines/install.py $(ENGINES)

# ENGINES="postgres sail" for some of those that are installed; DATA=demo leaves the Olist files out; PARITY=--write puts
# the matrix into docs/engines.md.
parity: install
	$(BIN)/python -m tests.parity --engines "$(ENGINES)" --data "$(DATA)" $(PARITY)

# On the real service, in schemas of its own that are dropped again: TARGET=snowflake, bigquery or databricks. The code
# without make says how it ended: 3 where a variable is not set.
verify-cloud: install
	@$(BIN)/python -m tests.parity.cloud $(TARGET)

clean:
	rm -rf .venv target logs artifacts dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

lock: install
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-header --no-annotate --no-emit-index-url pyproject.toml -o constraints.txt
	echo 'uv==0.13.8' >> constraints.txt
