"""Text to misspelt text, in thirty languages. Knows no torch and imports in a fraction of a second."""

from typoglot.typos.engine import Plan, TypoEngine
from typoglot.typos.profiles import profile_fault

__all__ = ["Plan", "TypoEngine", "profile_fault"]
