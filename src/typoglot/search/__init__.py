"""Vectors to rankings. The one place that turns positions into passage ids."""

from typoglot.search.exact import ExactIndex

__all__ = ["ExactIndex"]
