"""Vectors to rankings. The one place that turns positions into passage ids."""

from typoglot.search.exact import ExactIndex
from typoglot.search.law import Ranking, as_run
from typoglot.search.surface import Surface

__all__ = ["ExactIndex", "Ranking", "Surface", "as_run"]
