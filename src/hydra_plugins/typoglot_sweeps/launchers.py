"""Launchers that give each job a process of its own: on this machine (joblib), on a cluster (submitit), by Ray.

The jobs and what becomes of them are typoglot.cli's; here is only who waits for their processes.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hydra.types import HydraContext, TaskFunction
    from omegaconf import DictConfig

    from typoglot.cli.children import Child
    from typoglot.cli.multirun import Job


class ProcessLauncher(Launcher):
    """Starts `python SCRIPT OVERRIDES` for each job that is not finished, and waits for all."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Keeps the sweep's configuration."""
        self.config = config

    @abstractmethod
    def ended(self, children: Sequence[Child]) -> Iterator[tuple[int, int]]:
        """Does the jobs; yields the place and the exit code of each, in the order in which they end."""

    def threads(self) -> int | None:
        """CPU threads of a job whose configuration leaves them open; None: all."""
        return None

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Does these jobs; what another process is computing comes last, when that has ended."""
        from hydra.core.utils import setup_globals

        from typoglot.cli import multirun

        setup_globals()
        jobs = multirun.jobs_for(self.config, job_overrides, initial_job_idx)
        found: dict[int, float | BaseException] = {}
        stop = Path(self.config.output).resolve() / "sweeps" / f"{uuid4().hex}.stop"  # a pid comes again
        try:
            for turn in multirun.turns(jobs, found):
                if turn:
                    self._do(turn, found, stop)
        finally:
            stop.unlink(missing_ok=True)
        return [_returned(job, found[job.number]) for job in jobs]

    def _do(self, jobs: Sequence[Job], found: dict[int, float | BaseException], stop: Path) -> None:
        """Does the jobs and keeps the value or the error of each by its number.

        Args:
            jobs: of one turn.
            found: is given what became of them.
            stop: the file that is there once a job of any turn has failed.
        """
        from typoglot.cli import multirun
        from typoglot.errors import BusyError
        from typoglot.terminal import progress

        children = [
            job.child._replace(threads=self.threads(), stop=str(stop) if multirun.stops(job) else None) for job in jobs
        ]
        with progress("Jobs", len(children), "jobs") as advance:
            for place, code in self.ended(children):
                value = multirun.ended(jobs[place], code)
                found[jobs[place].number] = value
                failed = isinstance(value, Exception) and not isinstance(value, BusyError)
                if failed and children[place].stop:
                    stop.touch()  # as the child did, unless it was lost with its node
                advance(1)


def _returned(job: Job, value: float | BaseException) -> JobReturn:
    """What Hydra's sweepers want to know."""
    failed = isinstance(value, BaseException)
    returned = JobReturn(overrides=list(job.overrides), status=JobStatus.FAILED if failed else JobStatus.COMPLETED)
    returned.return_value = value
    return returned


class JoblibLauncher(ProcessLauncher):
    """Several jobs side by side on this machine: joblib's threads, each waiting for a process.

    Args:
        n_jobs: at a time; -1: as many as there are processors.
    """

    def __init__(self, n_jobs: int) -> None:
        from joblib import effective_n_jobs

        self.n_jobs = int(effective_n_jobs(n_jobs))

    def threads(self) -> int | None:
        """The processors are shared out."""
        return max(1, len(os.sched_getaffinity(0)) // self.n_jobs)

    def ended(self, children: Sequence[Child]) -> Iterator[tuple[int, int]]:
        """Waits in threads."""
        from joblib import Parallel, delayed

        def numbered(place: int, child: Child) -> tuple[int, int]:
            return place, child()

        pool = Parallel(n_jobs=self.n_jobs, backend="threading", return_as="generator_unordered", pre_dispatch="n_jobs")
        yield from pool(delayed(numbered)(place, child) for place, child in enumerate(children))


class SubmititLauncher(ProcessLauncher):
    """Each job through submitit: a SLURM job, or a process of this machine.

    Args:
        cluster: slurm or local; null: slurm where there is one.
        parameters: of submitit.AutoExecutor.update_parameters, such as timeout_min, gpus_per_node, slurm_partition.
    """

    def __init__(self, cluster: str | None, parameters: Any) -> None:
        self.cluster, self.parameters = cluster, {str(key): value for key, value in dict(parameters).items()}

    def ended(self, children: Sequence[Child]) -> Iterator[tuple[int, int]]:
        """Submits all as one array and looks at them until the last has ended."""
        from submitit import AutoExecutor
        from submitit.core.utils import FailedJobError, UncompletedJobError
        from submitit.helpers import as_completed

        folder = Path(self.config.output).resolve() / "sweeps" / "submitit"
        executor = AutoExecutor(folder=folder, cluster=self.cluster)
        executor.update_parameters(name="typoglot", **self.parameters)
        with executor.batch():
            submitted = [executor.submit(child) for child in children]
        places = {id(job): place for place, job in enumerate(submitted)}
        for job in as_completed(submitted):
            try:
                code = job.result()
            except (FailedJobError, UncompletedJobError):  # it could not even wait: node lost, time limit, cancelled
                code = 1
            yield places[id(job)], code


class RayLauncher(ProcessLauncher):
    """Each job as a Ray task, on this machine or on a cluster whose nodes see the same disk.

    Args:
        init: of ray.init, such as address, num_cpus.
        remote: what a job needs, as ray.remote takes it: num_cpus, num_gpus …
    """

    def __init__(self, init: Any, remote: Any) -> None:
        self.init, self.remote = dict(init), dict(remote)

    def threads(self) -> int | None:
        """As many as a job has processors."""
        return max(1, int(self.remote.get("num_cpus", 1)))

    def ended(self, children: Sequence[Child]) -> Iterator[tuple[int, int]]:
        """Gives all to Ray's scheduler and takes them as they end."""
        import ray

        ray.init(**{"log_to_driver": False, "include_dashboard": False, "logging_level": "error", **self.init})
        try:
            task = ray.remote(**self.remote)(_call)
            waiting = {task.remote(child): place for place, child in enumerate(children)}
            while waiting:
                (first, *_), _ = ray.wait(list(waiting))
                place = waiting.pop(first)
                try:
                    code = ray.get(first)
                except ray.exceptions.RayError:  # the worker or its node was lost
                    code = 1
                yield place, code
        finally:
            ray.shutdown()


def _call(child: Child) -> int:
    return child()
