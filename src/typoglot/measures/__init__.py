"""Rankings to numbers, per query first and mean last. Knows ids, grades and answers; knows no files and no vectors."""

from typoglot.measures.answer_recall import AnswerRecall, Mode, recall_in_tokens
from typoglot.measures.bootstrap import Interval, intervals, macro_interval
from typoglot.measures.interaction import Interaction, interaction
from typoglot.measures.paired import Correction, Difference, Pairs, adjusted, differences, every_pair
from typoglot.measures.ranking import Judgements, Measure, score_run
from typoglot.measures.robustness import Robustness, robustness

__all__ = [
    "AnswerRecall",
    "Correction",
    "Difference",
    "Interaction",
    "Interval",
    "Judgements",
    "Measure",
    "Mode",
    "Pairs",
    "Robustness",
    "adjusted",
    "differences",
    "every_pair",
    "interaction",
    "intervals",
    "macro_interval",
    "recall_in_tokens",
    "robustness",
    "score_run",
]
