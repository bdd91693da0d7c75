from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from typoglot import config
from typoglot.privacy import at_home, public

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("/home/ann/data/x.tsv", "~/data/x.tsv"),
        ("/home/ann", "~"),
        ("file:///home/ann/x", "file://~/x"),
        ("Cannot read '/home/ann/x' (/home/ann/y).", "Cannot read '~/x' (~/y)."),
        ("It lies in /home/ann.", "It lies in ~."),
        ("/home/anna/x", "/home/anna/x"),
        ("/home/ann-2/x", "/home/ann-2/x"),
        ("/home/ann.old/x", "/home/ann.old/x"),
        ("/data/home/ann/x", "/data/home/ann/x"),
    ],
)
def test_the_home_is_a_tilde_where_it_is_the_home(written: str, told: str) -> None:
    assert public(written) == told


def test_the_place_that_a_home_links_to_is_the_home_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "ann").symlink_to(tmp_path / "disk")
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))

    assert public([f"{tmp_path}/ann/x", f"{tmp_path}/disk/x"]) == ["~/x", "~/x"]


def test_a_secret_is_written_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "0123456789abcdef")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "something long")
    monkeypatch.setenv("HF_TOKEN_PATH", "/etc/hf/token")

    assert public({"notes": "0123456789abcdef!"}) == {"notes": "$WANDB_API_KEY!"}
    assert public(["something long", "/etc/hf/token"]) == ["something long", "/etc/hf/token"]


def test_what_is_written_is_understood_again(compose: Callable[..., Any]) -> None:
    settings = compose("evaluate", "benchmark=xquad", "benchmark.path=/home/ann/xquad", "checkpoint='~/run'")

    assert settings.checkpoint == "/home/ann/run"
    assert config.as_plain(settings)["benchmark"]["path"] == "~/xquad"
    assert at_home(type(settings)(checkpoint="~/run")).checkpoint == settings.checkpoint


def test_paths_of_training_sources_are_understood_too(compose: Callable[..., Any]) -> None:
    settings = compose("train", "train=qed", "train.sources.qed.path='~/qed'", "train.path='~'")

    assert settings.train.resolved()["qed"].path == "/home/ann/qed"
    assert settings.train.path == "/home/ann"


def test_a_run_has_one_identity_in_every_home(compose: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    here = compose("evaluate", "checkpoint=/home/ann/run")
    identity = config.identity(here)
    monkeypatch.setenv("HOME", "/home/bob")

    assert config.identity(compose("evaluate", "checkpoint='~/run'")) == identity
