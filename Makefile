# Linux and macOS (on Windows: WSL). Needs python3 ≥ 3.11; Go where there is no pulumi; uv makes it faster.
# Nothing asks a question, nothing needs root, nothing is written outside the checkout and the user's caches.

PYTHON ?= python3
STACK  ?= sandbox
ARGS   ?=

venv   := .venv/bin/python
stack  := $(venv) -m provider.tools.engine.sandbox
# Byte code is kept also where PYTHONDONTWRITEBYTECODE is set: compiling the tests takes each worker 11 s.
pytest := PATH="$(CURDIR)/.venv/bin:$$PATH" PYTHONDONTWRITEBYTECODE= $(venv) -m pytest
parallel := $(pytest) -n auto --maxprocesses 8 --dist worksteal tests --ignore tests/live

.PHONY: help up preview down test check lowest generate docs readme bench mutants soak trouble dist lock environment engine infrastructure browser postgresql containerfile screenshot
.DEFAULT_GOAL := help

help:
	@echo "make up       environment, engine and emulator where missing, then 'pulumi up' of STACK (sandbox)"
	@echo "make preview  what 'make up' would change"
	@echo "make down     'pulumi destroy' of STACK; stops the emulator"
	@echo "make test     what a contributor has to know, without an account, the real engine included; minutes"
	@echo "make check    format, lint, types, import rules, dependencies, generated files; under a minute"
	@echo "make lowest   tests with the lowest versions that pyproject.toml allows, in an environment of their own"
	@echo "make generate constructors, pages of resources and commands, and the table in README.md, anew"
	@echo "make bench    requests, wall time, imports, state, SaaS service, as tables and in .bench/"
	@echo "make mutants  score of the tests: small changes of the code that they notice, at least 85 %; an hour or two"
	@echo "make soak     every test; every fault at every request, every odd answer, 1200 interleavings, 150 kills; hours"
	@echo "make dist     wheel and source distribution, into dist/"
	@echo "make lock     provider/requirements.lock anew from pyproject.toml (needs uv)"
	@echo "STACK=rehearsal has Azure resources beside the offers, which are played: no account, the SDKs once (500 MB)"
	@echo "STACK=name picks another stack, ARGS='…' goes to pulumi or pytest, PYTHON=python3.13 makes the environment"

# Nothing for the stack sandbox: only stacks with Azure resources need their SDKs.
needs := $(shell grep -qs '^ *infrastructure:own: "true"' stacks/Pulumi.$(STACK).yaml && echo infrastructure)
up preview down: engine $(needs)
	@$(stack) $@ --stack $(STACK) $(addprefix --,$(needs)) $(ARGS)

test: engine infrastructure browser postgresql
	@$(parallel) $(ARGS)

check: environment containerfile
	$(venv) -m ruff format --check .
	$(venv) -m ruff check .
	$(venv) -m mypy
	$(venv) -m mypy stacks
	$(venv) -m mypy -p provider.tools
	.venv/bin/lint-imports
	.venv/bin/deptry --no-ansi provider/pulumi_partnercenter
	.venv/bin/deptry --no-ansi provider/tools provider/template tests stacks --exclude '$$^' --ignore DEP001,DEP002,DEP004
	$(venv) -m provider.tools.words
	$(venv) -m provider.tools.engine.bounds
	$(venv) -m provider.tools.generate --check
	@if [ -x .containerfile/bin/hadolint ]; then .containerfile/bin/hadolint provider/saas.Containerfile; \
	  else echo "provider/saas.Containerfile is not linted: hadolint has no build for this platform" >&2; fi

# Sign-in, HTTP, files, pictures, the engine's side, the emulator: whatever a dependency does for us.
lowest: environment
	@$(PYTHON) -m provider.tools.engine.environment --lowest
	@.lowest/bin/python -m pytest tests/unit tests/contract/test_protocol.py tests/resources/test_offer.py \
	  tests/resources/test_listing_image.py --ignore tests/unit/test_engine.py --ignore tests/unit/test_bench.py $(ARGS)

