"""Rankings to numbers, per query first and mean last. Knows ids, grades and answers; knows no files and no vectors."""

from typoglot.measures.answer_recall import AnswerRecall, Mode, recall_in_tokens
from typoglot.measures.bootstrap import intervals, macro_interval
from typoglot.measures.ranking import Judgements, Measure, score_run

__all__ = [
    "AnswerRecall",
    "Judgements",
    "Measure",
    "Mode",
    "intervals",
    "macro_interval",
    "recall_in_tokens",
    "score_run",
]
