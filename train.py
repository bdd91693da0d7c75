"""Trains a dual encoder and draws its robustness curve: python train.py [-m] backbone=… typos.rates=[0,0.1]."""

import hydra
from omegaconf import DictConfig

from typoglot import cli


@hydra.main(version_base="1.3", config_path="conf", config_name="train")
def main(cfg: DictConfig) -> float:
    """One job; the returned number is what a sweeper may maximise."""
    return cli.run(cfg)


if __name__ == "__main__":
    cli.start(main)
