"""Whole sweeps, as their user runs them: each test starts processes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, TINY, TINY_TRAIN
from typoglot import sweeps
from typoglot.results import LOG

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow


@pytest.fixture
def sweep(tiny_bert: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """The command of a sweep over evaluations of seconds, with more words."""

    def command(*words: str, program: str = "evaluate.py") -> list[str]:
        fixed = (*TINY, f"backbone.name={tiny_bert}", f"output={tmp_path / 'out'}")
        return [sys.executable, program, "-m", *fixed, *words]

    return command


def done(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)


def attempts(folder: Path) -> int:
    """How often a run was begun."""
    return (folder / LOG).read_text().count(f" {folder.name}\n")


def states(output: Path) -> list[str]:
    (manifest,) = sweeps.read_manifests(output)
    return [sweeps.state_of(job.folder).name for job in manifest.jobs]


def test_a_sweep_killed_at_any_moment_is_completed_with_no_finished_point_twice(
    sweep: Callable[..., list[str]], tmp_path: Path
) -> None:
    command, chance = sweep("seed=1,2,3,4"), random.Random(7)
    finished: dict[Path, int] = {}
    kills = 0
    for _ in range(20):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(chance.uniform(1, 12))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        for mark in (tmp_path / "out").glob("*/done.json"):
            assert finished.setdefault(mark, mark.stat().st_mtime_ns) == mark.stat().st_mtime_ns
        if process.returncode == 0:
            break
    last = done(command)

    assert last.returncode == 0, last.stderr
    assert kills >= 2
    assert states(tmp_path / "out") == ["done"] * 4
    marks = sorted((tmp_path / "out").glob("*/done.json"))
    assert len(marks) == 4
    assert all(finished.get(mark, mark.stat().st_mtime_ns) == mark.stat().st_mtime_ns for mark in marks)
    assert last.stderr.count("Finished already") + sum(mark not in finished for mark in marks) == 4
    assert not (tmp_path / "out" / "multirun.yaml").exists()  # Hydra's, with this machine's paths


def test_two_sweeps_in_one_folder_share_the_points(sweep: Callable[..., list[str]], tmp_path: Path) -> None:
    command = sweep("seed=1,2,3")
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=600)[1] for process in both]

    assert [process.returncode for process in both] == [0, 0], told
    (manifest,) = sweeps.read_manifests(tmp_path / "out")
    assert [attempts(job.folder) for job in manifest.jobs] == [1, 1, 1]


def test_a_sweep_stops_at_a_failure_if_told_so(sweep: Callable[..., list[str]], tmp_path: Path) -> None:
    words = (*TINY_TRAIN, "trainer.max_steps=2", "typos.rates=[0]", "train.limit=1,40", "sweep.on_failure=stop")
    stopped = done(sweep(*words, program="train.py"))

    assert stopped.returncode == 1
    assert "Traceback" not in stopped.stderr
    assert states(tmp_path / "out") == ["failed", "to do"]


@pytest.mark.parametrize("name", ["joblib", "submitit_local", "ray"])
def test_a_launcher_does_three_jobs(name: str, sweep: Callable[..., list[str]], tmp_path: Path) -> None:
    pytest.importorskip(name.split("_")[0])
    command = sweep("seed=1,2,3", "typos.rates=[0]", f"hydra/launcher={name}")
    first, again = done(command), done(command)

    assert first.returncode == 0, first.stderr
    assert states(tmp_path / "out") == ["done"] * 3
    (manifest,) = sweeps.read_manifests(tmp_path / "out")
    assert [attempts(job.folder) for job in manifest.jobs] == [1, 1, 1]
    assert "3 seeds: 1, 2, 3" in first.stdout
    assert "recall@1 in % by typo rate" in first.stdout
    assert again.stderr.count("Finished already") == 3


def test_a_launched_job_that_fails_leaves_the_others_alone(sweep: Callable[..., list[str]], tmp_path: Path) -> None:
    words = (*TINY_TRAIN, "trainer.max_steps=2", "typos.rates=[0]", "train.limit=1,40", "hydra/launcher=joblib")
    failed = done(sweep(*words, program="train.py"))

    assert failed.returncode == 1
    assert "1 of 2 jobs are not done; why: typoglot sweep status" in failed.stderr
    assert states(tmp_path / "out") == ["failed", "done"]
    (manifest,) = sweeps.read_manifests(tmp_path / "out")
    assert "1 pairs to train on" in sweeps.state_of(manifest.jobs[0].folder).told
    assert "DataError" in (manifest.jobs[0].folder / LOG).read_text()


@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_at_the_end_what_is_done_is_shown_and_what_failed_is_counted(
    launcher: str, sweep: Callable[..., list[str]], tmp_path: Path
) -> None:
    words = (*TINY_TRAIN, "trainer.max_steps=2", "typos.rates=[0]", "train.limit=40,1,44", f"hydra/launcher={launcher}")
    failed = done(sweep(*words, program="train.py"))

    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert states(tmp_path / "out") == ["done", "failed", "done"]
    assert [f"limit={limit}" in failed.stdout for limit in (40, 1, 44)] == [True, False, True]
    assert failed.stderr.splitlines()[-1].startswith("1 of 3 jobs are not done; why: typoglot sweep status ")
    assert "limit=44" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_an_interrupted_sweep_ends_with_130_and_goes_on_where_it_was(
    launcher: str, sweep: Callable[..., list[str]], tmp_path: Path
) -> None:
    command = sweep("seed=1,2,3,4", "typos.rates=[0]", f"hydra/launcher={launcher}")
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while process.poll() is None and not list((tmp_path / "out").glob("*/done.json")):
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the launched jobs too
        _, told = process.communicate(timeout=120)
    before = states(tmp_path / "out")
    again = done(command)

    assert process.returncode == 130, told
    assert told.splitlines()[-1] == "Interrupted; the same command goes on from the last resume point."
    assert "Traceback" not in told
    assert "failed" not in before
    assert 1 <= before.count("done") < 4
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("Finished already") == before.count("done")
    assert "4 seeds: 1, 2, 3, 4" in again.stdout


def test_a_launched_job_that_is_interrupted_alone_is_broken_off_and_costs_the_exit_code(
    sweep: Callable[..., list[str]], tmp_path: Path
) -> None:
    words = (*TINY_TRAIN, "trainer.epochs=500", "seed=1", "hydra/launcher=joblib")
    process = subprocess.Popen(sweep(*words, program="train.py"), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    os.kill(_child_of(process, tmp_path / "out"), signal.SIGINT)
    _, told = process.communicate(timeout=300)

    assert process.returncode == 1
    assert "Job 1: Broken off; the same command goes on. Log: " in told
    assert "1 of 1 jobs are not done" in told
    (manifest,) = sweeps.read_manifests(tmp_path / "out")
    assert sweeps.state_of(manifest.jobs[0].folder)[:2] == ("to do", "was broken off")


def test_no_launched_job_begins_after_a_failure_if_told_so(sweep: Callable[..., list[str]], tmp_path: Path) -> None:
    words = (*TINY_TRAIN, "trainer.max_steps=2", "typos.rates=[0]", "train.limit=1,40", "sweep.on_failure=stop")
    stopped = done(sweep(*words, "hydra/launcher=joblib", "hydra.launcher.n_jobs=1", program="train.py"))

    assert stopped.returncode == 1
    assert "Job 2: Not begun, since another job failed" in stopped.stderr
    assert states(tmp_path / "out") == ["failed", "to do"]


def test_a_launched_job_that_is_killed_says_so(sweep: Callable[..., list[str]], tmp_path: Path) -> None:
    words = (*TINY_TRAIN, "trainer.epochs=500", "seed=1", "hydra/launcher=joblib")
    process = subprocess.Popen(sweep(*words, program="train.py"), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    child = _child_of(process, tmp_path / "out")
    os.kill(child, signal.SIGKILL)
    _, told = process.communicate(timeout=300)

    assert process.returncode == 1
    assert "killed by SIGKILL (out of memory?)" in told
    (manifest,) = sweeps.read_manifests(tmp_path / "out")
    assert sweeps.state_of(manifest.jobs[0].folder).told == "killed by SIGKILL (out of memory?)"


def _child_of(process: subprocess.Popen[str], output: Path) -> int:
    """The process that a launcher started, once it trains."""
    deadline = time.monotonic() + 240
    while process.poll() is None and time.monotonic() < deadline:
        if list(output.glob("*/train.jsonl")):
            listed = Path(f"/proc/{process.pid}/task").glob("*/children")  # by thread, and joblib's threads started it
            return int(next(text for path in listed if (text := path.read_text())).split()[0])
        time.sleep(0.2)
    raise AssertionError(f"nothing was trained: {process.poll()}")


@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_jobs_of_a_sweep_may_train_on_two_devices(
    launcher: str, sweep: Callable[..., list[str]], tmp_path: Path
) -> None:
    devices = ("trainer.devices=2", "trainer.accelerator=cpu", "trainer.batch_size=4", "trainer.precision=fp32")
    words = (*TINY_TRAIN, *devices, "trainer.max_steps=2", "typos.rates=[0]", "seed=1,2", f"hydra/launcher={launcher}")
    trained = done(sweep(*words, program="train.py"))

    assert trained.returncode == 0, trained.stderr
    assert states(tmp_path / "out") == ["done", "done"]
    assert len(list((tmp_path / "out").glob("*/trained.json"))) == 2


def test_a_search_goes_on_from_its_first_point_without_computing_one_twice(
    sweep: Callable[..., list[str]], tmp_path: Path
) -> None:
    pytest.importorskip("optuna")
    mixed = ("xqg=held_out_questions", "xqg.counts=[1]", "xqg.alphas=[0.1]", "xqg.alphas.0=interval(0.0,0.5)")
    search = ("hydra/sweeper=optuna", "hydra.sweeper.n_trials=3", "hydra.sweeper.startup=2", *mixed)
    first, again = done(sweep(*search)), done(sweep(*search))

    assert first.returncode == 0, first.stderr
    assert "Best of 3: xqg.alphas.0=" in first.stdout
    assert states(tmp_path / "out") == ["done"] * 3
    assert again.stderr.count("Finished already") == 3
    best = [text.split("Best of")[1].splitlines()[0] for text in (first.stdout, again.stdout)]
    assert best[0] == best[1]
    values = [json.loads(path.read_text())["value"] for path in (tmp_path / "out").glob("*/done.json")]
    assert best[0].endswith(f"({max(values):.4f})")


def test_slurm_is_given_what_the_configuration_says(
    sweep: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("submitit")
    written = fake_slurm(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    words = ("hydra.launcher.parameters.slurm_partition=gpu", "hydra.launcher.parameters.timeout_min=7")
    submitted = done(sweep("seed=1,2", "typos.rates=[0]", "hydra/launcher=submitit_slurm", *words))

    script = written.read_text()
    assert submitted.returncode == 0, submitted.stderr
    assert states(tmp_path / "out") == ["done"] * 2
    for line in ("--partition=gpu", "--time=7", "--gpus-per-node=1", "--ntasks-per-node=1", "--array=0-1%2"):
        assert f"#SBATCH {line}" in script


def fake_slurm(tmp_path: Path) -> Path:
    """Programs by SLURM's names: what sbatch is given is kept, and each job of the array is run here a little later."""
    kept = tmp_path / "sbatch.sh"
    programs = {
        "sbatch": f'cp "$1" {kept}; export SLURM_ARRAY_JOB_ID=77 SLURM_JOB_NUM_NODES=1 SLURM_JOB_NODELIST=localhost '
        "SLURM_NTASKS=1 SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_NODEID=0\n"
        '(sleep 2; for i in 0 1; do SLURM_JOB_ID=77_$i SLURM_ARRAY_TASK_ID=$i bash "$1"; done) >/dev/null 2>&1 &\n'
        "echo Submitted batch job 77",
        "srun": 'while [ "${1#-}" != "$1" ]; do case "$1" in --output|--error) shift;; esac; shift; done; exec "$@"',
        "sacct": "echo 'JobID|State|NodeList'; echo '77_0|RUNNING|localhost'; echo '77_1|RUNNING|localhost'",
        "scancel": "true",
    }
    (tmp_path / "bin").mkdir()
    for name, text in programs.items():
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)
    return kept
