from __future__ import annotations

from pathlib import Path

import nltk
import pytest
from punkt.data import english


def tables() -> dict[str, list[str]]:
    """Punkt's English tables as the lines of the files in which NLTK fetches them."""
    return {
        "abbrev_types.txt": sorted(english.ABBREV_TYPES),
        "sent_starters.txt": sorted(english.SENT_STARTERS),
        "collocations.tab": sorted("\t".join(pair) for pair in english.COLLOCATIONS),
        "ortho_context.tab": sorted(f"{word}\t{flags}" for word, flags in english.ORTHO_CONTEXT.items()),
    }


@pytest.fixture(scope="session")
def nltk_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which NLTK finds those files, as after nltk.download("punkt_tab"): `nltk.word_tokenize` works."""
    root = tmp_path_factory.mktemp("nltk_data")
    folder = root / "tokenizers" / "punkt_tab" / "english"
    folder.mkdir(parents=True)
    for name, lines in tables().items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    nltk.data.path[:] = [str(root)]
    return root
