"""A writer's slips: each is one slip, of the class, operation, place and letter that the table asks for."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from typoglot.typos.casing import Casing, recase, upper
from typoglot.typos.keys.telex import Telex
from typoglot.typos.letters import Word
from typoglot.typos.slips import Slip
from typoglot.typos.stream import Stream
from typoglot.typos.tables import OPS, PLACES, Table
from typoglot.typos.writers import CANDIDATES, TRIES, Writer, bucket, operation, pressing, whole, without_marks

MakeTable = Callable[..., Table]
AsWord = Callable[..., Word]
Chance = Callable[..., float]

DRAWS = 20_000
quick = settings(max_examples=150, deadline=None, database=None)
numbers = st.integers(0, 2**32)
some_words = st.text("aeglmopstz'", min_size=2, max_size=10)
NEAR = {
    "a": "qwsz", "e": "wrsd", "g": "tyfhvb", "l": "opk", "m": "njk", "o": "ipkl", "p": "ol", "s": "weadzx",
    "t": "ryfg", "z": "asx", "'": "",
}  # fmt: skip
SPANISH = [
    [[c] for c in "1234567890"],
    [[c] for c in "qwertyuiop"] + [["\u0301"]],
    [[c] for c in "asdfghjklñ"],
    [[], *([c] for c in "zxcvbnm")],
]
TWO_SET = [
    [],
    [list(pair) for pair in ("ㅂㅃ", "ㅈㅉ", "ㄷㄸ", "ㄱㄲ", "ㅅㅆ", "ㅛㅛ", "ㅕㅕ", "ㅑㅑ", "ㅐㅒ", "ㅔㅖ")],
    [[c] for c in "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ"],
    [[], *([c] for c in "ㅋㅌㅊㅍㅠㅜㅡ")],
]
FLAT = dict.fromkeys(PLACES, 1)


@pytest.fixture(scope="session")
def fingers(language_table: MakeTable) -> dict[str, Writer]:
    """Writers who only ever make one operation."""
    return {op: Writer(language_table(classes={"mechanical": 1}, ops={op: 1})) for op in OPS}


@pytest.fixture(scope="session")
def english(language_table: MakeTable) -> Writer:
    """A writer with some of every class that English has."""
    return Writer(language_table(classes={"mechanical": 0.5, "orthographic": 0.3, "spacing": 0.2}))


@pytest.fixture(scope="session")
def spanish(language_table: MakeTable) -> Writer:
    """A writer whose fingers slip, on keys of which one is dead."""
    return Writer(language_table("es", alphabet="aeiouáéíóúñnpl", classes={"mechanical": 1}, rows=SPANISH))


@pytest.fixture(scope="session")
def confusing(language_table: MakeTable) -> Callable[..., Writer]:
    """A writer who makes nothing but the confusions given."""

    def made(*rows: tuple[str, str, float], language: str = "en", **changes: object) -> Writer:
        return Writer(language_table(language, **{"classes": {"orthographic": 1}, "orthographic": rows, **changes}))

    return made


def first(writer: Writer, word: Word, count: int) -> list[Slip]:
    """The first slip of as many streams; those without one are left out."""
    found = (next(writer.slips(word, Stream("first", number)), None) for number in range(count))
    return [slip for slip in found if slip is not None]


def texts(writer: Writer, word: Word, count: int = 300) -> set[str]:
    return {slip.text for slip in first(writer, word, count)}


def share(*weights: float) -> Callable[[float], float]:
    """Of a class's share, how much confusions of these weights call for."""
    return lambda of: of * (1 - math.exp(-sum(weights) / 10))


# One operation of the fingers is one operation


@quick
@given(some_words, numbers, st.sampled_from(OPS))
def test_a_slip_of_the_fingers_is_one_operation(
    fingers: dict[str, Writer], as_word: AsWord, text: str, number: int, op: str
) -> None:
    for slip in fingers[op].slips(as_word(text), Stream(number)):
        assert (slip.op, slip.kind, slip.swallowed) == (op, "mechanical", 0)
        assert OSA.distance(text, slip.text) == 1
        assert len(slip.text) - len(text) == {"delete": -1, "undouble": -1, "insert": 1, "double": 1}.get(op, 0)


