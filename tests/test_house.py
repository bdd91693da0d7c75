"""The tools that hold the house together, as tests: so that `make test` notices what `make check` would."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import typoglot
from tests.conftest import ROOT

BIN = Path(sys.executable).parent


@pytest.mark.slow
@pytest.mark.parametrize("command", ["ruff format --check .", "ruff check .", "mypy", "lint-imports"])
def test_the_tool_finds_nothing(command: str) -> None:
    name, *arguments = command.split()
    done = subprocess.run([BIN / name, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_changelog_begins_with_this_version() -> None:
    (first, *_) = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)

    assert first == typoglot.__version__


HEAVY = "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'faiss', 'wandb')))"


def test_the_typo_engine_is_ready_without_torch() -> None:
    code = f"import sys, typoglot.typos; {HEAVY}"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_faulty_configuration_is_answered_without_torch() -> None:
    code = (
        "import sys, typoglot.cli; sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'faiss', 'wandb')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["src/typoglot", "conf", "docs", "README.md", "Makefile", "benchmarks"])
def test_nothing_names_a_place_on_one_machine(name: str) -> None:
    paths = (
        [ROOT / name]
        if (ROOT / name).is_file()
        else [p for p in (ROOT / name).rglob("*") if p.suffix in {".py", ".md", ".yaml"}]
    )

    for path in paths:
        assert not re.search(r"(?<![\w.])/(root|home|work|Users)/", path.read_text()), path
