# Everything a person or CI does with Frontdesk. Every target sets up what it needs.
#
#   make run        set up, then start the demo company on embedded Redis and SQLite
#   make test       set up, then every test: TypeScript, Python, browser
#   make test-engines  the desk's tests on each engine (Redis 6.2, Redis 7, Sentinel, Cluster); TESTS="tests/claims" for some
#   make check      format, lint, types, import contracts
#   make fix        format and repair what a machine can repair
#   make chaos      real processes, random faults, and a checker; ARGS="--seconds 600 --seed 7"
#   make loadtest   the load scenarios; ARGS="chat --seconds 20" for one of them
#   make build      the widget and the console into server/frontdesk/static
#   make lock       resolve the Python dependencies anew
#   make clean      remove all that make made

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run test test-client test-python test-engines check check-client fix chaos loadtest build lock clean

# The interpreter: ours when it is new enough, whatever it is called.
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do \
  "$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null \
  && command -v "$$p" && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CLIENT := client_js
CLIENT_SOURCES := $(shell find $(CLIENT) -type f \
  -not -path '*/node_modules/*' -not -path '*/test-results/*' -not -name '*.test.*' 2>/dev/null)
ARGS ?=
# Tests wait for processes and browsers more than they count: one more at a time than there are cores.
SPREAD := -n $(shell echo $$(( $$(nproc 2>/dev/null || echo 1) + 1 ))) --dist worksteal

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# --- set-up: each step leaves a stamp newer than what it was made from -----------------------------

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Frontdesk needs Python 3.11 or 3.12 on the PATH." >&2; exit 1; }
	$(PYTHON) -m venv .venv

# The package itself is installed in place, built by the setuptools that the lock pins.
.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# A browser for the browser tests: one that is here, else one that is fetched; never skipped.
.venv/.browser: .ci/browser .venv/.dev
	.ci/browser > $@.new
	@mv $@.new $@

# The proxies whose configuration is tested, in the same way.
.venv/.nginx .venv/.caddy: .venv/.%: .ci/proxy | .venv/bin/python
	.ci/proxy $* > $@.new
	@mv $@.new $@

# PostgreSQL's programs, in the same way.
.venv/.postgres: .ci/postgres | .venv/bin/python
	.ci/postgres > $@.new
	@mv $@.new $@

# A Redis 7 for the tests on Sentinel and Cluster: one that is here, else the system's package.
.venv/.redis: .ci/redis .venv/.dev
	.ci/redis > $@.new
	@mv $@.new $@

$(CLIENT)/node_modules/.made: $(CLIENT)/package.json $(CLIENT)/package-lock.json
	cd $(CLIENT) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

server/frontdesk/static/.made: $(CLIENT)/node_modules/.made $(CLIENT_SOURCES)
	cd $(CLIENT) && npm run --silent build
	@touch $@

build: server/frontdesk/static/.made

# --- what people ask for ---------------------------------------------------------------------------

run: .venv/.run build
	$(BIN)/frontdesk demo $(ARGS)

# The client first: its tests are quick. Each fails the run; pytest's closing line is the last one.
test: .venv/.dev .venv/.browser .venv/.nginx .venv/.caddy .venv/.redis .venv/.postgres build
	cd $(CLIENT) && npm run --silent test
	FRONTDESK_CHROMIUM="$$(cat .venv/.browser)" TEST_REDIS_SERVER="$$(cat .venv/.redis)" \
	  $(BIN)/python -m pytest $(SPREAD) $(ARGS)

test-client: $(CLIENT)/node_modules/.made
	cd $(CLIENT) && npm run --silent test

# Without the browser; ARGS="tests/test_config.py -k unknown" for a few.
test-python: .venv/.dev .venv/.nginx .venv/.caddy .venv/.redis .venv/.postgres
	TEST_REDIS_SERVER="$$(cat .venv/.redis)" \
	  $(BIN)/python -m pytest $(SPREAD) --ignore=tests/browser $(ARGS)

# Which Redis a test has is the engine's business (tests/engines); what it finds must be the same.
ENGINES := embedded62 redis7 sentinel cluster
ENGINE_TESTS := tests/storage tests/bus tests/presence tests/claims tests/conversations tests/events \
  tests/routing tests/web/test_inside.py tests/web/test_two_nodes.py tests/web/test_learning.py

test-engines: $(ENGINES:%=test-on-%)

test-on-%: .venv/.dev .venv/.redis .venv/.postgres
	TEST_REDIS_SERVER="$$(cat .venv/.redis)" TEST_ENGINE=$* \
	  $(BIN)/python -m pytest $(SPREAD) $(or $(TESTS),$(ENGINE_TESTS)) $(ARGS)

check: .venv/.dev check-client
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=server $(BIN)/lint-imports --no-logo

check-client: $(CLIENT)/node_modules/.made
	cd $(CLIENT) && npm run --silent check

fix: .venv/.dev $(CLIENT)/node_modules/.made
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd $(CLIENT) && npm run --silent format

# Fails with a sentence for whatever must not be, and names the folder with the history.
chaos: .venv/.dev
	$(BIN)/python -m tests.chaos $(ARGS)

loadtest: .venv/.dev build
	$(BIN)/python -m loadtest $(ARGS)

# Without the settings of this machine: another index or a local folder would leak into the hashes.
lock: .venv/.dev
	env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	  $(BIN)/pip-compile --output-file requirements.lock pyproject.toml
	env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	  $(BIN)/pip-compile --extra tracing \
	  --constraint requirements.lock --output-file requirements-tracing.lock pyproject.toml
	env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	  $(BIN)/pip-compile --extra test --extra load --extra dev --extra tracing \
	  --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	node $(CLIENT)/scripts/lock.mjs $(CLIENT)/package-lock.json loadtest/peers/package-lock.json

clean:
	rm -rf .venv build server/*.egg-info server/frontdesk/static $(CLIENT)/node_modules loadtest/peers/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
	find server tests loadtest -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
