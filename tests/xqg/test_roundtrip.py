from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from typoglot.config import Precision
from typoglot.records import Passage
from typoglot.shelving import Shelving
from typoglot.xqg import roundtrip
from typoglot.xqg.roundtrip import round_trip

Queries = dict[str, dict[str, tuple[str, ...]]]


@pytest.mark.parametrize("depth", [1, 3, 9])
def test_a_query_stays_if_its_passage_is_among_the_first(
    depth: int, shelving: Shelving, passages: list[Passage], queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roundtrip, "_AT_ONCE", 4)
    encode = partial(shelving.encoder.encode_queries, precision=Precision.fp32)
    texts, ids = [one.content for one in passages], [one.id for one in passages]
    found = round_trip(queries, ids, shelving.passages(texts), depth, encode)

    vectors = shelving.encoder.encode_passages(texts, precision=Precision.fp32)
    dropped = dict.fromkeys(("de", "ko", "en"), 0)
    for own, by in queries.items():
        for language, candidates in by.items():
            kept = []
            for text in candidates:
                order = np.argsort(-(vectors @ encode([text])[0]), kind="stable")
                if own in [ids[position] for position in order[:depth]]:
                    kept.append(text)
            assert found.queries[own][language] == tuple(kept)
            dropped[language] += len(candidates) - len(kept)
    assert found.dropped == dropped
    assert (sum(dropped.values()) > 0) == (depth < 7)


def test_a_passage_without_queries_stays_without(shelving: Shelving, passages: list[Passage], queries: Queries) -> None:
    encode = partial(shelving.encoder.encode_queries, precision=Precision.fp32)
    shelf = shelving.passages([one.content for one in passages])

    assert round_trip(queries, [one.id for one in passages], shelf, 1, encode).queries[passages[3].id] == {}
