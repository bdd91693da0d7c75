"""The fitted language files are what tools/fit_shipped.py makes of the corpora now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT


@pytest.mark.real
@pytest.mark.slow
def test_the_fitted_files_are_what_the_corpora_give(real_data: Path) -> None:
    command = [sys.executable, ROOT / "tools" / "fit_shipped.py", real_data / "misspellings", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