@quick
@given(st.text("aeiouáéñnpl", min_size=2, max_size=8), numbers)
def test_a_dead_key_is_one_press_more(spanish: Writer, as_word: AsWord, text: str, number: int) -> None:
    pressed = spanish.keys.strokes(text)

    for slip in spanish.slips(as_word(text), Stream(number)):
        assert OSA.distance(pressed, spanish.keys.strokes(slip.text)) == 1
        assert unicodedata.is_normalized("NFC", slip.text)


@quick
@given(some_words, numbers)
def test_a_deletion_hits_no_doubled_letter(fingers: dict[str, Writer], as_word: AsWord, text: str, number: int) -> None:
    single = {i for i in range(len(text)) if text[i] not in (text[:i][-1:], text[i + 1 : i + 2])}

    for slip in fingers["delete"].slips(as_word(text), Stream(number)):
        assert slip.text in {text[:i] + text[i + 1 :] for i in single}


@quick
@given(some_words, numbers)
def test_only_a_doubled_letter_is_undoubled(
    fingers: dict[str, Writer], as_word: AsWord, text: str, number: int
) -> None:
    doubled = [i for i in range(len(text) - 1) if text[i] == text[i + 1]]
    found = list(fingers["undouble"].slips(as_word(text), Stream(number)))

    assert bool(found) == bool(doubled)
    assert {slip.text for slip in found} <= {text[:i] + text[i + 1 :] for i in doubled}


@quick
@given(some_words, numbers)
def test_an_insertion_doubles_no_letter(fingers: dict[str, Writer], as_word: AsWord, text: str, number: int) -> None:
    doubles = {text[:i] + c + text[i:] for i, c in enumerate(text)}

    assert not {slip.text for slip in fingers["insert"].slips(as_word(text), Stream(number))} & doubles


@quick
@given(some_words, numbers)
def test_a_doubling_doubles(fingers: dict[str, Writer], as_word: AsWord, text: str, number: int) -> None:
    doubles = {text[:i] + c + text[i:] for i, c in enumerate(text)}

    assert {slip.text for slip in fingers["double"].slips(as_word(text), Stream(number))} <= doubles


@quick
@given(some_words, numbers)
def test_a_letter_gives_way_to_that_of_a_neighbouring_key(
    fingers: dict[str, Writer], as_word: AsWord, text: str, number: int
) -> None:
    near = {text[:i] + other + text[i + 1 :] for i, c in enumerate(text) for other in NEAR[c]}

    assert {slip.text for slip in fingers["substitute"].slips(as_word(text), Stream(number))} <= near


@quick
@given(some_words, numbers)
def test_a_neighbouring_key_slips_in_beside_a_letter(
    fingers: dict[str, Writer], as_word: AsWord, text: str, number: int
) -> None:
    near = {text[: i + k] + other + text[i + k :] for i, c in enumerate(text) for other in NEAR[c] for k in (0, 1)}

    assert {slip.text for slip in fingers["insert"].slips(as_word(text), Stream(number))} <= near


@quick
@given(some_words, numbers)
def test_like_letters_are_not_transposed(fingers: dict[str, Writer], as_word: AsWord, text: str, number: int) -> None:
    pairs = {i for i in range(len(text) - 1) if text[i] != text[i + 1]}
    swapped = {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in pairs}

    assert {slip.text for slip in fingers["transpose"].slips(as_word(text), Stream(number))} <= swapped


@pytest.mark.parametrize(
    ("op", "text"),
    [("undouble", "owls"), ("transpose", "aa"), ("delete", "aabb"), ("substitute", "''"), ("insert", "''")],
)
def test_an_operation_that_has_no_place_is_not_drawn(
    fingers: dict[str, Writer], as_word: AsWord, op: str, text: str
) -> None:
    assert first(fingers[op], as_word(text), 20) == []


def test_a_writer_runs_out_of_slips(language_table: MakeTable, as_word: AsWord) -> None:
    writer = Writer(language_table(classes={"mechanical": 0.4, "orthographic": 0.4, "spacing": 0.2}))
    kinds = [slip.kind for slip in writer.slips(as_word("piece", joins=True), Stream(1))]

    assert set(kinds) == {"mechanical", "orthographic", "spacing"}
    assert sorted(Counter(kinds).values()) == [TRIES, TRIES, CANDIDATES]
    assert sum(a != b for a, b in pairwise(kinds)) == 2


