"""Rankings to numbers, per query first and mean last. Knows ids and grades; knows no texts and no vectors."""

from typoglot.measures.bootstrap import intervals
from typoglot.measures.ranking import Judgements, Measure, score_run

__all__ = ["Judgements", "Measure", "intervals", "score_run"]
