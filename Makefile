# The commands of this project. `make run` and `make test` need Python 3.11 or newer and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin/python
READY := $(VENV)/requirements.installed
WORKERS ?= logical

.DEFAULT_GOAL := run
.PHONY: run test clients fuzz dashboard check fmt bench migrate schema lock chaos demo feature

# exec: the server takes the shell's place, so that signals and the end of make reach it.
run: $(READY)
	@sh operations/dashboard.sh "$(VENV)" --if-needed
	@exec $(BIN) main.py dev

# GraphiQL, from dashboard/ into web/static/; needs Node.js or PyPI, and npm's packages.
dashboard: $(READY)
	@sh operations/dashboard.sh "$(VENV)"

test: $(READY)
	@$(BIN) -m pytest -q -m "not chaos and not clients and not fuzz" -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

check: $(READY)
	@$(BIN) -m ruff format --check --quiet .
	@$(BIN) -m ruff check --quiet .
	@$(BIN) -m mypy .
	@$(BIN) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	@$(BIN) main.py schema check

fmt: $(READY)
	@$(BIN) -m ruff check --fix --quiet .
	@$(BIN) -m ruff format --quiet .

# What needs packages that aren't ours: GraphiQL in a real browser, other people's clients and audits against a server.
clients: $(READY) dashboard
	@sh operations/clients.sh "$(VENV)"
	@$(BIN) -m pytest -q -m clients --timeout 300 $(ARGS)

# What Schemathesis makes up from the schema; takes minutes.
fuzz: $(READY)
	@$(BIN) -m pytest -q -m fuzz $(ARGS)

# Kills processes and servers, and takes minutes.
chaos: $(READY)
	@$(BIN) -m pytest -q -m chaos --timeout 600 $(ARGS)

bench: $(READY)
	@exec $(BIN) -m benchmarks $(ARGS)

migrate: $(READY)
	@exec $(BIN) main.py migrate

schema: $(READY)
	@exec $(BIN) main.py schema write

demo: $(READY)
	@exec $(BIN) main.py demo

# A feature carries one name through all layers: reads it from top to bottom.
feature:
	@$(if $(NAME),,echo "say which: make feature NAME=suppression" >&2; exit 2)
	@git ls-files | grep -E '(^|/)[a-z_]*$(NAME)[a-z_]*(/|\.)' | sort

# Which versions, with the hashes of every file; never which index they came from.
LOCKED := --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header

lock: $(READY)
	@command -v uv >/dev/null || { echo "make lock needs uv on PATH (https://docs.astral.sh/uv)" >&2; exit 2; }
	@uv pip compile pyproject.toml --output-file requirements.lock --all-extras $(LOCKED) $(ARGS)
	@for client in gql ariadne; do \
		uv pip compile tests/clients/python/$$client.in --output-file tests/clients/python/$$client.lock $(LOCKED) $(ARGS); \
	done

# Made anew when the lock's content changes, not when a checkout merely touches it.
$(READY): requirements.lock
	@cmp -s requirements.lock $(READY) || sh operations/environment.sh "$(PYTHON)" "$(VENV)"
	@cp requirements.lock $(READY)
