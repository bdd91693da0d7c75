"""The named stream: one name gives one row of numbers, and the scalings keep to their range."""

from __future__ import annotations

import hashlib
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.stream import Stream

quick = settings(max_examples=50, deadline=None, database=None)
names = st.lists(st.text(max_size=5) | st.integers(), max_size=4)


class Highest(Stream):
    """Draws the largest number there is."""

    def bits(self) -> int:
        return 2**64 - 1


class Lowest(Stream):
    """Draws 0."""

    def bits(self) -> int:
        return 0


def blake(name: bytes, block: int) -> list[int]:
    """The eight numbers of one block, straight from the definition."""
    digest = hashlib.blake2b(name + block.to_bytes(8, "little")).digest()
    return [int.from_bytes(digest[i : i + 8], "little") for i in range(0, 64, 8)]


def test_the_numbers_are_those_of_the_hash_in_order() -> None:
    stream = Stream("ab", 7)

    name = b"\x02\x00\x00\x00ab" + b"\x01\x00\x00\x007"
    assert [stream.bits() for _ in range(20)] == [*blake(name, 0), *blake(name, 1), *blake(name, 2)[:4]]


@quick
@given(names)
def test_the_same_name_gives_the_same_numbers(name: list[str | int]) -> None:
    first, second = Stream(*name), Stream(*name)

    assert [first.bits() for _ in range(10)] == [second.bits() for _ in range(10)]


def test_streams_do_not_disturb_each_other() -> None:
    alone = Stream("a")
    expected = [alone.bits() for _ in range(10)]

    one, other = Stream("a"), Stream("b")
    assert [(one.bits(), other.bits())[0] for _ in range(10)] == expected


def test_the_stream_knows_nothing_of_the_random_module() -> None:
    random.seed(1)
    first = Stream("a").bits()
    random.seed(2)

    assert Stream("a").bits() == first


def test_parts_of_a_name_do_not_run_together() -> None:
    streams = [Stream("a", "bc"), Stream("ab", "c"), Stream("abc"), Stream("abc", ""), Stream("", "abc")]

    assert len({stream.bits() for stream in streams}) == 5


def test_a_name_may_hold_a_lone_surrogate() -> None:
    assert Stream("\ud800").bits() != Stream("\ud801").bits()


def test_a_unit_is_above_0_and_at_most_1() -> None:
    assert 0 < Lowest().unit() < 1e-15
    assert Highest().unit() == 1


def test_units_are_spread_evenly() -> None:
    stream = Stream("units")
    tenths = Counter(int(stream.unit() * 10) for _ in range(10_000))

    assert all(900 < tenths[tenth] < 1100 for tenth in range(10))


@quick
@given(st.integers(1, 2**40))
def test_below_reaches_from_0_to_just_under_the_bound(bound: int) -> None:
    assert Lowest().below(bound) == 0
    assert Highest().below(bound) == bound - 1


def test_each_item_is_chosen_equally_often() -> None:
    stream = Stream("choice")
    chosen = Counter(stream.choose("abcde") for _ in range(10_000))

    assert set(chosen) == set("abcde")
    assert all(1850 < count < 2150 for count in chosen.values())
