"""Rankings to numbers, per query first and mean last. Knows ids and grades; knows no texts and no vectors."""

from typoglot.measures.bootstrap import interval
from typoglot.measures.ranking import Measure, score_run

__all__ = ["Measure", "interval", "score_run"]
