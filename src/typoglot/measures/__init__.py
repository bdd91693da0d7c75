"""Rankings to numbers, per query first and mean last. Knows ids, grades and answers; knows no files and no vectors."""

from typoglot.measures.answer_recall import AnswerRecall, Mode, recall_in_tokens
from typoglot.measures.answers import AnswerJudgements, has_answer
from typoglot.measures.bootstrap import Interval, intervals, macro_interval, macro_intervals, resampled_sums, spread
from typoglot.measures.correlation import spearman
from typoglot.measures.floors import Floor, Floors, answer_floors
from typoglot.measures.fragmentation import Fragments, Piece, fragments, token_edits
from typoglot.measures.interaction import Interaction, interaction
from typoglot.measures.paired import Correction, Difference, Pairs, adjusted, differences, every_pair
from typoglot.measures.ranking import Judgements, Measure, score_run
from typoglot.measures.robustness import Robustness, robustness
from typoglot.measures.trainings import (
    MANY,
    Kinds,
    Parts,
    kinds_of,
    losses_over_trainings,
    macros_over_trainings,
    mean_over_trainings,
    means_over_trainings,
    over_trainings,
    pairs_over_trainings,
    parts_of,
)

__all__ = [
    "MANY",
    "AnswerJudgements",
    "AnswerRecall",
    "Correction",
    "Difference",
    "Floor",
    "Floors",
    "Fragments",
    "Interaction",
    "Interval",
    "Judgements",
    "Kinds",
    "Measure",
    "Mode",
    "Pairs",
    "Parts",
    "Piece",
    "Robustness",
    "adjusted",
    "answer_floors",
    "differences",
    "every_pair",
    "fragments",
    "has_answer",
    "interaction",
    "intervals",
    "kinds_of",
    "losses_over_trainings",
    "macro_interval",
    "macro_intervals",
    "macros_over_trainings",
    "mean_over_trainings",
    "means_over_trainings",
    "over_trainings",
    "pairs_over_trainings",
    "parts_of",
    "recall_in_tokens",
    "resampled_sums",
    "robustness",
    "score_run",
    "spearman",
    "spread",
    "token_edits",
]
