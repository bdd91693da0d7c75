"""Vectors to rankings. The one place that turns positions into passage ids."""

from typoglot.search.corpus import Block, Corpus, HeldCorpus
from typoglot.search.exact import ExactIndex
from typoglot.search.law import Ranking, as_run
from typoglot.search.surface import Stretch, Surface

__all__ = ["Block", "Corpus", "ExactIndex", "HeldCorpus", "Ranking", "Stretch", "Surface", "as_run"]
