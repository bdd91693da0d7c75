"""Rankings to numbers, per query first and mean last. Knows ids and grades; knows no texts and no vectors."""

from typoglot.measures.bootstrap import Interval, intervals
from typoglot.measures.interaction import Interaction, interaction
from typoglot.measures.paired import Correction, Difference, adjusted, differences
from typoglot.measures.ranking import Judgements, Measure, score_run
from typoglot.measures.robustness import Robustness, robustness

__all__ = [
    "Correction",
    "Difference",
    "Interaction",
    "Interval",
    "Judgements",
    "Measure",
    "Robustness",
    "adjusted",
    "differences",
    "interaction",
    "intervals",
    "robustness",
    "score_run",
]
