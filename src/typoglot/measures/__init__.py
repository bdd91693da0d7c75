"""Rankings to numbers, per query first and mean last. Knows ids, grades and answers; knows no files and no vectors."""

from typoglot.measures.answer_recall import AnswerRecall, Mode, recall_in_tokens
from typoglot.measures.answers import AnswerJudgements, has_answer
from typoglot.measures.bootstrap import Interval, intervals, macro_interval, macro_intervals
from typoglot.measures.floors import Floor, Floors, answer_floors
from typoglot.measures.interaction import Interaction, interaction
from typoglot.measures.paired import Correction, Difference, adjusted, differences
from typoglot.measures.ranking import Judgements, Measure, score_run
from typoglot.measures.robustness import Robustness, robustness

__all__ = [
    "AnswerJudgements",
    "AnswerRecall",
    "Correction",
    "Difference",
    "Floor",
    "Floors",
    "Interaction",
    "Interval",
    "Judgements",
    "Measure",
    "Mode",
    "Robustness",
    "adjusted",
    "answer_floors",
    "differences",
    "has_answer",
    "interaction",
    "intervals",
    "macro_interval",
    "macro_intervals",
    "recall_in_tokens",
    "robustness",
    "score_run",
]
