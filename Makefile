# Everything a newcomer types. `make` alone lists it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.PHONY: help demo test check format bench serve clean .venv

# The first Python that is new enough and can make virtual environments; `make … PYTHON=…` names one.
PYTHON ?=
bin := .venv/bin

define set-up
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
	    exec "$$python" .ci/setup.py $(1); \
	  fi; \
	done; \
	echo 'Citewell needs Python 3.11 or later with its venv module, and found none.' >&2; \
	echo 'Debian, Ubuntu: apt-get install python3 python3-venv. macOS: brew install python@3.13.' >&2; \
	echo 'Where it is already: make … PYTHON=/path/to/python3.13' >&2; exit 2
endef

help:  ## what can be made
	@echo 'make …'
	@sed -n 's/^\([a-z.]*\):.*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  %-8s %s\n' $$name "$$text"; done

demo: .venv/installed  ## see it work on docs/, or on your own folder: make demo FOLDER=path
	@$(bin)/python examples/demo.py $(if $(FOLDER),"$(FOLDER)")

test: check  ## every check: format, lint, layers, types, tests
	@echo '→ tests'
	@$(bin)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile

check: .venv/installed-dev  ## every check but the tests
	@echo '→ format'
	@$(bin)/ruff format --check --quiet --diff .
	@echo '→ lint'
	@$(bin)/ruff check --quiet .
	@echo '→ layers'
	@$(bin)/lint-imports --no-logo > .venv/layers.log 2>&1 || { cat .venv/layers.log; exit 1; }
	@echo '→ types'
	@$(bin)/mypy --no-error-summary

format: .venv/installed-dev  ## put the code into the one format
	@$(bin)/ruff check --quiet --fix-only .
	@$(bin)/ruff format .

# The quickest first. All of them run, and what did not reach its figures is named at the end.
benchmarks := fidelity pdf_tables hostile speed evaluation order evidence chunking kills runs resumed answers parts quality agent_cases injections growth peers

bench: .venv/installed-dev  ## measure everything on the public collections (four hours); make bench MODEL=path.gguf: that model
ifdef MODEL
	@$(bin)/python benchmarks/real_model.py "$(MODEL)"
else
	@missed=; for name in $(benchmarks); do \
	  echo; echo "→ benchmarks/$$name.py"; $(bin)/python benchmarks/$$name.py || missed="$$missed $$name"; \
	done; \
	if test -n "$$missed"; then echo "Not reached:$$missed" >&2; exit 1; fi
endif

serve: .venv/installed  ## answer over HTTP on this machine
	@$(bin)/citewell serve

clean:  ## remove what the checks and the demo left; .venv and .citewell stay
	@rm -rf .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.venv: .venv/installed  ## the environment, with Citewell and pip in it

# The second set-up builds on the first, so that `make -j` never runs both at once.
.venv/installed: pyproject.toml constraints.txt
	$(call set-up)

.venv/installed-dev: .venv/installed
	$(call set-up,dev)
