"""The table of scores for papers and threads."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.made_runs import Made, make_run

from typoglot.report import Form, Wanted, gather, text_tables

MADE = Made(questions=30, languages=("en", "ar"), rates=(0.0, 0.3), measures=("recall@1",), steps=0)
NAMES = {"latex": r"a_b & 50% \x {y} #1", "markdown": "a|b *c*"}


@pytest.fixture
def runs(tmp_path: Path, form: Form) -> Path:
    for seed, label in enumerate((NAMES[form.value], "other")):
        make_run(tmp_path / f"r{seed}", seed, replace(MADE, settings={"backbone": {"label": label}}))
    (tmp_path / "r_2").mkdir()
    (tmp_path / "r_2" / "config.yaml").touch()
    return tmp_path


@pytest.mark.parametrize("form", [Form.latex])
def test_latex_has_rules_of_booktabs_and_no_bare_sign(runs: Path, form: Form) -> None:
    text = text_tables(gather([runs]), Wanted("recall@1"), form)
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0]

    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin", r"\end")] == [
        1,
        1,
        1,
        2,
        2,
    ]
    assert r"a\_b \& 50\% \textbackslash{}x \{y\} \#1 & " in body
    assert {len(re.findall(r"(?<!\\)&", line)) for line in body.strip().splitlines()} == {3}
    assert text.count(r"\begin{tabular}{lrrr}") == 1
    assert text.isascii()


@pytest.mark.parametrize("form", [Form.markdown])
def test_markdown_escapes_and_every_row_has_its_cells(runs: Path, form: Form) -> None:
    text = text_tables(gather([runs]), Wanted("recall@1"), form)
    rows = [line for line in text.splitlines() if line.startswith("|")]

    assert r"| a\|b \*c\* |" in rows[2]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    assert "baseline" in rows[2]


@pytest.mark.parametrize("form", list(Form)[1:])
def test_what_is_left_out_is_said(runs: Path, form: Form) -> None:
    lines = text_tables(gather([runs]), Wanted("recall@1"), form).splitlines()

    assert "broken off" in lines[-1]


def test_a_clear_difference_has_its_star(tmp_path: Path) -> None:
    for seed, rates in ((1, (0.0, 0.1)), (2, (0.0, 0.1))):
        make_run(tmp_path / f"r{seed}", seed, replace(MADE, rates=rates, mixes=((0, 0.0), (1, 0.9))))
    text = text_tables(gather([tmp_path]), Wanted("recall@1"), Form.markdown)

    assert r"\]\* |" in text
    assert "Holm-corrected for 3 tests" in text


def test_of_one_test_alone_nothing_is_corrected(tmp_path: Path) -> None:
    for seed in (1, 2):
        make_run(tmp_path / f"r{seed}", seed, MADE)
    text = text_tables(gather([tmp_path]), Wanted("recall@1"), Form.markdown)

    assert "randomisation test over questions, one test." in text
    assert "Holm" not in text


@pytest.mark.slow
@pytest.mark.parametrize("form", [Form.latex])
def test_latex_compiles_with_booktabs(runs: Path, form: Form, tmp_path: Path) -> None:
    compiler = shutil.which("pdflatex")
    if compiler is None:
        pytest.skip("pdflatex is not here (Debian's texlive-latex-recommended)")
    text = text_tables(gather([runs]), Wanted("recall@1"), form)
    whole = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{text}\end{{document}}"
    (tmp_path / "x.tex").write_text(whole)
    command = [compiler, "-interaction=nonstopmode", "-halt-on-error", "x.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-2000:]
