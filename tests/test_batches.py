"""Batches: padding, grouping by length, and the order of training pairs."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.batches import Pick, Schedule, by_length, named_generator, pad

quick = settings(max_examples=100, deadline=None, database=None)
lengths = st.lists(st.integers(0, 50), max_size=40)
weights = st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0, 3.0])


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """One to three sources of up to 30 pairs."""
    sizes = draw(st.dictionaries(st.sampled_from("abc"), st.integers(1, 30), min_size=1))
    weighed = {source: draw(weights) for source in sizes}
    return Schedule(sizes, weighed, draw(st.integers(1, 12)), draw(st.integers(0, 1000)))


def epochs(schedule: Schedule, count: int, first: int = 0) -> list[Pick]:
    """All batches of as many epochs."""
    each = schedule.batches_per_epoch()
    return [schedule.pick(number) for number in range(first * each, (first + count) * each)]


def drawn(picks: list[Pick], source: str = "a") -> list[int]:
    """The pairs of a source, batch by batch."""
    return [int(pair) for pick in picks if pick.source == source for pair in pick.pairs]


# Padding


def test_rows_are_padded_to_the_longest() -> None:
    tokens = pad([[5, 6, 7], [8], []], pad_id=1)

    assert tokens["input_ids"].tolist() == [[5, 6, 7], [8, 1, 1], [1, 1, 1]]
    assert tokens["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0], [0, 0, 0]]


def test_a_token_that_looks_like_padding_is_still_attended() -> None:
    assert pad([[0, 5], [0]], pad_id=0)["attention_mask"].tolist() == [[1, 1], [1, 0]]


def test_tokens_are_whole_numbers_as_an_embedding_wants_them() -> None:
    assert {tensor.dtype for tensor in pad([[1]], pad_id=0).values()} == {torch.long}


@quick
@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=6))
def test_the_mask_gives_each_row_back(rows: list[list[int]]) -> None:
    tokens = pad(rows, pad_id=99)

    kept = zip(tokens["input_ids"], tokens["attention_mask"].bool(), strict=True)
    assert [ids[mask].tolist() for ids, mask in kept] == rows


# Grouping by length


def test_texts_of_like_length_share_a_batch() -> None:
    assert list(by_length([2, 9, 3, 8], max_tokens=18)) == [[1, 3], [2, 0]]


def test_texts_of_one_length_stay_in_their_order() -> None:
    assert list(by_length([4, 4, 4], max_tokens=8)) == [[0, 1], [2]]


def test_a_text_longer_than_the_budget_is_a_batch_alone() -> None:
    assert list(by_length([3, 100, 3], max_tokens=10)) == [[1], [0, 2]]


def test_no_texts_make_no_batches() -> None:
    assert list(by_length([], max_tokens=10)) == []


def test_empty_texts_are_grouped_too() -> None:
    assert list(by_length([0, 0, 0], max_tokens=2)) == [[0, 1], [2]]


@quick
@given(lengths, st.integers(1, 100))
def test_each_text_is_in_one_batch(sizes: list[int], budget: int) -> None:
    assert sorted(position for batch in by_length(sizes, budget) for position in batch) == list(range(len(sizes)))


@quick
@given(lengths, st.integers(1, 100))
def test_a_padded_batch_never_exceeds_the_budget(sizes: list[int], budget: int) -> None:
    for batch in by_length(sizes, budget):
        assert len(batch) * max(sizes[position] for position in batch) <= budget or len(batch) == 1


@quick
@given(lengths, st.integers(1, 100))
def test_the_longest_come_first(sizes: list[int], budget: int) -> None:
    order = [sizes[position] for batch in by_length(sizes, budget) for position in batch]

    assert order == sorted(order, reverse=True)


# The schedule


@pytest.mark.parametrize("weight", [0.5, 1.0])
def test_each_pair_is_drawn_once_before_any_is_drawn_twice(weight: float) -> None:
    schedule = Schedule({"a": 12}, {"a": weight}, batch_size=3, seed=1)
    pairs = drawn(epochs(schedule, 6))

    assert all(sorted(pairs[start : start + 12]) == list(range(12)) for start in range(0, len(pairs), 12))


@quick
@given(schedules(), st.integers(1, 5))
def test_no_pair_is_drawn_twice_in_a_round(schedule: Schedule, count: int) -> None:
    picks = epochs(schedule, count)
    for source, size in schedule.sizes.items():
        pairs, batch = drawn(picks, source), min(schedule.batch_size, size)
        whole = size // batch * batch  # what a round draws
        rounds = [pairs[start : start + whole] for start in range(0, len(pairs), whole)]
        assert all(len(set(one)) == len(one) for one in rounds)


@quick
@given(schedules(), st.integers(1, 5))
def test_no_pair_is_drawn_twice_in_a_batch(schedule: Schedule, count: int) -> None:
    assert all(len(set(pick.pairs)) == len(pick.pairs) for pick in epochs(schedule, count))


def test_what_does_not_fill_a_batch_comes_in_a_later_round() -> None:
    schedule = Schedule({"a": 10}, {"a": 1.0}, batch_size=7, seed=1)  # three of ten are left out of each round

    assert set(drawn(epochs(schedule, 1))) < set(range(10))
    assert set(drawn(epochs(schedule, 20))) == set(range(10))


def test_each_round_has_an_order_of_its_own() -> None:
    schedule = Schedule({"a": 30}, {"a": 1.0}, batch_size=30, seed=1)

    assert len({tuple(drawn(epochs(schedule, 1, first=epoch))) for epoch in range(10)}) == 10


@quick
@given(schedules(), st.integers(0, 500))
def test_a_batch_is_full_and_of_one_source(schedule: Schedule, number: int) -> None:
    pick = schedule.pick(number)

    size = schedule.sizes[pick.source]
    assert len(pick.pairs) == min(schedule.batch_size, size)
    assert all(0 <= pair < size for pair in pick.pairs)
    assert pick.number == number


def test_an_epoch_draws_each_source_as_often_as_its_weight_says() -> None:
    schedule = Schedule({"a": 40, "b": 40, "c": 10}, {"a": 1.0, "b": 0.5, "c": 2.0}, batch_size=5, seed=3)
    batches = Counter(pick.source for pick in epochs(schedule, 1))

    assert batches == {"a": 8, "b": 4, "c": 4}
    assert schedule.batches_per_epoch() == 16


def test_weights_hold_in_every_epoch() -> None:
    schedule = Schedule({"a": 20, "b": 20}, {"a": 3.0, "b": 1.0}, batch_size=4, seed=3)

    for epoch in range(5):
        assert Counter(pick.source for pick in epochs(schedule, 1, first=epoch)) == {"a": 15, "b": 5}


def test_a_source_smaller_than_a_batch_fills_one_with_all_it_has() -> None:
    schedule = Schedule({"a": 3}, {"a": 1.0}, batch_size=8, seed=1)

    assert schedule.batches_per_epoch() == 1
    assert sorted(schedule.pick(0).pairs) == [0, 1, 2]


@pytest.mark.parametrize(("weight", "batches"), [(0.29, 29), (0.57, 57), (0.58, 58)])
def test_a_weight_that_binary_numbers_miss_loses_no_batch(weight: float, batches: int) -> None:
    assert int(100 * weight) == batches - 1  # 100 * 0.29 is 28.99…
    assert Schedule({"a": 100}, {"a": weight}, batch_size=1, seed=1).batches_per_epoch() == batches


def test_every_source_has_a_batch_however_small_its_weight() -> None:
    schedule = Schedule({"a": 100, "b": 4}, {"a": 1.0, "b": 0.1}, batch_size=4, seed=1)

    assert Counter(pick.source for pick in epochs(schedule, 1)) == {"a": 25, "b": 1}


def test_sources_are_mixed_within_an_epoch() -> None:
    schedule = Schedule({"a": 40, "b": 40}, {"a": 1.0, "b": 1.0}, batch_size=4, seed=1)
    order = "".join(pick.source for pick in epochs(schedule, 1))

    assert "ab" in order
    assert "ba" in order


@quick
@given(schedules(), st.permutations(range(20)))
def test_a_batch_depends_on_its_number_alone(schedule: Schedule, order: list[int]) -> None:
    found = {number: schedule.pick(number) for number in order}
    again = Schedule(schedule.sizes, schedule.weights, schedule.batch_size, schedule.seed)

    for number in range(20):
        pick = again.pick(number)
        assert (pick.source, pick.pairs.tolist()) == (found[number].source, found[number].pairs.tolist())


def test_another_seed_gives_another_order() -> None:
    one, other = (Schedule({"a": 50}, {"a": 1.0}, 10, seed) for seed in (1, 2))

    assert drawn(epochs(one, 1)) != drawn(epochs(other, 1))


def test_the_state_of_numpy_and_torch_does_not_matter() -> None:
    schedule = Schedule({"a": 50}, {"a": 1.0}, 10, seed=77)
    np.random.seed(1)  # noqa: NPY002  the old global state is what must not matter
    torch.manual_seed(1)
    first = drawn(epochs(schedule, 1))
    np.random.seed(2)  # noqa: NPY002
    torch.manual_seed(2)

    assert drawn(epochs(Schedule({"a": 50}, {"a": 1.0}, 10, seed=77), 1)) == first


def test_many_rounds_back_gives_the_same_batch_again() -> None:
    schedule = Schedule({"a": 4}, {"a": 1.0}, batch_size=4, seed=1)  # a permutation a batch: more than are kept
    first = [schedule.pick(number).pairs.tolist() for number in range(200)]

    assert [schedule.pick(number).pairs.tolist() for number in range(200)] == first


# Generators by name


def test_a_generator_is_decided_by_its_name() -> None:
    assert named_generator("a", 1).integers(2**40) == named_generator("a", 1).integers(2**40)


def test_another_name_is_another_generator() -> None:
    numbers = {int(named_generator(*name).integers(2**40)) for name in [("a", 1), ("a", 2), ("b", 1), (1, "a"), ()]}

    assert len(numbers) == 5
