# Every target sets up what it needs in .venv the first time; `make` alone prints this list.
# Without make: sh scripts/run, sh scripts/test, sh scripts/check.
ARGS ?=

.PHONY: help run test check bench demo screens lock clean

help:  ## this list
	@echo "tokencoach: what of your AI spend became shipped, surviving code"
	@echo
	@awk -F '  ## ' '/^[a-z]+:.*  ## / { sub(/:.*/, "", $$1); printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  ARGS passes arguments on: make run ARGS="audit --month 2026-10"'

run:  ## the app on a terminal, the audit as text without one
	@sh scripts/run $(ARGS)

test:  ## the tests, in two processes
	@sh scripts/test $(ARGS)

check:  ## lint, format, strict types, direction of imports
	@sh scripts/check

bench:  ## the benchmarks with their bars (about ten minutes; ARGS=--quick for one)
	@sh scripts/setup test
	@.venv/bin/python benchmarks/run.py $(ARGS)

demo:  ## the app on made-up logs and repositories; yours stay unread
	@sh scripts/run demo $(ARGS)

screens:  ## take the screenshots in assets/ anew
	@sh scripts/setup test
	@.venv/bin/python scripts/screenshots.py $(ARGS)

lock:  ## resolve the lock files anew (needs the network)
	@sh scripts/lock

clean:  ## remove .venv and every cache; your database stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find src tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +
