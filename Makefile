# `make` lists all targets. `make serve` and `make test` require only Python 3.11 to 3.14.

# `python3`, or another version if it is too old, or so new that some packages have no wheels for it.
PYTHON ?= $(shell for newest in 14 99; do for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $$newest))" 2>/dev/null \
		&& echo $$python && exit; done; done)
BIN := .venv/bin
# The processes share one pair of servers; the tests of a file stay together because they share fixtures.
PARALLEL := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
# Node 20.19, or 22.12 and newer, builds GraphiQL and the test clients; without it, the server runs without GraphiQL.
NODE_SUITS := $(shell command -v npm >/dev/null && node -p \
	'const [major, minor] = process.versions.node.split(".").map(Number); major > 22 || (major == 22 && minor >= 12) || (major == 20 && minor >= 19)')

# Behind a TLS-intercepting proxy: pip, uv and npm use the system's certificates.
SYSTEM_CERTS := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
	/etc/ssl/ca-bundle.pem /etc/ssl/cert.pem))
UV_SYSTEM_CERTS ?= true
NODE_USE_SYSTEM_CA ?= 1
export UV_SYSTEM_CERTS NODE_USE_SYSTEM_CA
ifneq ($(SYSTEM_CERTS),)
REQUESTS_CA_BUNDLE ?= $(SYSTEM_CERTS)
# For Node before 22.19 and 24.6, which do not support NODE_USE_SYSTEM_CA.
NODE_EXTRA_CA_CERTS ?= $(SYSTEM_CERTS)
export REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS
endif

# From uv's cache if it has all packages: otherwise an index that does not confirm their age makes uv download them, and
# build the dictionary, again. Hashes are verified in either case.
cached_first = $(1) --offline 2>/dev/null || $(1)

# Commands of a target share the bytecode of the modules that they import.
unexport PYTHONDONTWRITEBYTECODE

# Install Python and npm packages in parallel, and check types while tests run.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=2
endif

.DEFAULT_GOAL := help
.PHONY: help serve test dictionary pytest check style types format snapshots fuzz upstream bench bench-against monitoring attack schema migrate seed graphiql audits clients \
	suitable-node lock wheels advisories sbom measures clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

serve: .venv/installed graphiql dictionary ## Start databases and server, with content (PORT, SHINJP_DATA_DIR)
	@exec $(BIN)/shinjp serve

# Types are checked while the tests run, so that both cores of a small machine stay busy.
test: types pytest ## Run all checks and tests

pytest: style audits clients dictionary ## Run the tests without type checks
	$(BIN)/pytest $(PARALLEL)

check: types style ## Run the checks that need no server: style, wording, types, imports, schema

style: .venv/installed graphiql ## Check style, wording, imports and the schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python .ci/wording.py
	$(BIN)/lint-imports
	$(BIN)/shinjp schema --check
	$(BIN)/shinjp schema check --no-usage

types: .venv/installed ## Check types
	$(BIN)/mypy

format: .venv/installed ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

snapshots: .venv/installed ## Update the snapshots of statements, plans and results
	$(BIN)/pytest --update-snapshots tests/statements

# Tests that read FUZZ_SEED, or another of these variables.
FUZZED := tests/domain tests/content tests/db/test_content_loading.py tests/resolvers/search/test_forms.py \
	tests/resolvers/mutations/test_offline_devices.py tests/resolvers/mutations/test_two_devices.py \
	$(addprefix tests/engine/test_,differential.py field_merging.py footprint.py) \
	$(addprefix tests/schema/test_,cached_answers.py differential.py hostile_requests.py hostile_streams.py) \
	$(addprefix tests/server/test_,faults.py field_cache_model.py hostile_routes.py job_faults.py supervisor.py)

fuzz: .venv/installed ## Run the randomised tests with new seeds (OPERATIONS=20000 HISTORIES=100 SEED=…)
	FUZZ_OPERATIONS=$(or $(OPERATIONS),20000) FUZZ_HISTORIES=$(or $(HISTORIES),100) FUZZ_JOBS=1000 \
		FUZZ_SYNCHRONISATIONS=1000 FUZZ_SEED=$(or $(SEED),$(shell date +%s)) $(BIN)/pytest --timeout=0 $(FUZZED)

upstream: .venv/installed ## Run graphql-core's and Strawberry's test suites with plans
	tests/upstream/run

bench: .venv/installed graphiql ## Run the benchmarks (`make seed` first for realistic data)
	$(BIN)/python -m bench.comparison
	$(BIN)/python -m bench.queries
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.caching
	$(BIN)/python -m bench.reviews
	$(BIN)/python -m bench.jobs
	$(BIN)/python -m bench.exports

bench-against: .venv/installed ## Compare CPU of requests with the server of another checkout (SERVER=<checkout> OPERATIONS=book,…)
	@test -n "$(SERVER)" || { echo "SERVER=<checkout> is required."; exit 1; }
	@$(BIN)/python -m bench.against $(OPERATIONS) --server $(SERVER)

monitoring: .venv/installed ## Scrape four processes with Debian's Prometheus and evaluate the board and the alerts
	@command -v promtool >/dev/null || { echo "Prometheus is required (Debian: apt install prometheus)."; exit 1; }
	MONITORING=1 $(BIN)/pytest -n 0 tests/server/test_monitoring.py

attack: .venv/installed graphiql ## Measure latency and memory under attack (ATTACKS=cost,… SERVER=<checkout>)
	@$(BIN)/python -m bench.attacks $(ATTACKS) $(if $(SERVER),--server $(SERVER))

schema: .venv/installed ## Write schema/schema.graphql
	$(BIN)/shinjp schema --write

