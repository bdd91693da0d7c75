# Everything happens in .venv, which the first target makes. PYTHON=python3.12 make … takes another interpreter.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test quick check chromium clean

help:      ## show this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / — /'

demo: .venv/installed  ## train two backbones on the embedded benchmark and draw their robustness curves
	$(BIN)/python train.py -m backbone=me5_small_q4,minilm_l6 experiment=demo

test: .venv/installed  ## run all tests that this machine can
	$(BIN)/python -m pytest -q -m ""

quick: .venv/installed  ## run the tests that take seconds
	$(BIN)/python -m pytest -q

check: .venv/installed  ## format, lint, types, floors, quick tests
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/python -m pytest -q

chromium:  ## install Debian's chromium, which the browser tests need (as root)
	apt-get update -q && apt-get install -y -q --no-install-recommends chromium fonts-noto-core fonts-noto-cjk

clean:     ## remove the environment and all results
	rm -rf .venv outputs

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e ".[backbones,datasets,dev,joblib,mlflow,optuna,ray,reports,submitit,tensorboard,xortydi]"
	touch $@
