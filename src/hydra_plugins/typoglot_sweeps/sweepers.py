"""A search instead of a grid: Optuna proposes points, the launcher computes them.

A thin one of our own: the released hydra-optuna-sweeper (1.3.0) needs optuna<3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.core.utils import JobStatus
from hydra.plugins.sweeper import Sweeper

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override
    from hydra.plugins.launcher import Launcher
    from hydra.types import HydraContext, TaskFunction
    from omegaconf import DictConfig
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial


class OptunaSweeper(Sweeper):
    """Looks for the point with the highest value of its job (a lower one is better with direction=minimize).

    The same seed and the same values give the same proposals: a search that was broken off is gone through again from
    its first point, and what is finished costs no time.

    Args:
        n_trials: points in all.
        n_jobs: proposed at a time, before their values are known; useful with a launcher of several processes.
        direction: maximize or minimize.
        seed: of the sampler.
        startup: points at random before the sampler (Optuna's TPE) learns from them.
        params: where to look, in Hydra's words: interval(a,b), tag(log,interval(a,b)), range(a,b), choice(a,b).
    """

    def __init__(self, n_trials: int, n_jobs: int, direction: str, seed: int, startup: int, params: Any) -> None:
        self.n_trials, self.n_jobs, self.direction = n_trials, n_jobs, direction
        self.seed, self.startup, self.params = seed, startup, dict(params or {})

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Makes the launcher."""
        self.loader = hydra_context.config_loader
        self.stops = config.sweep.on_failure.name == "stop"
        plugins = Plugins.instance()
        self.own: Launcher = plugins.instantiate_launcher(hydra_context, task_function, config)

    def sweep(self, arguments: list[str]) -> Any:
        """Searches and says which point is best of those that were done; returns its parameters.

        Raises:
            TypoglotError: a job failed.
        """
        import optuna
        from optuna.trial import TrialState

        from typoglot.terminal import show

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        parser = OverridesParser.create(config_loader=self.loader)
        words = [*(f"{key}={value}" for key, value in self.params.items()), *arguments]
        overrides = {override.get_key_element(): override for override in parser.parse_overrides(words)}
        space = {key: _distribution(one) for key, one in overrides.items() if one.is_sweep_override()}
        fixed = [f"{key}={one.get_value_element_as_str()}" for key, one in overrides.items() if key not in space]
        sampler = optuna.samplers.TPESampler(seed=self.seed, n_startup_trials=self.startup)
        study = optuna.create_study(direction=self.direction, sampler=sampler)
        error = None
        for done in range(0, self.n_trials, self.n_jobs):
            trials = [study.ask(space) for _ in range(min(self.n_jobs, self.n_trials - done))]
            jobs = [[*fixed, *(f"{key}={value}" for key, value in trial.params.items())] for trial in trials]
            for trial, returned in zip(trials, self.own.launch(jobs, initial_job_idx=done), strict=True):
                error = _tell(study, trial, returned) or error
            if error and self.stops:
                break
        finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if finished:
            best = " ".join(f"{key}={value}" for key, value in study.best_params.items())
            show(f"Best of {len(finished)}: {best} ({study.best_value:.4f})")
        if error:
            raise error
        return study.best_params


def _tell(study: Any, trial: Trial, returned: Any) -> BaseException | None:
    """Gives a job's value to the study; a job that failed has none, and its error is returned."""
    from optuna.trial import TrialState

    if returned.status is JobStatus.COMPLETED:
        study.tell(trial, returned.return_value)
        return None
    study.tell(trial, state=TrialState.FAIL)
    error: BaseException = returned._return_value
    return error


def _distribution(override: Override) -> BaseDistribution:
    """Hydra's interval, range or choice as Optuna's."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    value: Any = override.value()
    if override.is_interval_sweep():
        log = "log" in value.tags
        whole = isinstance(value.start, int) and isinstance(value.end, int)
        return (IntDistribution if whole else FloatDistribution)(value.start, value.end, log=log)
    if override.is_range_sweep() and all(isinstance(one, int) for one in (value.start, value.stop, value.step)):
        places = list(value.range())
        return IntDistribution(min(places), max(places), step=abs(value.step))
    return CategoricalDistribution(list(override.sweep_string_iterator()))
