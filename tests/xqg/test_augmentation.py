from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from typoglot.config import Dtype, Pooling, Precision
from typoglot.encoder import Encoder
from typoglot.records import Passage
from typoglot.shelving import Shelving
from typoglot.store import Store
from typoglot.xqg.augmentation import Augmentation, AugmentedCorpus

Queries = dict[str, dict[str, tuple[str, ...]]]


def augmentation(queries: Queries, **changes: Any) -> Augmentation:
    return replace(Augmentation(queries, ("de", "ko"), (1, 3)), **changes)


def sums(corpus: AugmentedCorpus, count: int) -> NDArray[np.floating]:
    return np.concatenate([block.sums[count] for block in corpus.blocks()])


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing may be encoded."""

    def refuse(*arguments: object, **options: object) -> None:
        pytest.fail("encoded again")

    monkeypatch.setattr(Encoder, "encode_passages", refuse)


def test_passages_come_in_order_with_their_vectors(shelving: Shelving, passages: list[Passage]) -> None:
    corpus = AugmentedCorpus(shelving, passages)
    blocks = list(corpus.blocks())
    expected = shelving.encoder.encode_passages([one.content for one in passages], precision=Precision.fp32)

    assert corpus.ids == [one.id for one in passages]
    assert [(block.start, len(block.passages), block.sums, block.sizes) for block in blocks] == [
        (0, 3, {}, {}),
        (3, 3, {}, {}),
        (6, 1, {}, {}),
    ]
    np.testing.assert_allclose(np.concatenate([block.passages for block in blocks]), expected, atol=1e-6)


def test_a_sum_holds_the_first_queries_of_each_chosen_language(
    shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    corpus = AugmentedCorpus(shelving, passages, augmentation(queries, max_length=9))
    for block in corpus.blocks():
        for row, own in enumerate(corpus.ids[block.start : block.start + len(block.passages)]):
            for count in (1, 3):
                texts = [text for language in ("de", "ko") for text in queries.get(own, {}).get(language, ())[:count]]
                alone = [
                    shelving.encoder.encode_passages([text], precision=Precision.fp32, max_length=9) for text in texts
                ]
                expected = np.sum(alone, axis=(0, 1)) if alone else np.zeros(32)

                assert block.sizes[count][row] == len(texts)
                np.testing.assert_allclose(block.sums[count][row], expected, atol=1e-5)


def test_sums_in_fp16_are_added_in_fp32_and_rounded_once(
    shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    exact, rounded = (
        sums(AugmentedCorpus(replace(shelving, dtype=dtype), passages, augmentation(queries)), 3)
        for dtype in (Dtype.fp32, Dtype.fp16)
    )

    assert (rounded == exact.astype(np.float16)).all()


def test_what_was_made_for_three_queries_serves_one_and_two_as_well(
    shelving: Shelving, passages: list[Passage], queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = sums(AugmentedCorpus(shelving, passages, augmentation(queries, counts=(2,))), 2)
    assert AugmentedCorpus(shelving, passages, augmentation(queries, counts=(3,))).fill() == 3
    forbid(monkeypatch)
    again = AugmentedCorpus(shelving, passages, augmentation(queries, counts=(1, 2)))

    assert again.fill() == 0
    assert (sums(again, 2) == expected).all()


def test_more_queries_of_a_passage_leave_smaller_counts_as_they_are(
    shelving: Shelving, passages: list[Passage], queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {own: {language: texts[:1] for language, texts in by.items()} for own, by in queries.items()}
    AugmentedCorpus(shelving, passages, augmentation(first, counts=(1,))).fill()
    forbid(monkeypatch)

    assert AugmentedCorpus(shelving, passages, augmentation(queries, counts=(1,))).fill() == 0


def test_every_block_can_be_made_alone(
    shelving: Shelving, passages: list[Passage], queries: Queries, tmp_path: Path
) -> None:
    corpus = AugmentedCorpus(shelving, passages, augmentation(queries))
    corpus.fill()
    whole = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*.npy"))}
    for path in whole:
        path.unlink()
        corpus.fill()

    assert len(whole) == 3 * (1 + 3)
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*.npy"))} == whole


def test_kept_vectors_give_the_same_sums_bit_for_bit_and_are_not_encoded_again(
    shelving: Shelving, passages: list[Passage], queries: Queries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelving = replace(shelving, dtype=Dtype.fp16)
    plain = sums(AugmentedCorpus(shelving, passages, augmentation(queries)), 3)
    elsewhere = replace(shelving, store=Store(tmp_path / "kept"))
    kept = AugmentedCorpus(elsewhere, passages, augmentation(queries, keep=True))
    kept.fill()
    assert sum(entry.ingredients["what"] == "generated queries" for entry in elsewhere.store.ls()) == 2 * 3
    for path in tmp_path.glob("kept/*/*.npy"):
        if '"what": "sums"' in (path.parent / "layer.json").read_text():
            path.unlink()
    forbid(monkeypatch)

    assert (sums(kept, 3) == plain).all()


def test_vectors_are_kept_even_where_the_sums_are_there_already(
    shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    AugmentedCorpus(shelving, passages, augmentation(queries)).fill()

    assert AugmentedCorpus(shelving, passages, augmentation(queries, keep=True)).fill() == 2 * 3 * 3


def test_noise_has_the_norms_of_the_queries_and_belongs_to_their_passages(
    shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    one = augmentation(queries, languages=("de",), counts=(1,))
    plain = sums(AugmentedCorpus(shelving, passages, one), 1)
    noise = sums(AugmentedCorpus(shelving, passages, replace(one, noise=5)), 1)
    backwards = sums(AugmentedCorpus(shelving, passages[::-1], replace(one, noise=5)), 1)

    np.testing.assert_allclose(np.linalg.norm(noise, axis=1), np.linalg.norm(plain, axis=1), rtol=1e-5)
    assert not np.isclose(noise, plain).all(axis=1)[[0, 1, 2, 4, 5, 6]].any()
    np.testing.assert_allclose(backwards[::-1], noise, rtol=1e-4, atol=1e-6)


def test_queries_of_no_passage_in_the_corpus_are_refused(shelving: Shelving, passages: list[Passage]) -> None:
    with pytest.raises(ValueError, match="None of 7 passages has generated queries: ids of both must be the same"):
        AugmentedCorpus(shelving, passages, augmentation({"another": {"de": ("Wo?",)}}))


@pytest.mark.parametrize("counts", [(), (0, 1)])
def test_a_count_of_none_is_refused(
    counts: tuple[int, ...], shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    with pytest.raises(ValueError, match="at least one is needed, and each must be 1 or more"):
        AugmentedCorpus(shelving, passages, augmentation(queries, counts=counts))


# What changes the key, and what does not.


def keys(shelving: Shelving, passages: list[Passage], how: Augmentation) -> dict[str, set[str]]:
    """The keys that a filled corpus adds to the store, by what they hold; those of one or two queries left out."""
    before = {entry.key for entry in shelving.store.ls()}
    AugmentedCorpus(shelving, passages, how).fill()
    found: dict[str, set[str]] = {"passages": set(), "sums": set(), "generated queries": set()}
    for entry in shelving.store.ls():
        if entry.key not in before and entry.ingredients.get("count", 3) == 3:
            found[entry.ingredients["what"]].add(entry.key)
    return found


def changed_encoder(shelving: Shelving) -> Encoder:
    network = shelving.encoder.query_network
    with torch.no_grad():
        next(network.parameters()).add_(0.1)
    return Encoder(network, None, shelving.encoder.tokenizer, shelving.encoder.recipe)


@pytest.mark.parametrize(
    "change",
    [
        {"pooling": Pooling.cls},
        {"normalise": True},
        {"passage_prefix": ""},
    ],
)
def test_each_part_of_the_recipe_changes_all_keys(
    change: dict[str, Any], shelving: Shelving, passages: list[Passage], queries: Queries,
    make_encoder: Callable[..., Encoder],
) -> None:  # fmt: skip
    keys(shelving, passages, augmentation(queries))
    found = keys(replace(shelving, encoder=make_encoder(**change)), passages, augmentation(queries))

    assert (len(found["passages"]), len(found["sums"])) == (1, 1)


@pytest.mark.parametrize("change", [{"dtype": Dtype.fp16}, {"precision": Precision.bf16}])
def test_each_number_format_changes_all_keys(
    change: dict[str, Any], shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    keys(shelving, passages, augmentation(queries))
    found = keys(replace(shelving, **change), passages, augmentation(queries))

    assert (len(found["passages"]), len(found["sums"])) == (1, 1)


def test_weights_change_all_keys(shelving: Shelving, passages: list[Passage], queries: Queries) -> None:
    keys(shelving, passages, augmentation(queries))
    found = keys(replace(shelving, encoder=changed_encoder(shelving)), passages, augmentation(queries))

    assert (len(found["passages"]), len(found["sums"])) == (1, 1)


def test_a_passages_length_changes_the_key_of_passages_alone(
    shelving: Shelving, passages: list[Passage], queries: Queries, make_encoder: Callable[..., Encoder]
) -> None:
    keys(shelving, passages, augmentation(queries))
    found = keys(replace(shelving, encoder=make_encoder(passage_max_length=40)), passages, augmentation(queries))

    assert (len(found["passages"]), len(found["sums"])) == (1, 0)


@pytest.mark.parametrize("change", [{"max_length": 31}, {"noise": 1}, {"languages": ("de", "ko", "en")}])
def test_each_way_to_read_queries_changes_the_key_of_sums_alone(
    change: dict[str, Any], shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    keys(shelving, passages, augmentation(queries))
    found = keys(shelving, passages, augmentation(queries, **change))

    assert (len(found["passages"]), len(found["sums"])) == (0, 1)


def test_the_seed_of_noise_and_the_ids_it_is_drawn_by_change_the_key(
    shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    renamed = [replace(one, id=f"{one.id}x") for one in passages]
    theirs = {f"{own}x": by for own, by in queries.items()}
    keys(shelving, passages, augmentation(queries, noise=1))

    assert len(keys(shelving, passages, augmentation(queries, noise=2))["sums"]) == 1
    assert len(keys(shelving, renamed, augmentation(theirs, noise=1))["sums"]) == 1


@pytest.mark.parametrize(("place", "first"), [(0, True), (2, False)])
def test_one_changed_query_changes_the_sums_it_is_part_of(
    place: int, first: bool, shelving: Shelving, passages: list[Passage], queries: Queries
) -> None:
    keys(shelving, passages, augmentation(queries))
    texts = list(queries[passages[0].id]["de"])
    texts[place] += "?"
    queries[passages[0].id]["de"] = tuple(texts)
    before = len(shelving.store.ls())
    AugmentedCorpus(shelving, passages, augmentation(queries)).fill()

    assert len(shelving.store.ls()) - before == (3 if first else 1)


def test_the_order_of_passages_changes_all_keys(shelving: Shelving, passages: list[Passage], queries: Queries) -> None:
    keys(shelving, passages, augmentation(queries))
    found = keys(shelving, passages[::-1], augmentation(queries))

    assert (len(found["passages"]), len(found["sums"])) == (1, 1)


def test_what_changes_no_number_changes_no_key(
    shelving: Shelving, passages: list[Passage], queries: Queries, make_encoder: Callable[..., Encoder]
) -> None:
    keys(shelving, passages, augmentation(queries))
    others = make_encoder(query_prefix="", query_max_length=9)
    renamed = [replace(one, id=f"{one.id}x") for one in passages]
    theirs = {f"{own}x": by for own, by in reversed(queries.items())} | {"not there": {"de": ("Wo?",)}}
    found = keys(replace(shelving, encoder=others), renamed, augmentation(theirs, languages=("ko", "de", "ko")))

    assert found == {"passages": set(), "sums": set(), "generated queries": set()}
