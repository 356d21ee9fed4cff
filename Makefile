# `make` lists all targets. `make serve` and `make test` require only Python 3.11 to 3.14.

# `python3`, or another version if it is too old, or so new that some packages have no wheels for it.
PYTHON ?= $(shell for newest in 14 99; do for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $$newest))" 2>/dev/null \
		&& echo $$python && exit; done; done)
BIN := .venv/bin
# The processes share one pair of servers; the tests of a file stay together because they share fixtures.
PARALLEL := --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
# Node 20.19, or 22.12 and newer, builds GraphiQL, the app and the test clients; without it, the server runs without them.
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
.PHONY: help serve test dictionary app-types pytest check style types format snapshots fuzz upstream bench bench-against package monitoring balance pgbouncer replicas citus attack load schema migrate seed graphiql app audits clients \
	suitable-node lock wheels advisories sbom measures clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

# GraphiQL is built while the packages are installed and the content is loaded: the server waits for it, and builds the
# app when it is ready.
serve: ## Start databases and server, with content (PORT, SHINJP_DATA_DIR)
	@$(MAKE) --no-print-directory graphiql & build=$$!; \
		$(MAKE) --no-print-directory dictionary && exec $(BIN)/shinjp serve --after $$build $(if $(filter true,$(NODE_SUITS)),--app)

# Types are checked while the tests run, so that both cores of a small machine stay busy.
test: types pytest ## Run all checks and tests

pytest: style audits clients app app-types dictionary ## Run the tests without type checks
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
FUZZED := tests/analysis/test_expressions.py tests/domain tests/content tests/common/test_metric_names.py tests/db/test_content_loading.py \
	tests/resolvers/search/test_forms.py \
	tests/resolvers/mutations/test_offline_devices.py tests/resolvers/mutations/test_two_devices.py \
	$(addprefix tests/engine/test_,differential.py field_merging.py footprint.py) \
	$(addprefix tests/schema/test_,cached_answers.py cost_bounds.py differential.py hostile_requests.py hostile_streams.py) \
	$(addprefix tests/server/test_,faults.py field_cache_model.py hostile_routes.py job_faults.py replicas.py supervisor.py)

fuzz: .venv/installed graphiql dictionary ## Run the randomised tests with new seeds (OPERATIONS=20000 HISTORIES=100 SEED=…)
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
	$(BIN)/python -m bench.change_notifications
	$(BIN)/python -m bench.jobs
	$(BIN)/python -m bench.exports

bench-against: .venv/installed ## Compare CPU of requests with the server of another checkout (SERVER=<checkout> OPERATIONS=book,…)
	@test -n "$(SERVER)" || { echo "SERVER=<checkout> is required."; exit 1; }
	@$(BIN)/python -m bench.against $(OPERATIONS) --server $(SERVER)

package: .venv/installed graphiql ## Build the package by the steps of the Dockerfile, and run it with its own dependencies only
	PACKAGE=1 $(BIN)/pytest -n 0 tests/test_package.py

monitoring: .venv/installed ## Scrape four processes with Debian's Prometheus and evaluate the board and the alerts
	@command -v promtool >/dev/null || { echo "Prometheus is required (Debian: apt install prometheus)."; exit 1; }
	MONITORING=1 $(BIN)/pytest -n 0 tests/server/test_monitoring.py

# Not those that end connections or read the sessions of PostgreSQL: PgBouncer has its own.
POOLED := tests/loaders tests/resolvers $(addprefix tests/db/test_,account_policies.py analytics.py changes.py content_policies.py \
	crammed_answers.py deleted_cards.py filters.py learner_days.py pgbouncer.py reads.py row_changes.py row_level_security.py transactions.py)

pgbouncer: .venv/installed ## Run the tests of the database through Debian's PgBouncer, in transaction mode
	@command -v pgbouncer >/dev/null || { echo "PgBouncer is required (Debian: apt install pgbouncer)."; exit 1; }
	PGBOUNCER=1 $(BIN)/pytest -n 0 $(POOLED)

replicas: .venv/installed ## Run the tests with read replicas for long, and promotions under load (HISTORIES=20)
	REPLICAS=1 FUZZ_HISTORIES=$(or $(HISTORIES),20) $(BIN)/pytest -n 0 --timeout=0 tests/db/test_replicas.py \
		tests/server/test_replicas.py tests/server/test_promotion.py

CITUS_PROGRAMS := .data/citus/usr/lib/postgresql/15/bin

citus: .venv/installed ## Distribute learners with Citus on three servers, test and measure (CITUS_SOURCE=<checkout> LEARNERS=10000)
	@test -x $(CITUS_PROGRAMS)/postgres || test -n "$(CITUS_SOURCE)" || { echo "CITUS_SOURCE=<checkout of Citus> is required."; exit 1; }
	@test -x $(CITUS_PROGRAMS)/postgres || deploy/citus/build "$(CITUS_SOURCE)" .data/citus
	$(BIN)/python -m bench.citus $(CITUS_PROGRAMS) --learners $(or $(LEARNERS),10000)