def test_the_stream_alone_decides_a_slip(language_table: MakeTable, as_word: AsWord) -> None:
    one, other = Writer(language_table()), Writer(language_table())
    first(other, as_word("another"), 5)

    assert first(one, as_word("believe"), 50) == first(other, as_word("believe"), 50)


# Shares


def test_operations_come_in_the_shares_of_the_table(language_table: MakeTable, as_word: AsWord, chance: Chance) -> None:
    ops = {"substitute": 0.3, "delete": 0.2, "insert": 0.25, "double": 0.1, "undouble": 0.05, "transpose": 0.1}
    writer = Writer(language_table(classes={"mechanical": 1}, ops=ops))
    found = Counter(slip.op for slip in first(writer, as_word("balloon"), DRAWS))

    assert chance(found, ops) > 0.001


def test_an_operation_that_a_word_does_not_allow_leaves_its_share_to_the_others(
    language_table: MakeTable, as_word: AsWord, chance: Chance
) -> None:
    ops = {"delete": 0.5, "undouble": 0.3, "transpose": 0.2}
    writer = Writer(language_table(classes={"mechanical": 1}, ops=ops))
    found = Counter(slip.op for slip in first(writer, as_word("owls"), DRAWS))

    assert chance(found, {"delete": 0.5, "transpose": 0.2}) > 0.001


def test_places_come_in_the_shares_of_the_table(language_table: MakeTable, as_word: AsWord, chance: Chance) -> None:
    weights = {"first": 0.25, "second": 0.5, "early": 1, "middle": 2, "late": 1.5, "last": 0.75}
    writer = Writer(language_table(classes={"mechanical": 1}, ops={"delete": 1}, positions={"all": weights}))
    text, drawn = "keyboarding", first(writer, as_word("keyboarding"), DRAWS)
    found = Counter(next(i for i in range(11) if text[:i] + text[i + 1 :] == slip.text) for slip in drawn)

    where = ["first", "second", "early", "early", "early", "middle", "middle", "middle", "late", "late", "last"]
    assert chance(found, {i: weights[place] for i, place in enumerate(where)}) > 0.001


def test_an_operation_may_have_places_of_its_own(language_table: MakeTable, as_word: AsWord) -> None:
    own = {"all": FLAT, "delete": {**dict.fromkeys(PLACES, 0), "last": 1}}
    ops = {"delete": 0.5, "transpose": 0.5}
    writer = Writer(language_table(classes={"mechanical": 1}, ops=ops, positions=own))

    assert texts(writer, as_word("owls")) == {"owl", "wols", "olws", "owsl"}


def test_an_insertion_has_a_place_more_and_a_transposition_one_less(language_table: MakeTable, as_word: AsWord) -> None:
    last = {"all": {**dict.fromkeys(PLACES, 0), "last": 1}}
    writers = [Writer(language_table(classes={"mechanical": 1}, ops={op: 1}, positions=last))
               for op in ("insert", "transpose")]  # fmt: skip

    assert texts(writers[0], as_word("tap")) == {"tapo", "tapl"}
    assert texts(writers[1], as_word("tap")) == {"tpa"}


def test_letters_are_hit_as_often_as_the_table_says(language_table: MakeTable, as_word: AsWord, chance: Chance) -> None:
    letters = {"delete": {"vowel": 3, "o": 1.5, "k": 0, "d": 0.5}}
    writer = Writer(language_table(classes={"mechanical": 1}, ops={"delete": 1}, letters=letters))
    found = Counter(slip.text for slip in first(writer, as_word("keyboard"), DRAWS))

    weights = {"eyboard": 0, "kyboard": 3, "keboard": 1, "keyoard": 1, "keybard": 1.5, "keybord": 3, "keyboad": 1}
    assert chance(found, {**weights, "keyboar": 0.5}) > 0.001


