from __future__ import annotations

from pathlib import Path

import pytest

from typoglot.terminal import log, logged, say


def test_news_go_to_the_log_too_while_there_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say("before")
    with logged(tmp_path / "log.txt"):
        say("while [1]")
        log("the log alone")
    say("after")

    assert (tmp_path / "log.txt").read_text() == "while [1]\nthe log alone\n"
    assert capsys.readouterr().err == "before\nwhile [1]\nafter\n"


def test_a_log_is_added_to(tmp_path: Path) -> None:
    for news in ("one", "two"):
        with logged(tmp_path / "log.txt"):
            say(news)

    assert (tmp_path / "log.txt").read_text() == "one\ntwo\n"


def test_a_log_names_no_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    with logged(tmp_path / "log.txt"):
        say("Model: /home/somebody/outputs/run")

    assert (tmp_path / "log.txt").read_text() == "Model: ~/outputs/run\n"


def test_a_log_that_cannot_be_written_costs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with logged(tmp_path / "nowhere" / "log.txt"):
        say("news")

    assert capsys.readouterr().err == "news\n"
