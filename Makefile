# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test
PORT ?= 8000
# Tests start hundreds of programs, each of which would compile all modules anew.
COMPILED := env -u PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo serve test nightly lint system bench docs translations clean

help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/pip setup.cfg pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(TEST_STAMP): $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,gunicorn,dask]'
	@touch $@

install: $(STAMP) ## Install Pingyi into .venv
	@echo "Installed. Run: $(BIN)/pingyi --help"

demo: $(STAMP) ## Build a demonstration county and serve it (PORT=8000; TWO=1: one round with two machines)
	$(BIN)/pingyi demo --port $(PORT) $(if $(TWO),--witness)

serve: $(STAMP) ## Serve the data in ./data (PORT=8000)
	$(BIN)/pingyi serve --port $(PORT)

system: ## Install what the tests need by apt-get or dnf, where missing and possible
	@sh tests/install-system.sh

test: export OPENBLAS_NUM_THREADS = 1
test: $(TEST_STAMP) system ## Run every test, browser and PostgreSQL included
	$(COMPILED) $(BIN)/pytest -n 8 --dist loadfile --no-loadscope-reorder

nightly: export OPENBLAS_NUM_THREADS = 1
nightly: $(TEST_STAMP) system ## What takes too long for every change: more nonsense, every page in every look
	NIGHTLY=1 PAPER_KEEP=$${PAPER_KEEP:-.paper-forms.json} FUZZ_EXAMPLES=20000 $(COMPILED) $(BIN)/pytest -n 2 --dist loadfile \
	  $$(grep -rlE 'NIGHTLY|nightly import|FUZZ_EXAMPLES|CONTAINER_BASE' --include='test_*.py' tests)

lint: $(TEST_STAMP) ## Check style, types, who imports whom, that nothing is dead, licences, aarch64
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg
	$(BIN)/python tests/support/unused.py
	$(BIN)/python docs/dossier.py --check
	$(BIN)/python tests/deploy/aarch64.py --check

bench: $(TEST_STAMP) ## Measure speed, each figure beside a baseline of the same run
	$(BIN)/python -m bench

docs: $(TEST_STAMP) ## Write tables of fields, schemas, gallery, bill of materials, and build/准入.pdf
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/gallery/build.py
	$(BIN)/python docs/dossier.py
	$(BIN)/python docs/dossier_pdf.py

translations: $(TEST_STAMP) ## Collect the texts of pages and compile the English catalogue
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ --no-location --sort-output -o survey/translations/messages.pot .
	$(BIN)/pybabel -q update -N --no-fuzzy-matching -i survey/translations/messages.pot -d survey/translations -l en
	$(BIN)/pybabel -q compile -d survey/translations

clean: ## Remove the virtual environment, caches and build leftovers
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