def test_inserted_letters_come_as_often_as_the_table_says(
    language_table: MakeTable, as_word: AsWord, chance: Chance
) -> None:
    letters = {"insert": {**dict.fromkeys("bcdfhijklmnpqrstvwxyz", 0), "adjacent": 4, "u": 2, "h": 1}}
    writer = Writer(language_table(classes={"mechanical": 1}, ops={"insert": 1}, letters=letters))
    found = Counter(slip.text.replace("g", "") for slip in first(writer, as_word("gg"), DRAWS))

    assert chance(found, {"a": 1, "e": 1, "o": 1, "u": 2, "h": 4}) > 0.001


def test_neighbours_come_as_often_as_the_keyboard_says(fingers: dict[str, Writer], chance: Chance) -> None:
    letters, cumulative = fingers["substitute"].keyboard.neighbours("g")
    writer = fingers["substitute"]
    drawn = first(writer, Word(0, 2, "g'", ("g", "'")), DRAWS)

    weights = {letter: cumulative[i] - (cumulative[i - 1] if i else 0) for i, letter in enumerate(letters)}
    assert chance(Counter(slip.text[0] for slip in drawn), weights) > 0.001


def test_confusions_come_by_their_weight_and_the_place_of_their_operation(
    confusing: Callable[..., Writer], as_word: AsWord, chance: Chance
) -> None:
    positions = {"all": {**FLAT, "last": 0.25}, "insert": {**FLAT, "first": 3}}
    writer = confusing(("k", "kk", 2), ("e", "a", 4), ("b", "", 1), ("d", "t", 8), ("oa", "ao", 3), positions=positions)
    found = Counter((slip.text, slip.op) for slip in first(writer, as_word("keyboard"), DRAWS))

    weights = {("kkeyboard", "insert"): 6, ("kayboard", "substitute"): 4, ("keyoard", "delete"): 1}
    weights |= {("keyboart", "substitute"): 2, ("keybaord", "transpose"): 3}
    assert chance(found, weights) > 0.001


# Classes


def test_classes_come_by_their_share_and_how_much_the_word_calls_for_each(
    language_table: MakeTable, as_word: AsWord, chance: Chance
) -> None:
    classes = {"mechanical": 0.3, "orthographic": 0.4, "diacritic": 0.2, "spacing": 0.1}
    table = language_table(
        "fr", classes=classes, orthographic=[["p", "b", 5]], diacritic=[["è", "e", 10]], spacing={"join": 3, "split": 1}
    )
    drawn = first(Writer(table), as_word("pièce"), DRAWS)

    called = {"mechanical": share(5 * 2)(0.3), "orthographic": share(5)(0.4), "diacritic": share(10)(0.2)}
    assert chance(Counter(slip.kind for slip in drawn), {**called, "spacing": 0.1 * 1 / 4}) > 0.001


def test_a_word_with_more_places_to_err_errs_so_more_often(
    language_table: MakeTable, as_word: AsWord, chance: Chance
) -> None:
    writer = Writer(language_table(classes={"mechanical": 0.5, "orthographic": 0.5}, orthographic=[["a", "e", 3]]))
    found = Counter(slip.kind for slip in first(writer, as_word("banana"), DRAWS))

    assert chance(found, {"mechanical": share(6 * 2)(0.5), "orthographic": share(3, 3, 3)(0.5)}) > 0.001


def test_a_common_confusion_calls_for_most_of_its_class_s_share(language_table: MakeTable) -> None:
    prepared = Writer(language_table(orthographic=[["a", "e", 10]])).prepare("cat")

    assert prepared.choices["orthographic"].fullness == pytest.approx(1 - 1 / math.e)


def test_fingers_slip_more_often_in_longer_words_and_not_at_all_on_one_key() -> None:
    assert [pressing(count) for count in (0, 1)] == [0, 0]
    assert pressing(5) == pytest.approx(1 - 1 / math.e)
    assert pressing(10) == pytest.approx(1 - 1 / math.e**2)


