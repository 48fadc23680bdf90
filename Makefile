# make study: install the environment, then run the default study.   make test: install it, then run all tests.
# make quick: test the core of the library in two minutes.   make test-services: test with a cluster, and after kills.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# The tests of `make quick`: from a study file to its runs, and one small workflow. Tests marked slow are left out. The
# slowest remaining tests are listed at the end, so that a test that has become slow is noticed.
CORE := $(addprefix tests/unit/,test_structure.py cli study planning families tasks corpora runs common) \
	$(addprefix tests/unit/analysis/,data statistics) tests/workflow/test_kept_models.py

.PHONY: study test test-services quick bench clean

study: $(READY)
	$(BIN)/snakemake --cores all

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal

# These tests start servers and kill processes, so they run one after the other. `make test` leaves them out.
test-services: $(READY)
	$(BIN)/python -m pytest --durations=10 $(wildcard tests/cluster tests/faults)

quick: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" --durations=10 $(CORE)

# Install every package at the version in constraints.txt. The stamp is written last, so a failed installation is redone.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

# Measure the ratios of docs/developing/performance.md again and write them there.
bench: $(READY)
	cd benchmarks && PATH=$(CURDIR)/$(BIN):$$PATH python bench.py

clean:
	rm -rf .venv results .snakemake
