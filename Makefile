# Everything a person types here sets itself up: the environment is made when it is missing or when what it needs changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test browser check bench fuzz weights clean

demo: $(VENV)/train
	$(BIN)/kinverse demo

test: $(VENV)/test browser
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The viewer is tested in Debian's Chromium; where it cannot be installed those tests are skipped, and say so.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || \
	  echo "no Chromium here: the tests of the viewer in a browser will be skipped"

check: $(VENV)/check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/bench
	$(BIN)/python -m benchmarks

# Damaged files of every format and calls with values of any type: nothing but results and one-line errors.
fuzz: $(VENV)/test
	$(BIN)/python -m tests.fuzz.api
	$(BIN)/python -m tests.fuzz.files

# Train the networks that come with kinverse anew, and put them into the package: some three minutes for each arm.
weights: $(VENV)/train
	rm -rf build/weights
	for arm in panda ur5 iiwa14 nao-left nao-right; do $(BIN)/kinverse fit $$arm --out build/weights/$$arm || exit 1; done
	$(BIN)/python -m kinverse.ik.seed_networks build/weights

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# torch comes first and alone: named by another package, an unpinned torch would bring gigabytes of CUDA.
$(VENV)/torch: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kinverse needs Python 3.11 or newer, $(PYTHON) is older: make PYTHON=python3.12 …"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) torch
	touch $@

$(VENV)/train: $(VENV)/torch pyproject.toml
	$(PIP) -e '.[train]'
	touch $@

$(VENV)/test $(VENV)/check $(VENV)/bench: $(VENV)/train
	$(PIP) -e '.[$(notdir $@)]'
	touch $@