@pytest.mark.parametrize(
    ("changes", "text", "kinds"),
    [
        ({}, "owls", {"mechanical"}),  # nothing to confuse
        ({}, "piece", {"mechanical", "orthographic"}),
        ({"classes": {"mechanical": 1, "orthographic": 0}}, "piece", {"mechanical"}),
        ({"classes": {"mechanical": 0.1, "input": 0.9}}, "piece", {"mechanical"}),  # no input method
        ({"classes": {"mechanical": 0.1, "diacritic": 0.9}}, "piece", {"mechanical"}),
        ({"classes": {"mechanical": 0.1, "spacing": 0.9}}, "owl", {"mechanical"}),  # too short to be parted
        ({"classes": {"mechanical": 0.1, "spacing": 0.9}}, "owls", {"mechanical", "spacing"}),
        ({"classes": {"mechanical": 0.1, "spacing": 0.9}, "spacing": {"join": 1}}, "owls", {"mechanical"}),
        ({"ops": {"undouble": 1}}, "piece", {"orthographic"}),
        ({"ops": {"undouble": 1}}, "owls", set()),
        ({"orthographic": [["i", "y", 0]]}, "piece", {"mechanical"}),  # a confusion that weighs nothing
    ],
)
def test_a_class_that_cannot_apply_is_never_drawn(
    language_table: MakeTable, as_word: AsWord, changes: dict[str, object], text: str, kinds: set[str]
) -> None:
    writer = Writer(language_table(**changes))

    assert {slip.kind for number in range(40) for slip in writer.slips(as_word(text), Stream(number))} == kinds


def test_a_hanzi_word_is_mistaken_for_one_that_sounds_alike(language_table: MakeTable, as_word: AsWord) -> None:
    writer = Writer(language_table("zh_cn", keys="pinyin", classes={"mechanical": 0.5, "input": 0.5}))
    kinds = Counter(slip.kind for slip in first(writer, as_word("月球"), 200))

    assert 80 < kinds["input"] < 160  # a half, against 1 - exp(-1.2) of the other half
    assert kinds.keys() == {"input", "mechanical"}


@pytest.mark.parametrize(("language", "method"), [("zh_cn", "pinyin"), ("zh_hk", "jyutping")])
def test_a_key_too_many_makes_no_syllable_more(
    language_table: MakeTable, as_word: AsWord, language: str, method: str
) -> None:
    found = texts(Writer(language_table(language, keys=method, classes={"mechanical": 1})), as_word("天安"))

    assert len(found) > 3
    assert {len(text) for text in found} == {2}


# Confusions


def test_a_confusion_may_happen_at_every_place_where_it_fits(confusing: Callable[..., Writer], as_word: AsWord) -> None:
    assert texts(confusing(("a", "e", 1), ("an", "en", 1)), as_word("banana")) == {"benana", "banena", "banane"}


def test_a_confusion_bound_to_an_end_happens_there_only(confusing: Callable[..., Writer], as_word: AsWord) -> None:
    assert texts(confusing(("^k", "c", 1)), as_word("kick")) == {"cick"}
    assert texts(confusing(("k$", "c", 1)), as_word("kick")) == {"kicc"}
    assert texts(confusing(("^ki", "ci", 1), ("ck$", "k", 1)), as_word("kick")) == {"cick", "kik"}


def test_a_confusion_bound_to_both_ends_asks_for_the_whole_word(
    confusing: Callable[..., Writer], as_word: AsWord
) -> None:
    writer = confusing(("^to$", "too", 1))

    assert texts(writer, as_word("to")) == {"too"}
    assert [texts(writer, as_word(text)) for text in ("toe", "auto", "toto")] == [set()] * 3


@pytest.mark.parametrize(
    ("right", "wrong", "text", "expected", "op"),
    [
        ("ie", "ei", "piece", "peice", "transpose"),
        ("ph", "f", "phone", "fone", "delete"),
        ("s", "ss", "dose", "dosse", "insert"),
        ("e", "a", "pet", "pat", "substitute"),
        ("h", "", "rhyme", "ryme", "delete"),
        ("c", "sch", "scene", "sschene", "insert"),
    ],
)
def test_a_confusion_is_named_by_what_it_comes_to(
    confusing: Callable[..., Writer], as_word: AsWord, right: str, wrong: str, text: str, expected: str, op: str
) -> None:
    assert set(first(confusing((right, wrong, 1)), as_word(text), 10)) == {Slip(expected, op, "orthographic")}
    assert operation(right, wrong) == op


def test_a_confusion_leaves_the_word_in_normal_form(confusing: Callable[..., Writer], as_word: AsWord) -> None:
    assert texts(confusing(("h", "\u0301", 1)), as_word("eh")) == {"é"}


