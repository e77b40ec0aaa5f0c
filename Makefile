# Everything a developer runs. `make demo` on a new machine installs what it needs first.
# What is done already is not done again: the stamps lie in .venv/.

# The first Python of 3.11 to 3.13 that starts (a version manager's shim may exist and not start).
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)

BIN := .venv/bin
INSTALLED := .venv/installed
MORE := .venv/installed-more
WARMED := .venv/warmed
PACKAGES := web/node_modules/.package-lock.json
PAGE := src/watchkeeper/console/assets/report.js
LAND := src/watchkeeper/layers/data/land.npz
KERNELS := $(shell grep -rl --include='*.py' '^@kernel' src)
FUZZ_SECONDS ?= 600
SEEDS ?= 20

.PHONY: help setup demo test lint bench quality quality-lock mutation peers fuzz docs lock behaviours-lock clean

help:  ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 18

setup: $(WARMED)  ## make .venv with the package in it, build the page and the land, compile the kernels

demo: setup  ## a simulated day: the ranked ships, the score against the truth, the report
	$(BIN)/watchkeeper demo

test: setup lint  ## lint, then every test
	scripts/need_chromium.sh
	scripts/need_postgres.sh
	scripts/need_brokers.sh
	scripts/need_network.sh
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: setup  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: setup $(MORE)  ## speed and memory against peers; writes docs/reference/benchmarks.md
	$(BIN)/python -m benchmarks

quality: setup  ## found, missed and false on simulated days; writes docs/reference/quality.md
	$(BIN)/python benchmarks/quality.py --seeds $(SEEDS)

quality-lock: setup  ## the same, and records it as the floors in quality.lock
	$(BIN)/python benchmarks/quality.py --seeds $(SEEDS) --lock

mutation: setup  ## break every behaviour in every simple way; names what the gate does not see
	$(BIN)/python benchmarks/mutation.py

peers: setup $(MORE)  ## rules of other systems on the same simulated days; writes docs/reference/peers.md
	$(BIN)/python benchmarks/peers.py

fuzz: setup $(MORE)  ## every decoder for FUZZ_SECONDS each (600)
	scripts/fuzz.sh $(FUZZ_SECONDS)

docs: setup  ## the documentation as a site, in site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

lock: $(MORE)  ## resolve the requirements anew; UPGRADE=--upgrade takes newer ones
	scripts/lock.sh $(UPGRADE)

behaviours-lock: $(INSTALLED)  ## record versions and defaults of the behaviours, where a change raised the version
	$(BIN)/python scripts/lock_behaviours.py

clean:  ## forget what was installed and built
	rm -rf .venv web/node_modules src/watchkeeper/console/assets src/watchkeeper/layers/data site dist demo
	find . -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements-build.lock requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found; set PYTHON=."; exit 1; }
	@echo "installing for $(PYTHON) into .venv"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements-build.lock
	$(BIN)/pip install --quiet --require-hashes --no-build-isolation -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(MORE): $(INSTALLED) requirements-more.lock
	@echo "installing what benchmarks, fuzzing and locking need"
	$(BIN)/pip install --quiet --require-hashes --no-build-isolation -r requirements-more.lock
	@touch $@

$(PACKAGES): web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "npm (Node.js 20 or newer) is needed to build the page and was not found."; exit 1; }
	cd web && npm ci --no-audit --no-fund
	@touch $@

$(PAGE): $(PACKAGES) $(wildcard web/src/*) web/vite.config.ts web/tsconfig.json
	cd web && npm run build
	@touch $@

$(LAND): scripts/build_land.py $(PACKAGES) $(INSTALLED)
	$(BIN)/python scripts/build_land.py web/node_modules/world-atlas/land-10m.json
	@touch $@

$(WARMED): $(INSTALLED) $(PAGE) $(LAND) $(KERNELS)
	$(BIN)/watchkeeper warm
	@touch $@
