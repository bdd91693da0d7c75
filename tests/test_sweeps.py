from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from typoglot import cli, sweeps
from typoglot.errors import DataError
from typoglot.files import locked


def begun(output: Path) -> list[Path]:
    """A sweep of five jobs: done, failed, broken off, not begun; the last is the test's."""
    folders = [output / name for name in ("done", "failed", "broken", "new", "own")]
    for folder, name, told in zip(
        folders,
        ("done.json", "failed.json", "inputs.json"),
        ({"value": 0.25}, {"error": "the disk is full", "kind": "OutputError", "log": "log.txt", "when": ""}, "abc"),
        strict=False,
    ):
        folder.mkdir(parents=True)
        (folder / name).write_text(json.dumps(told))
        (folder / "log.txt").write_text("news")
    folders[4].mkdir()
    jobs = [sweeps.Job(folder, ("typos=human", f"seed={seed}")) for seed, folder in enumerate(folders)]
    sweeps.write_manifest(output, "backbone", "python train.py -m seed=0,1,2,3,4", jobs)
    return folders


def test_each_job_says_how_far_it_is(tmp_path: Path) -> None:
    *_, own = begun(tmp_path)
    (manifest,) = sweeps.read_manifests(tmp_path)
    with locked(own):
        states = [sweeps.state_of(job.folder) for job in manifest.jobs]

    assert [state.name for state in states] == ["done", "failed", "to do", "to do", "running"]
    assert [state.told for state in states] == ["0.2500", "the disk is full", "was broken off", "", ""]
    assert states[1].log == tmp_path / "failed" / "log.txt"


def test_a_job_that_runs_again_is_running_whatever_it_left(tmp_path: Path) -> None:
    _, failed, *_ = begun(tmp_path)
    with locked(failed):
        assert sweeps.state_of(failed).name == "running"


def test_the_status_shows_reasons_logs_and_how_to_go_on(tmp_path: Path) -> None:
    begun(tmp_path)
    told = CliRunner().invoke(cli.app, ["sweep", "status", str(tmp_path)], env={"COLUMNS": "300"}).output

    assert "5 jobs · 1 done · 0 running · 1 failed · 3 to do" in told
    assert "the disk is full" in told
    assert "seed=1" in told
    assert "typos=human" not in told
    assert "The same command does what is left: python train.py -m seed=0,1,2,3,4" in told


def test_the_same_sweep_has_one_manifest_and_another_sweep_another(tmp_path: Path) -> None:
    jobs = [sweeps.Job(tmp_path / name, (name,)) for name in "ab"]
    paths = [
        sweeps.write_manifest(tmp_path, "train", command, own)
        for command, own in (("one", jobs), ("two", jobs[::-1]), ("one", jobs[:1]))
    ]

    assert paths[0] == paths[1] != paths[2]


def test_a_search_is_named_by_its_command(tmp_path: Path) -> None:
    one, two = (
        sweeps.write_manifest(tmp_path, "train", "go", [sweeps.Job(tmp_path / name, ())], search=True) for name in "ab"
    )

    assert one == two


def test_a_folder_without_sweeps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no sweep was begun here"):
        sweeps.read_manifests(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"jobs": [1]}', '{"jobs": []}'])
def test_a_damaged_manifest_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / "a.json").write_text(text)

    with pytest.raises(DataError, match=r"a\.json: a damaged manifest"):
        sweeps.read_manifests(tmp_path)


def test_a_damaged_mark_does_not_hide_the_other_jobs(tmp_path: Path) -> None:
    done, *_ = begun(tmp_path)
    (done / "done.json").write_text("{")

    assert sweeps.state_of(done) == ("to do", "done.json is damaged", done / "log.txt")


def test_no_home_folder_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    job = sweeps.Job(tmp_path / "elsewhere", (f"benchmark.path={tmp_path}/data",))
    path = sweeps.write_manifest(tmp_path / "out", "train", f"python train.py -m path={tmp_path}/data", [job])

    assert str(tmp_path) not in path.read_text()
    (manifest,) = sweeps.read_manifests(tmp_path / "out")
    assert manifest.jobs[0].folder == tmp_path / "elsewhere"