def test_a_confusion_that_leaves_nothing_is_no_slip(confusing: Callable[..., Writer], as_word: AsWord) -> None:
    assert texts(confusing(("^a$", "", 1)), as_word("a")) == set()


# Marks


def test_marks_are_left_out_one_by_one_or_all_at_once(
    confusing: Callable[..., Writer], as_word: AsWord, chance: Chance
) -> None:
    marks = [["é", "e", 2], ["à", "a", 1]]
    writer = confusing(language="fr", classes={"diacritic": 1}, diacritic=marks, bare=0.5)
    found = Counter(slip.text for slip in first(writer, as_word("déjàpé"), DRAWS))

    assert chance(found, {"dejàpé": 2, "déjapé": 1, "déjàpe": 2, "dejape": 2.5}) > 0.001


def test_a_single_mark_is_left_out_by_its_confusion_alone(
    confusing: Callable[..., Writer], as_word: AsWord, chance: Chance
) -> None:
    writer = confusing(language="fr", classes={"diacritic": 1}, diacritic=[["é", "e", 2], ["a", "à", 1]], bare=50)
    found = Counter(slip.text for slip in first(writer, as_word("café"), 2000))

    assert chance(found, {"cafe": 2, "càfé": 1}) > 0.001


def test_slips_in_marks_may_have_places_of_their_own_or_share_those_of_substitution(
    confusing: Callable[..., Writer], as_word: AsWord, chance: Chance
) -> None:
    marks = {"language": "fr", "classes": {"diacritic": 1}, "diacritic": [["é", "e", 1], ["à", "aa", 1]]}
    places = {"all": FLAT, "substitute": {**FLAT, "second": 0.5}, "insert": {**FLAT, "last": 9}}
    shared = confusing(positions=places, **marks)
    own = confusing(positions={**places, "diacritic": {**FLAT, "second": 3}}, **marks)

    for writer, second in ((shared, 0.5), (own, 3)):
        found = Counter(slip.text for slip in first(writer, as_word("déjà"), 5000))
        assert chance(found, {"dejà": second, "déjaa": 1}) > 0.001


def test_a_bare_word_is_a_slip_in_marks(confusing: Callable[..., Writer], as_word: AsWord) -> None:
    writer = confusing(language="vi", classes={"diacritic": 1}, diacritic=[["ườ", "uo", 1]], bare=1000)

    assert Slip("duong", "substitute", "diacritic") in first(writer, as_word("đường"), 20)


@pytest.mark.parametrize(
    ("word", "bare"),
    [("đường", "duong"), ("Łódź", "Łodz"), ("søør", "soor"), ("ılık", "ilik"), ("ёлка", "елка"), ("λόγος", "λογος"),
     ("naïve", "naive"), ("straße", "straße"), ("owl", "owl")],
)  # fmt: skip
def test_a_word_without_marks(word: str, bare: str) -> None:
    assert without_marks(word) == bare


@pytest.mark.parametrize("word", ["값이", "がっこう", "أب", "কোন"])
def test_what_unicode_takes_apart_is_not_always_a_mark(word: str) -> None:
    assert without_marks(word) == word


# Spaces


def test_a_word_is_joined_only_where_another_follows(language_table: MakeTable, as_word: AsWord) -> None:
    writer = Writer(language_table(classes={"spacing": 1}, spacing={"join": 1}))

    assert set(first(writer, as_word("owls", joins=True), 20)) == {Slip("owls", "join", "spacing", swallowed=1)}
    assert first(writer, as_word("owls"), 20) == []


@quick
@given(some_words, numbers)
def test_a_split_leaves_both_parts(english: Writer, as_word: AsWord, text: str, number: int) -> None:
    found = [slip for slip in english.slips(as_word(text), Stream(number)) if slip.kind == "spacing"]

    assert bool(found) == (len(text) >= 4)
    for slip in found:
        assert (slip.op, slip.kind, slip.swallowed, slip.text.replace(" ", "")) == ("split", "spacing", 0, text)
        assert all(slip.text.split(" "))


def test_a_word_is_split_at_every_place_equally_often(
    language_table: MakeTable, as_word: AsWord, chance: Chance
) -> None:
    writer = Writer(language_table(classes={"spacing": 1}))
    found = Counter(slip.text for slip in first(writer, as_word("harbour"), 6000))

    assert chance(found, {"harbour"[:i] + " " + "harbour"[i:]: 1 for i in range(1, 7)}) > 0.001


