from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from typoglot import config, rules
from typoglot.checks import check
from typoglot.datasets import holdings
from typoglot.datasets.catalogue import CATALOGUE, Pin
from typoglot.datasets.defaults import with_data
from typoglot.errors import ConfigError


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts files of an entry where a fetch would, and records them."""
    monkeypatch.setenv("TYPOGLOT_CACHE", str(tmp_path / "cache"))

    def put(name: str, content: bytes = b"x") -> None:
        entry = CATALOGUE[name]
        pin = Pin("a test", len(content), hashlib.sha256(content).hexdigest())
        monkeypatch.setitem(CATALOGUE, name, replace(entry, files=tuple(replace(one, pin=pin) for one in entry.files)))
        (holdings.usual_root() / name).mkdir(parents=True)
        for file in entry.files:
            (holdings.usual_root() / name / file.name).write_bytes(content)
        holdings.fetch(CATALOGUE[name], holdings.usual_root(), None)

    return put


def test_a_path_that_is_left_out_is_that_of_what_was_fetched(
    kept: Callable[..., None], train_settings: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("mkqa", "qed"):
        kept(name)
    settings = train_settings("benchmark=mkqa_parallel", "train=qed", "benchmark.distractors=qed")
    found = with_data(settings)

    root = tmp_path / "cache" / "data"
    assert found.benchmark.path == str(root / "mkqa" / "mkqa.jsonl.gz")
    assert found.benchmark.distractors_path == found.train.resolved()["qed"].path == str(root / "qed")
    assert rules.faults(found) == []
    check([settings])


def test_a_path_that_is_given_stays(kept: Callable[..., None], train_settings: Callable[..., Any]) -> None:
    kept("xquad")
    kept("qed")
    settings = train_settings("benchmark=xquad", "benchmark.path=x", "train=qed", "train.path=y")

    found = with_data(settings)
    assert (found.benchmark.path, found.train.resolved()["qed"].path) == ("x", "y")


def test_the_settings_that_name_a_run_have_no_path_of_this_machine(
    kept: Callable[..., None], evaluate_settings: Callable[..., Any]
) -> None:
    before = config.identity(evaluate_settings("benchmark=xquad"))
    kept("xquad")
    settings = evaluate_settings("benchmark=xquad")
    with_data(settings)

    assert (config.identity(settings), settings.benchmark.path) == (before, None)


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["benchmark=xquad"], r"benchmark.path: .* `typoglot data fetch xquad` brings it"),
        (["benchmark=xquad", "benchmark.path=/none"], r"benchmark.path=/none: .* `typoglot data fetch xquad` brings"),
        (["benchmark.distractors=qed"], r"benchmark.distractors=qed: .* `typoglot data fetch qed` brings it"),
        (["train=squad_nqg"], r"train.sources.squad_nqg.path: .* `typoglot data fetch squad_nqg` brings it"),
        (["benchmark=beir"], r"benchmark.path: benchmark=beir is read from disk; give benchmark.path=DIR.$"),
    ],
)
def test_data_that_are_missing_name_the_way_out(
    overrides: list[str], told: str, train_settings: Callable[..., Any], kept: Callable[..., None]
) -> None:
    with pytest.raises(ConfigError, match=told):
        check([train_settings(*overrides)])


def test_a_path_is_found_by_the_run_too(
    kept: Callable[..., None], evaluate_settings: Callable[..., Any], tmp_path: Path
) -> None:
    from typoglot.pipeline import fingerprint

    settings = evaluate_settings("benchmark=xquad")
    without = fingerprint(settings)
    kept("xquad")

    assert fingerprint(settings) != without


def test_a_benchmark_is_read_where_it_was_fetched(
    kept: Callable[..., None], evaluate_settings: Callable[..., Any]
) -> None:
    from typoglot.pipeline import _read

    row = {"example_id": 1, "query": "how far", "queries": {"en": "how far", "de": "wie weit"}}
    kept("mkqa", gzip.compress(json.dumps(row).encode()))
    benchmark, _ = _read(evaluate_settings("benchmark=mkqa_parallel"))

    assert [query.text for query in benchmark.queries] == ["how far", "wie weit"]


@pytest.mark.slow
def test_a_training_reads_its_pairs_where_they_were_fetched(
    kept: Callable[..., None], train_settings: Callable[..., Any]
) -> None:
    from typoglot.pipeline import run

    texts = ("question_text", "paragraph_text", "title_text")
    rows = [{"example_id": number, **{key: f"{key} {number}" for key in texts}} for number in range(40)]
    kept("qed", "\n".join(map(json.dumps, rows)).encode())
    settings = train_settings(
        "train=qed", "train.languages=null", "evaluate=false", "trainer.max_steps=2", "trainer.precision=fp32"
    )

    assert run(settings) >= 0
