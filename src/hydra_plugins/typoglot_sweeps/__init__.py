"""Hydra finds its plugins here, and only here: launchers and a sweeper for typoglot's jobs.

Looked through at every start of every Hydra program: nothing heavy, and nothing of typoglot, is imported at the top.
"""