def test_joins_and_splits_come_in_the_shares_of_the_table(
    language_table: MakeTable, as_word: AsWord, chance: Chance
) -> None:
    writer = Writer(language_table(classes={"spacing": 1}, spacing={"join": 3, "split": 1}))
    found = Counter(slip.op for slip in first(writer, as_word("harbour", joins=True), DRAWS))

    assert chance(found, {"join": 3, "split": 1}) > 0.001


def test_a_split_does_not_part_a_cluster(language_table: MakeTable, as_word: AsWord) -> None:
    writer = Writer(language_table("hi", classes={"spacing": 1}))

    assert texts(writer, as_word("क्षमाकरो")) == {"क्ष माकरो", "क्षमा करो", "क्षमाक रो"}


def test_what_weights_sum_to_means_nothing(language_table: MakeTable, as_word: AsWord) -> None:
    writer = Writer(language_table(classes={"spacing": 1}, spacing={"join": 3e-7, "split": 1e-7}))

    assert {slip.op for slip in first(writer, as_word("harbour", joins=True), 100)} == {"join", "split"}


# Case


@quick
@given(
    some_words.filter(lambda text: len(text.strip("'")) > 1 and text[0] != "'" != text[1]),
    numbers,
    st.sampled_from([Casing.title, Casing.upper]),
)
def test_a_word_in_capitals_slips_as_the_same_word_without(
    english: Writer, as_word: AsWord, text: str, number: int, how: Casing
) -> None:
    plain = english.slips(as_word(text), Stream(number))
    cased = english.slips(as_word(recase(text, how, "en")), Stream(number))

    assert [recase(slip.text, how, "en") for slip in plain] == [slip.text for slip in cased]


@quick
@given(numbers)
def test_a_word_of_mixed_case_keeps_the_case_of_its_letters(
    fingers: dict[str, Writer], as_word: AsWord, number: int
) -> None:
    for slip in fingers["substitute"].slips(as_word("iPhONE"), Stream(number)):
        assert [c.isupper() for c in slip.text] == [c.isupper() for c in "iPhONE"]
    for slip in fingers["delete"].slips(as_word("iPhONE"), Stream(number)):
        assert not Counter(slip.text) - Counter("iPhONE")


def test_a_capital_slips_in_between_capitals_only(fingers: dict[str, Writer], as_word: AsWord) -> None:
    assert set(fingers["insert"].insertable(("O", "N"), capital=True)[0]) == set("IPKLHJBM")
    assert all(letter.islower() for letter in fingers["insert"].insertable(("i", "P"))[0])


@pytest.mark.parametrize(
    ("right", "wrong", "language", "text", "expected"),
    [
        ("i", "ı", "tr", "İzmir", {"Izmir", "İzmır"}),
        ("ı", "i", "tr", "ISI", {"İSI", "ISİ"}),
        ("i", "ı", "tr", "İZMİR", {"IZMİR", "İZMIR"}),
        ("i", "y", "en", "IVI", {"YVI", "IVY"}),
        ("ß", "ss", "de", "Straße", {"Strasse"}),
        ("ß", "ss", "de", "STRAßE", {"STRASSE"}),
        ("ss", "ß", "de", "STRASSE", {"STRAßE"}),
        ("^s", "", "de", "Straße", {"Traße"}),
        ("ä", "ae", "de", "Ärger", {"Aerger"}),
        ("ö", "oe", "de", "ÖL", {"OEL"}),
        ("p", "b", "en", "iPhone", set()),
        ("h", "", "en", "iPhone", {"iPone"}),
    ],
)
def test_a_confusion_is_written_in_the_case_of_the_word(
    confusing: Callable[..., Writer], as_word: AsWord, right: str, wrong: str, language: str, text: str,
    expected: set[str],
) -> None:  # fmt: skip
    assert texts(confusing((right, wrong, 1), language=language), as_word(text), 100) == expected