balance: .venv/installed ## Restart and kill processes behind Debian's HAProxy under load (BALANCE_RATE=500)
	@command -v haproxy >/dev/null || { echo "HAProxy is required (Debian: apt install haproxy)."; exit 1; }
	BALANCE=1 $(BIN)/pytest -n 0 --capture=no tests/server/test_balance.py tests/server/test_balancer_rules.py tests/server/test_shutdown.py

attack: .venv/installed graphiql ## Measure latency and memory under attack (ATTACKS=cost,… SERVER=<checkout>)
	@$(BIN)/python -m bench.attacks $(ATTACKS) $(if $(SERVER),--server $(SERVER))

# Options are those of `python -m bench.load --help`.
load: .venv/installed graphiql ## Measure the load that this machine holds, with k6 (LOAD="steady --rate 300" SOAK_MINUTES=30)
	@command -v k6 >/dev/null || { echo "k6 is required: bench/load/README.md."; exit 1; }
	@$(BIN)/python -m bench.load $(LOAD)

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
	@test -e server/graphiql/static/index.html || echo "Node 20.19, or 22.12 and newer, with npm is not installed: GraphiQL, the app and their tests are skipped."
endif

server/graphiql/static/index.html: $(wildcard server/graphiql/package*.json server/graphiql/src/* server/graphiql/*.html server/graphiql/*.config.*)
	@echo "Building GraphiQL …"
	@cd server/graphiql && npm ci --silent --prefer-offline --no-audit --no-fund && npm run --silent build
	@touch $@

WEB := examples/web
WEB_SOURCES := $(shell find $(WEB)/src -type f -not -path '*/generated/*') $(wildcard $(WEB)/*.json $(WEB)/*.ts $(WEB)/*.html)

app: ## Build the example app, if Node is installed
	@test -z "$(NODE_SUITS)" || $(MAKE) --no-print-directory $(WEB)/dist/index.html

$(WEB)/dist/index.html: $(WEB)/node_modules/installed $(WEB)/src/graphql/generated/index.ts $(WEB_SOURCES)
	@echo "Building the app …"
	@cd $(WEB) && npm run --silent build
	@touch $@

$(WEB)/src/graphql/generated/index.ts: $(WEB)/tools/node_modules/installed schema/schema.graphql $(WEB)/tools/codegen.js $(WEB_SOURCES)
	@cd $(WEB) && npm run --silent codegen
	@touch $@

%/node_modules/installed: %/package-lock.json
	@cd $* && npm ci --silent --prefer-offline --no-audit --no-fund
	@touch $@

app-types: app ## Check the types of the example app, if Node is installed
	@test -z "$(NODE_SUITS)" || (cd $(WEB) && npm run --silent types)

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
	@test -z "$(NODE_SUITS)" || $(MAKE) --no-print-directory tests/server/audits/node_modules/installed

# Relay's compiler reads the schema.
CLIENTS := tests/clients/package.json tests/clients/package-lock.json $(wildcard tests/clients/*.config.* tests/clients/src/*.js)

clients: ## Build the pages of the front-end client tests, if Node is installed
	@test -z "$(NODE_SUITS)" || $(MAKE) --no-print-directory tests/clients/dist/built

tests/clients/dist/built: tests/clients/node_modules/installed schema/schema.graphql $(CLIENTS)
	@echo "Building the clients …"
	@cd tests/clients && mkdir -p build && cp ../../schema/schema.graphql build/ && npm run --silent build
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
		tests/clients/node_modules tests/clients/build tests/clients/dist tests/clients/src/__generated__ \
		$(WEB)/node_modules $(WEB)/tools/node_modules $(WEB)/dist $(WEB)/src/graphql/generated

# uv installs the packages in seconds instead of a minute. Its version and hash are locked like the others. The pip of
# $(PYTHON) installs it, if there is one: a second pip takes as long to install as all packages.
INSTALL_UV := install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.txt

.venv/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { echo "Python 3.11 or newer is required: make serve PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	@echo "Installing the packages …"
	@test -x $(BIN)/uv || { grep -A40 '^uv==' requirements.lock | awk 'NR==1 || /--hash/ {print; next} {exit}' > .venv/uv.txt; \
		$(PYTHON) -m pip --python $(BIN)/python $(INSTALL_UV) 2>/dev/null \
		|| { $(BIN)/python -m ensurepip >/dev/null 2>&1 \
			|| { rm -rf .venv; echo "Python's venv module is required (Debian: apt install python3-venv)."; exit 1; }; \
			$(BIN)/python -m pip $(INSTALL_UV); }; }
	@export VIRTUAL_ENV=$(CURDIR)/.venv; $(call cached_first,$(BIN)/uv pip sync --quiet --require-hashes requirements.lock)
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
