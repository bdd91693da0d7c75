"""Evaluates a backbone, or a trained run, on misspelt queries: python evaluate.py backbone=NAME, or checkpoint=RUN."""

import hydra
from omegaconf import DictConfig

from typoglot import cli


@hydra.main(version_base="1.3", config_path="conf", config_name="evaluate")
def main(cfg: DictConfig) -> float:
    """One job; the returned number is what a sweeper may maximise."""
    return cli.run(cfg)


if __name__ == "__main__":
    cli.start(main)
