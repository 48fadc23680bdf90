# make study: the environment, then the default study.   make test: the environment, then every test.
# make quick: the heart of the library, in two minutes.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# What `make quick` tests: from a study to its runs, and one small workflow. Tests marked slow are left out; the slowest
# of the others are listed at the end, so that one that has become slow is seen.
HEART := $(addprefix tests/unit/,test_house.py cli study planning families tasks corpora runs common) \
	$(addprefix tests/unit/analysis/,data statistics) tests/workflow/test_kept_models.py

.PHONY: study test quick bench clean

study: $(READY)
	$(BIN)/snakemake --cores all

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal tests

quick: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" --durations=10 $(HEART)

# Every package at the version of constraints.txt. The stamp is written last: a broken installation is redone.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

# The ratios of docs/developing/performance.md, measured anew and written there.
bench: $(READY)
	cd benchmarks && PATH=$(CURDIR)/$(BIN):$$PATH python bench.py

clean:
	rm -rf .venv results .snakemake
