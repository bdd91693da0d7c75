"""typoglot: how much do misspelt queries hurt a multilingual dense retriever, and what repairs it?"""

__version__ = "0.4.0"
