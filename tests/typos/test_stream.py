"""The named stream: one name gives one row of numbers, and the scalings keep to their range."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.stream import Names, Stream

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


def blake(name: bytes, blocks: int) -> list[int]:
    """The numbers of a name, eight a block, straight from the definition."""
    found: list[int] = []
    for _ in range(blocks):
        name = hashlib.blake2b(name).digest()
        found += [int.from_bytes(name[i : i + 8], "little") for i in range(0, 64, 8)]
    return found


def drawn(stream: Stream, count: int = 10) -> list[int]:
    """The first numbers."""
    return [stream.bits() for _ in range(count)]


def test_the_numbers_are_those_of_the_hash_and_then_of_its_hash() -> None:
    assert drawn(Stream("ab", 7), 20) == blake(b"2:ab1:7", 3)[:20]


def test_numbers_do_not_come_again_after_the_eighth() -> None:
    assert len(set(drawn(Stream("a"), 1000))) == 1000


@quick
@given(names)
def test_the_same_name_gives_the_same_numbers(name: list[str | int]) -> None:
    assert drawn(Stream(*name)) == drawn(Stream(*name))


def test_streams_do_not_disturb_each_other() -> None:
    one, other = Stream("a"), Stream("b")

    assert [(one.bits(), other.bits())[0] for _ in range(10)] == drawn(Stream("a"))


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


@quick
@given(names, st.text(max_size=5))
def test_a_name_that_was_begun_goes_on(name: list[str | int], end: str) -> None:
    whole = b"".join(b"%d:%b" % (len(part), part) for part in (str(one).encode() for one in name)) + end.encode()

    assert drawn(Names(*name).stream(end)) == blake(whole, 2)[:10]


def test_a_begun_name_is_the_name_in_one_piece() -> None:
    assert drawn(Names("a").stream("2:bc")) == drawn(Stream("a", "bc"))


def test_the_beginning_of_names_serves_again_and_again() -> None:
    names = Names("a", 1)
    first = drawn(names.stream("x"))

    assert drawn(names.stream("y")) != first
    assert drawn(names.stream("x")) == first


def test_a_begun_name_may_end_in_a_lone_surrogate() -> None:
    assert Names("a").stream("\ud800").bits() != Names("a").stream("\ud801").bits()


def test_a_unit_is_above_0_and_at_most_1() -> None:
    assert 0 < Lowest().unit() < 1e-15
    assert Highest().unit() == 1


def test_units_are_spread_evenly(chance: Callable[..., float]) -> None:
    stream = Stream("units")
    hundredths = Counter(int(stream.unit() * 100) for _ in range(20_000))

    assert chance(hundredths, dict.fromkeys(range(100), 1)) > 0.001


def test_each_bit_is_set_half_the_time() -> None:
    numbers = drawn(Stream("bits"), 10_000)

    assert all(4750 < sum(number >> bit & 1 for number in numbers) < 5250 for bit in range(64))


def test_streams_of_neighbouring_names_are_spread_evenly_too(chance: Callable[..., float]) -> None:
    first = Counter(Stream("q", number).below(50) for number in range(10_000))

    assert chance(first, dict.fromkeys(range(50), 1)) > 0.001


@quick
@given(st.integers(1, 2**40))
def test_below_reaches_from_0_to_just_under_the_bound(bound: int) -> None:
    assert Lowest().below(bound) == 0
    assert Highest().below(bound) == bound - 1


def test_each_item_is_chosen_equally_often(chance: Callable[..., float]) -> None:
    stream = Stream("choice")
    chosen = Counter(stream.choose("abcde") for _ in range(10_000))

    assert chance(chosen, dict.fromkeys("abcde", 1)) > 0.001


def test_weighted_items_are_chosen_by_their_weights(chance: Callable[..., float]) -> None:
    stream = Stream("weights")
    chosen = Counter(stream.weighted("abcd", (5, 5, 6, 10)) for _ in range(10_000))

    assert chance(chosen, {"a": 5, "b": 0, "c": 1, "d": 4}) > 0.001


def test_an_item_without_weight_is_not_chosen_at_either_end() -> None:
    assert Lowest().weighted("abcd", (0, 3, 5, 5)) == "b"
    assert Highest().weighted("abcd", (0, 3, 5, 5)) == "c"