# `docs` and `readme` are earlier names.
generate docs readme: environment
	$(venv) -m provider.tools.generate

bench: engine postgresql
	@$(venv) -m provider.tools.bench $(ARGS)

# Small changes of the code that the tests have to notice. An hour or two; ARGS="--tenths 2" takes a fifth of them.
mutants:
	@$(PYTHON) -m provider.tools.engine.environment --mutation
	@.mutation/bin/python -m provider.tools.mutants $(ARGS)

# What `make test` takes a sample of: all tests, and the whole tables, printed. `trouble` is its earlier name.
soak trouble: engine infrastructure browser postgresql
	@$(parallel) --soak
	@$(venv) -m tests.resources.faults
	@$(venv) -m tests.resources.interleavings
	@$(venv) -m tests.resources.mutations
	@$(venv) -m tests.contract.fulfillment_faults
	@$(venv) -m tests.saas.attacks
	@$(venv) -m tests.saas.usage_faults
	@$(venv) -m tests.saas.crashes
	@$(venv) -m tests.stacks.crashes $(ARGS)

dist: environment
	$(venv) -m hatchling build --directory dist

# The locks name packages, versions and hashes, and no place to get them from. `make lock ARGS=--upgrade` renews all.
compile := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock:
	$(compile) --all-extras --group dev --output-file provider/requirements.lock pyproject.toml $(ARGS)
	$(compile) --group infrastructure --constraint provider/requirements.lock \
	  --output-file provider/requirements.infrastructure.lock pyproject.toml $(ARGS)
	$(compile) --group pyproject.toml:browser --constraint provider/requirements.lock \
	  --output-file provider/requirements.browser.lock $(ARGS)
	$(compile) --group pyproject.toml:postgresql --output-file provider/requirements.postgresql.lock $(ARGS)
	$(compile) --group pyproject.toml:containerfile --output-file provider/requirements.containerfile.lock $(ARGS)
	$(compile) --group pyproject.toml:image --constraint provider/requirements.lock \
	  --output-file provider/requirements.image.lock $(ARGS)
	$(compile) --extra cli --extra saas --extra otel --constraint provider/requirements.lock \
	  --output-file provider/requirements.saas.lock pyproject.toml $(ARGS)
	$(compile) --all-extras --group dev --group mutation --constraint provider/requirements.lock \
	  --output-file provider/requirements.mutation.lock pyproject.toml $(ARGS)
	$(compile) --all-extras --group dev --no-strip-extras --resolution lowest-direct --output-file provider/requirements.lowest.lock pyproject.toml $(ARGS)

# Pictures in the guides, made anew from the stack `sandbox` and the emulator's sample data; needs a browser.
screenshot: engine browser
	@$(venv) -m provider.tools.screenshot

environment:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "$(PYTHON) is missing or older than 3.11: install Python 3.11 or newer, or name one: make PYTHON=python3.13 …" >&2; exit 1; }
	@$(PYTHON) -m provider.tools.engine.environment

engine: environment
	@$(PYTHON) -m provider.tools.engine.engine --wrapper .venv/bin/pulumi >/dev/null

# For stacks with Azure resources, and for the tests of them: their SDKs, 500 MB, in an environment of their own.
infrastructure:
	@$(PYTHON) -m provider.tools.engine.environment --infrastructure
	@$(PYTHON) -m provider.tools.engine.engine --wrapper .infrastructure/bin/pulumi >/dev/null

# For the tests that look at a page: what drives a browser, 190 MB, in an environment of its own. The browser is not in it.
browser:
	@$(PYTHON) -m provider.tools.engine.environment --browser

# For the tests of the SaaS service: PostgreSQL's programs, 41 MB. Where they cannot be installed, the tests say so.
postgresql:
	@$(PYTHON) -m provider.tools.engine.environment --postgresql || echo "the tests look for PostgreSQL on PATH" >&2

# For `make check`: the linter of provider/saas.Containerfile.
containerfile:
	@$(PYTHON) -m provider.tools.engine.environment --containerfile