def test_a_turkish_word_in_capitals_keeps_its_dots(language_table: MakeTable, as_word: AsWord) -> None:
    writer = Writer(language_table("tr", alphabet="abcdefghıijklmnoprstuvyz", classes={"mechanical": 1}))
    found = texts(writer, as_word("KIŞLIK"))

    assert found == {upper(text, "tr") for text in found}
    assert not any("İ" in text for text in found if len(text) < 6)


# Other ways of typing


def test_korean_fingers_slip_between_keys_not_syllables(language_table: MakeTable, as_word: AsWord) -> None:
    jamo = "".join(key[0] for row in TWO_SET for key in row if key)
    table = language_table(
        "ko", keys="hangul", alphabet=jamo, rows=TWO_SET, classes={"mechanical": 1}, ops={"delete": 1}
    )

    assert texts(Writer(table), as_word("값이")) == {"ㅏㅂㅅ이", "ㄱㅂㅅ이", "갓이", "갑이", "갑시", "값ㅇ"}


def test_korean_confusions_act_on_keys(confusing: Callable[..., Writer], as_word: AsWord) -> None:
    rows = (("ㅐ", "ㅔ", 1), ("ㄴㅎㅇ", "ㄴㅇ", 1), ("^ㄲ", "ㄱ", 1))
    writer = confusing(*rows, language="ko", keys="hangul", rows=TWO_SET, alphabet="ㅐㅔㄲㄱㄴㅇㅎ")

    assert texts(writer, as_word("개")) == {"게"}
    assert texts(writer, as_word("많이")) == {"만이"}
    assert texts(writer, as_word("꽤")) == {"괘", "꼬ㅔ"}


def test_vietnamese_words_are_typed_by_telex(language_table: MakeTable, as_word: AsWord) -> None:
    table = language_table("vi", keys="telex", alphabet="aăâeêiostng", classes={"mechanical": 1}, ops={"delete": 1})
    keys = "tieesng"

    assert texts(Writer(table), as_word("tiếng")) == {
        Telex().text(keys[:i] + keys[i + 1 :]) for i in range(7) if keys[i] != "e"
    }


def test_a_vietnamese_tone_is_a_key_of_its_own(language_table: MakeTable, as_word: AsWord) -> None:
    table = language_table("vi", keys="telex", alphabet="aăâeêiostng", classes={"mechanical": 1}, ops={"undouble": 1})

    assert texts(Writer(table), as_word("Tiếng")) == {"Tiéng"}
    assert Writer(table).presses("Tiếng") == 7


def test_a_word_that_the_keys_cannot_type_is_still_confused(confusing: Callable[..., Writer], as_word: AsWord) -> None:
    classes = {"mechanical": 0.9, "orthographic": 0.1}
    writer = confusing(("z", "s", 1), language="vi", keys="telex", alphabet="aăâeê", classes=classes)

    assert texts(writer, as_word("zürich")) == {"sürich"}
    assert writer.presses("zürich") == 6


def test_a_letter_without_a_key_can_still_be_left_out(fingers: dict[str, Writer], as_word: AsWord) -> None:
    assert texts(fingers["delete"], as_word("λόγ")) == {"όγ", "λγ", "λό"}
    assert texts(fingers["substitute"], as_word("λόγ")) == set()


# Places and weights


def test_a_place_is_first_second_last_or_in_a_third_of_what_lies_between() -> None:
    named = [[PLACES[bucket(i, count)] for i in range(count)] for count in (1, 2, 3, 4, 6, 9)]

    assert named[:3] == [["first"], ["first", "last"], ["first", "second", "last"]]
    assert named[3] == ["first", "second", "early", "last"]
    assert named[4] == ["first", "second", "early", "middle", "late", "last"]
    assert named[5] == ["first", "second", "early", "early", "middle", "middle", "late", "late", "last"]


@pytest.mark.parametrize("count", range(3, 40))
def test_places_do_not_go_back(count: int) -> None:
    found = [bucket(i, count) for i in range(count)]

    assert found == sorted(found)
    assert max(Counter(found[2:-1]).values(), default=0) - min(Counter(found[2:-1]).values(), default=0) <= count // 2


def test_a_weight_that_is_not_0_stays_so() -> None:
    assert [whole(weight) for weight in (0, 1e-9, 0.0006, 1, 2.5)] == [0, 1, 1, 1000, 2500]