migrate: .venv/installed ## Migrate the database to the newest version
	$(BIN)/shinjp migrate

seed: .venv/installed ## Generate benchmark data in the database (ARGS="--learners 10000 …")
	$(BIN)/shinjp seed $(ARGS)

graphiql: ## Build GraphiQL, if Node is installed
ifeq ($(NODE_SUITS),true)
	@$(MAKE) --no-print-directory server/graphiql/static/index.html
else
	@test -e server/graphiql/static/index.html || echo "Node 20.19, or 22.12 and newer, with npm is not installed: GraphiQL and its test are skipped."
endif

server/graphiql/static/index.html: $(wildcard server/graphiql/package*.json server/graphiql/src/* server/graphiql/*.html server/graphiql/*.config.*)
	@echo "Building GraphiQL …"
	@cd server/graphiql && npm ci --silent --prefer-offline --no-audit --no-fund && npm run --silent build
	@touch $@

dictionary: .venv/installed ## Install JMdict and KanjiVG, if there is network access
	@$(MAKE) --no-print-directory .venv/dictionary || echo "JMdict is not installed: the server has the words of the JLPT lists only."

# JMdict's is the only package without a wheel: it unpacks its database when it is built. A compressed wheel takes twice as long.
DICTIONARY_OPTIONS := --require-hashes --build-constraints requirements-dictionary.lock --config-setting=--build-option=--compression=stored

.venv/dictionary: requirements-dictionary.lock .venv/installed
	@echo "Installing the dictionary …"
	@awk '/^[a-z0-9]/ { wanted = /^(jamdict-data|kanjivg)==/ } wanted' requirements-dictionary.lock > .venv/dictionary.txt
	@export VIRTUAL_ENV=$(CURDIR)/.venv; $(call cached_first,$(BIN)/uv pip install --quiet $(DICTIONARY_OPTIONS) -r .venv/dictionary.txt)
	@touch $@

audits: ## Install the audit tools, if Node is installed
	@test -z "$(NODE_SUITS)" || $(MAKE) --no-print-directory tests/server/audits/node_modules

tests/server/audits/node_modules: tests/server/audits/package-lock.json
	@cd tests/server/audits && npm ci --silent --prefer-offline --no-audit --no-fund
	@touch $@

# Relay's compiler reads the schema.
CLIENTS := tests/clients/package.json tests/clients/package-lock.json $(wildcard tests/clients/*.config.* tests/clients/src/*.js)

clients: ## Build the pages of the front-end client tests, if Node is installed
	@test -z "$(NODE_SUITS)" || $(MAKE) --no-print-directory tests/clients/dist/built

tests/clients/dist/built: tests/clients/node_modules/installed schema/schema.graphql $(CLIENTS)
	@echo "Building the clients …"
	@cd tests/clients && mkdir -p build && cp ../../schema/schema.graphql build/ && npm run --silent build
	@touch $@

tests/clients/node_modules/installed: tests/clients/package-lock.json
	@cd tests/clients && npm ci --silent --prefer-offline --no-audit --no-fund
	@touch $@

suitable-node: ## Check that Node is new enough for GraphiQL and the test clients
	@test "$(NODE_SUITS)" = true || { echo "Node 20.19, or 22.12 and newer, with npm is required: `node --version 2>&1`."; exit 1; }

lock: ## Update the lock files
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --extra embedded --extra dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header -c requirements.lock pyproject.toml -o requirements-production.lock
	echo 'jamdict-data>=1.5,<2 kanjivg>=20260714 setuptools wheel' | tr ' ' '\n' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header \
		--no-annotate -c requirements.lock - -o requirements-dictionary.lock

wheels: .venv/installed ## Resolve the lock with wheels only, for every supported Python and platform
	@$(BIN)/python .ci/wheels.py

advisories: .venv/installed ## Check the locked packages against advisory databases
	$(BIN)/python .ci/advisories.py

# An exact version, so that the same locks produce the same files.
CYCLONEDX := cyclonedx-bom==7.5.0

sbom: .venv/installed ## Write bills of materials (CycloneDX) to dist/
	@mkdir -p dist
	$(BIN)/uv tool run --from '$(CYCLONEDX)' cyclonedx-py requirements requirements-production.lock --pyproject pyproject.toml \
		--mc-type application --output-reproducible --output-format JSON --output-file dist/sbom.cdx.json
ifeq ($(NODE_SUITS),true)
	@cd server/graphiql && npm sbom --sbom-format cyclonedx --package-lock-only --omit dev > ../../dist/sbom-graphiql.cdx.json
else
	@echo "Node is not installed: the bill of materials of GraphiQL is skipped." >&2
endif

measures: .venv/installed ## Print files, lines, complexity, import circles, Any and type ignores by folder
	@$(BIN)/python .ci/measures.py

clean: ## Remove all generated files, including data
	rm -rf .venv .data dist server/graphiql/static server/graphiql/node_modules tests/server/audits/node_modules \
		tests/clients/node_modules tests/clients/build tests/clients/dist tests/clients/src/__generated__

# uv installs the packages in seconds instead of a minute. Its version and hash are locked like the others.
.venv/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { echo "Python 3.11 or newer is required: make serve PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is required (Debian: apt install python3-venv)."; exit 1; }
	@echo "Installing the packages …"
	@test -x $(BIN)/uv || { grep -A40 '^uv==' requirements.lock | awk 'NR==1 || /--hash/ {print; next} {exit}' > .venv/uv.txt \
		&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.txt; }
	@export VIRTUAL_ENV=$(CURDIR)/.venv; $(call cached_first,$(BIN)/uv pip sync --quiet --require-hashes requirements.lock)
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
