# `make` lists the targets. Each needs only make and Python 3.12 or newer; .venv is made on the way.

PYTHON_ = .venv/bin/python
.DEFAULT_GOAL = help
.PHONY: help venv run test check demo bench backup restore lock docs

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv:
	@sh pmdm/local/make-venv.sh

run: venv ## Run the whole product on http://127.0.0.1:8000 (PORT=8001 for another port); Ctrl-C stops it
	@exec $(PYTHON_) manage.py up --parent $$PPID

test: check ## Check the code and run every test (TESTS=tests/projects for some)
	@exec $(PYTHON_) -m pmdm.local.run_tests $(TESTS)

check: venv ## Check style, format, types, imports and migrations
	@$(PYTHON_) -m ruff check .
	@$(PYTHON_) -m ruff format --check .
	@$(PYTHON_) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(PYTHON_) manage.py check --fail-level WARNING
	@$(PYTHON_) manage.py makemigrations --check --dry-run

demo: venv ## Load the demo company (SCALE=300 for 300 projects)
	@exec $(PYTHON_) manage.py demo $(if $(SCALE),--scale $(SCALE))

bench: venv ## Measure speed beside the floor it could reach
	@exec $(PYTHON_) manage.py bench

backup: venv ## Save database and files into one archive (FILE=name.tar)
	@exec $(PYTHON_) manage.py backup $(FILE)

restore: venv ## Bring back an archive: make restore FILE=name.tar
	@test -n "$(FILE)" || { echo "Name the archive: make restore FILE=var/backups/…tar"; exit 1; }
	@exec $(PYTHON_) manage.py restore $(FILE)

lock: venv ## Resolve the newest allowed packages into requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --upgrade --group dev \
		--no-header -o requirements.lock pyproject.toml
