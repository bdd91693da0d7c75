"""The page as a file: whole, small, and closed to the outside."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from benchmarks.made_runs import Made, make_run

from typoglot.report import Wanted, gather, onefile, page_data, write_page

SMALL = Made(questions=4, languages=("en", "ar"), rates=(0.0, 0.3), steps=3)


@pytest.fixture
def page(tmp_path: Path) -> str:
    make_run(tmp_path / "</script><b>", 1, SMALL)
    write_page(tmp_path / "x.html", page_data(gather([tmp_path]), Wanted("recall@1")))
    return (tmp_path / "x.html").read_text()


def test_no_text_of_a_run_is_read_as_html(page: str) -> None:
    assert "<script>alert" not in page
    assert page.count("</script>") == 2
    assert "\\u003cscript>alert(1)" in page


def test_the_policy_names_the_very_script_and_style_and_nothing_else(page: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    for kind, text in (("script", page.rpartition("<script>")[2].partition("</script>")[0]),
                       ("style", page.partition("<style>")[2].partition("</style>")[0])):  # fmt: skip
        found = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{found}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(https?:)?//""", page)


def test_a_home_is_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    make_run(tmp_path / "run", 1, SMALL)
    page = onefile.html(page_data(gather([tmp_path / "run"]), Wanted("recall@1")))

    assert str(tmp_path) not in page
    assert '"~/run"' in page


def test_every_script_of_the_folder_is_in_the_page() -> None:
    folder = Path(onefile.__file__).parent / "page"

    assert {file.stem for file in folder.glob("*.js")} == set(onefile.SCRIPTS)


def test_braces_in_a_text_are_no_place_to_fill(tmp_path: Path) -> None:
    made = Made(questions=4, languages=("en",), rates=(0.0, 0.3), settings={"backbone": {"label": "{{style}}"}})
    make_run(tmp_path / "run", 1, made)

    assert '"label":"{{style}}"' in onefile.html(page_data(gather([tmp_path]), Wanted("recall@1")))
