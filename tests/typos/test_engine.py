"""The engine: plans that nest, rates that are kept, and slips that depend on names alone.

`golden.json` holds the misspelt text of two questions a language. It changes only with
engine.VERSION; to write it anew, run `python tests/typos/test_engine.py`.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.records import Edit, Perturbed, Query
from typoglot.sources import mini
from typoglot.typos import Plan, TypoEngine
from typoglot.typos.engine import PlannedSlip
from typoglot.typos.letters import INVISIBLE, letters, normal, words
from typoglot.typos.slips import Slip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typoglot.typos.letters import Word
    from typoglot.typos.stream import Stream

GOLDEN = Path(__file__).with_name("golden.json")
QUESTION = "Which passenger boarded the wooden steamer near Gothenburg harbour yesterday?"

quick = settings(max_examples=100, deadline=None, database=None)
languages = st.sampled_from(mini.LANGUAGES)
# Pieces of every script of mini and some that a slip might break, in any order.
pieces = st.sampled_from(
    ["owl", "Straße", "İı", "cafe\u0301", "x\u0302y", "القمر", "می\u200cخو", "שלום", "ক্ষমা", "নক্ষত্র", "క్షమా",
     "నక్షత్రం", "क्षमा", "เมืองหลวง", "น้ำ", "ខ្មែរ", "달은", "\u1112\u1161\u11ab\u1100\u1161", "月球有多远", "東京の人口",
     "ё", "42", "www.x.org", "a@b.c", "-", "'", "?", " ", " ", "\n", "🦉", "𐌰𐌽𐌰", "so\u00adft", "של\u200fום", "\u200f",
     "\ufeff", "\u2060", "ﾃﾚﾋﾞ", "テレビ"]
)  # fmt: skip
texts = st.lists(pieces, max_size=12).map("".join)
rates = st.floats(0, 1)


@pytest.fixture
def hurried_threads() -> Iterator[None]:
    """Threads that take turns a thousand times as often, so that a missing lock shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


class Always:
    """Makes the same of every word: what it was given, with {} for the word."""

    name = "always"
    languages: frozenset[str] | None = None

    def __init__(self, pattern: str, spared: str = "") -> None:
        self.pattern, self.spared = pattern, spared

    def writer(self, word: str, language: str) -> None:
        return None

    def slips(self, word: Word, language: str, stream: Stream) -> Iterator[Slip]:
        text = word.text if word.text == self.spared else self.pattern.format(word.text)
        yield Slip(text, "substitute", "mechanical")


@cache
def questions(*codes: str) -> tuple[Query, ...]:
    """All 120 questions of mini in each of these languages, or in all."""
    return tuple(
        Query(f"{entry.passage.id}_{code}", code, entry.questions[code], entry.passage.id)
        for code in codes or mini.LANGUAGES
        for entry in mini.entries()
    )


@cache
def plans(profile: str, *codes: str) -> tuple[Plan, ...]:
    """Their plans under the default seed."""
    engine = TypoEngine(profile)
    return tuple(engine.plan(query.id, query.language, query.text) for query in questions(*codes))


def noisy(engine: TypoEngine, rate: float = 1.0, text: str = QUESTION, name: str = "q") -> str:
    """One English question as the engine misspells it."""
    return engine.plan(name, "en", text).at(rate).text


def starts_with_mark(text: str) -> bool:
    """Whether a cluster of the text has no base."""
    return any(unicodedata.category(cluster[0]).startswith("M") for cluster in regex.findall(r"\X", text))


def hand_plan(offset: float) -> Plan:
    """Ten letters, four words and their slips, the last word first."""
    slips = [
        PlannedSlip(Edit(9, 11, "transpose", "mechanical", "gh", "hg"), 1),
        PlannedSlip(Edit(0, 2, "delete", "mechanical", "ab", "a"), 1),
        PlannedSlip(Edit(6, 8, "insert", "mechanical", "ef", "exf"), 1),
        PlannedSlip(Edit(3, 5, "substitute", "mechanical", "cd", "ce"), 1),
    ]
    return Plan("ab cd ef gh", tuple(slips), offset, 10)


# A plan at a rate, by hand


def test_a_rate_lays_the_first_slips_of_the_plan() -> None:
    assert hand_plan(0.4).at(0.5).text == "a cd ef hg"


def test_the_offset_rounds_the_number_of_slips() -> None:
    assert hand_plan(0.4).at(0.3).edited == 1  # 4 x 0.3 + 0.4 = 1.6
    assert hand_plan(0.9).at(0.3).edited == 2  # 4 x 0.3 + 0.9 = 2.1


def test_rate_1_lays_every_slip_once_even_at_offset_1() -> None:
    assert hand_plan(1.0).at(1).text == "a ce exf hg"
    assert hand_plan(1.0).at(1).edited == 4


def test_rate_0_lays_none_even_at_offset_1() -> None:
    assert hand_plan(1.0).at(0) == Perturbed("ab cd ef gh", (), 4, 0, changed=False, cer=0.0)


def test_edits_are_reported_in_the_order_of_the_text() -> None:
    assert [edit.after for edit in hand_plan(0.5).at(1).edits] == ["a", "ce", "exf", "hg"]


def test_the_character_error_rate_is_slips_over_letters() -> None:
    assert hand_plan(0.4).at(0.5).cer == 2 / 10


def test_the_keystroke_error_rate_is_not_known() -> None:
    assert hand_plan(0.5).at(1).ker is None


def test_a_text_with_slips_is_changed() -> None:
    assert hand_plan(0.5).at(1).changed
    assert not hand_plan(0.5).at(0).changed


def test_slips_that_cancel_each_other_leave_the_text_unchanged() -> None:
    grown = PlannedSlip(Edit(0, 1, "insert", "mechanical", "中", "中国"), 1)
    shrunk = PlannedSlip(Edit(1, 3, "delete", "mechanical", "国人", "人"), 1)

    both = Plan("中国人", (grown, shrunk), 0.5, 3).at(1)
    assert (both.text, both.edited, both.changed) == ("中国人", 2, False)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_rate_outside_0_to_1_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="share of words"):
        hand_plan(0.5).at(rate)


# Properties of any text


@quick
@given(texts, languages, rates, rates)
def test_what_is_wrong_at_a_rate_is_wrong_at_every_higher_one(
    text: str, language: str, one: float, other: float
) -> None:
    plan = TypoEngine("uniform").plan("q", language, text)

    assert set(plan.at(min(one, other)).edits) <= set(plan.at(max(one, other)).edits)


@quick
@given(texts, languages, rates)
def test_a_misspelt_text_is_in_normal_form(text: str, language: str, rate: float) -> None:
    misspelt = TypoEngine("uniform").plan("q", language, text).at(rate).text

    assert unicodedata.is_normalized("NFC", misspelt)


@quick
@given(texts, languages, rates)
def test_no_cluster_begins_with_a_mark(text: str, language: str, rate: float) -> None:
    assert not starts_with_mark(TypoEngine("uniform").plan("q", language, text).at(rate).text)


@quick
@given(texts, languages, rates)
def test_each_edit_quotes_the_clean_text_and_changes_it(text: str, language: str, rate: float) -> None:
    for edit in TypoEngine("uniform").plan("q", language, text).at(rate).edits:
        assert edit.before == normal(text)[edit.start : edit.end]
        assert edit.after.strip()
        assert edit.after != edit.before


@quick
@given(texts, languages, rates)
def test_changed_is_whether_the_text_differs_from_its_normal_form(text: str, language: str, rate: float) -> None:
    misspelt = TypoEngine("uniform").plan("q", language, text).at(rate)

    assert misspelt.changed == (misspelt.text != normal(text))


@quick
@given(texts, languages)
def test_rate_0_is_the_normal_form_of_the_text(text: str, language: str) -> None:
    clean = TypoEngine("uniform").plan("q", language, text).at(0)

    assert (clean.text, clean.edits, clean.cer) == (normal(text), (), 0)


@quick
@given(texts, languages, rates)
def test_what_is_between_the_edits_stays(text: str, language: str, rate: float) -> None:
    misspelt = TypoEngine("uniform").plan("q", language, text).at(rate)

    rebuilt = misspelt.text
    for edit in misspelt.edits:  # each edit, from the left, is where the edits before it have moved it
        rebuilt = rebuilt[: edit.start] + edit.before + rebuilt[edit.start + len(edit.after) :]
    assert rebuilt == normal(text)


@quick
@given(texts, languages, rates)
def test_composed_and_decomposed_input_get_the_same_slips(text: str, language: str, rate: float) -> None:
    engine = TypoEngine("uniform")
    decomposed = unicodedata.normalize("NFD", text)

    assert engine.plan("q", language, decomposed).at(rate) == engine.plan("q", language, text).at(rate)


# Properties of the questions of mini


@pytest.mark.parametrize("language", mini.LANGUAGES)
def test_edits_at_a_tenth_are_among_those_at_a_fifth(language: str) -> None:
    for plan in plans("uniform", language):
        laid = [set(plan.at(rate).edits) for rate in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)]
        assert all(few <= many for few, many in pairwise(laid))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("profile", ["uniform", "typo"])
def test_the_asked_share_of_words_is_misspelt(profile: str, rate: float) -> None:
    misspelt = [plan.at(rate) for plan in plans(profile, *(["en"] if profile == "typo" else []))]

    realised = sum(one.edited for one in misspelt) / sum(one.words for one in misspelt)
    assert realised == pytest.approx(rate, abs=0.01)


@pytest.mark.parametrize("language", mini.LANGUAGES)
def test_rate_1_misspells_every_eligible_word(language: str) -> None:
    for plan in plans("uniform", language):
        eligible = [(word.start, word.end) for word in words(plan.text, language)]
        assert [(edit.start, edit.end) for edit in plan.at(1).edits] == eligible


def test_profile_typo_misspells_every_eligible_word_of_mini() -> None:
    for plan in plans("typo", "en"):
        assert plan.at(1).edited == plan.at(1).words == len(words(plan.text, "en"))


@pytest.mark.parametrize("language", mini.LANGUAGES)
def test_misspelt_questions_stay_in_normal_form_without_stray_marks(language: str) -> None:
    misspelt = [plan.at(rate).text for plan in plans("uniform", language) for rate in (0.3, 1.0)]

    assert all(unicodedata.is_normalized("NFC", text) and not starts_with_mark(text) for text in misspelt)


def test_profile_typo_keeps_questions_in_normal_form() -> None:
    assert all(unicodedata.is_normalized("NFC", plan.at(1).text) for plan in plans("typo", "en"))


@pytest.mark.parametrize("language", mini.LANGUAGES)
def test_a_slip_costs_one_letter_of_most_words(language: str) -> None:
    distances = [slip.distance for plan in plans("uniform", language) for slip in plan.slips]

    assert min(distances) == 1
    assert sum(distances) / len(distances) < 1.1  # Thai-like letters may regroup around a slip


def test_the_length_of_a_text_is_counted_in_letters() -> None:
    assert TypoEngine("uniform").plan("q", "hi", "क्षमा करो").length == len(letters("क्षमा करो")) == 5


# Names decide, nothing else


def test_the_order_of_the_queries_does_not_matter() -> None:
    mixed = list(questions())
    random.Random(1).shuffle(mixed)
    engine = TypoEngine("uniform")

    found = {query.id: engine.plan(query.id, query.language, query.text) for query in mixed}
    assert tuple(found[query.id] for query in questions()) == plans("uniform")


@pytest.mark.parametrize("profile", ["uniform", "typo"])
def test_the_state_of_random_does_not_matter_and_stays(profile: str) -> None:
    random.seed(7)
    before = random.getstate()
    engine = TypoEngine(profile)

    assert tuple(engine.plan(q.id, "en", q.text) for q in questions("en")) == plans(profile, "en")
    assert random.getstate() == before


def test_threads_give_what_one_thread_gives(hurried_threads: None) -> None:
    engine = TypoEngine("typo")
    with ThreadPoolExecutor(8) as pool:
        threaded = pool.map(lambda query: engine.plan(query.id, "en", query.text), questions("en"))

        assert tuple(threaded) == plans("typo", "en")


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_another_process_finds_the_same_slips(hash_seed: str) -> None:
    script = (
        "import json, sys\n"
        "from typoglot.typos import TypoEngine\n"
        "rows = json.load(sys.stdin)\n"
        "print(json.dumps([TypoEngine(row[0]).plan(*row[1:]).at(0.5).text for row in rows]))\n"
    )
    asked = [("uniform", q.id, q.language, q.text) for q in questions()]
    asked += [("typo", q.id, q.language, q.text) for q in questions("en")]

    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(asked), capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [plan.at(0.5).text for plan in plans("uniform") + plans("typo", "en")]


@pytest.mark.parametrize("profile", ["uniform", "typo"])
def test_the_same_names_give_the_same_slips(profile: str) -> None:
    assert noisy(TypoEngine(profile, seed=3, draw=1)) == noisy(TypoEngine(profile, seed=3, draw=1))


@pytest.mark.parametrize("profile", ["uniform", "typo"])
def test_another_seed_gives_other_slips(profile: str) -> None:
    assert noisy(TypoEngine(profile, seed=13)) != noisy(TypoEngine(profile, seed=14))


@pytest.mark.parametrize("profile", ["uniform", "typo"])
def test_another_draw_gives_other_slips(profile: str) -> None:
    assert noisy(TypoEngine(profile, draw=0)) != noisy(TypoEngine(profile, draw=1))


def test_a_seed_and_a_draw_are_not_mistaken_for_each_other() -> None:
    assert noisy(TypoEngine("uniform", seed=1, draw=2)) != noisy(TypoEngine("uniform", seed=2, draw=1))


def test_another_seed_misspells_other_words_too() -> None:
    chosen = [
        tuple(edit.start for edit in TypoEngine("uniform", seed=seed).plan("q", "en", QUESTION).at(0.3).edits)
        for seed in range(10)
    ]

    assert len(set(chosen)) > 5


def test_another_query_id_gives_other_slips() -> None:
    engine = TypoEngine("uniform")

    assert noisy(engine, name="q1") != noisy(engine, name="q2")


def test_a_word_that_comes_twice_slips_each_time_in_its_own_way() -> None:
    misspelt = noisy(TypoEngine("uniform"), text="steamer steamer steamer steamer")

    assert len(set(misspelt.split())) > 1


def test_a_word_slips_alike_whatever_stands_behind_it() -> None:
    engine = TypoEngine("uniform")

    assert noisy(engine, text="steamer harbour").split()[0] == noisy(engine, text="steamer").split()[0]


def test_a_curve_is_each_plan_at_each_rate() -> None:
    curves = TypoEngine("uniform").curve(questions("te"), [0.0, 0.3])

    assert curves == [{rate: plan.at(rate) for rate in (0.0, 0.3)} for plan in plans("uniform", "te")]


# Edges


@pytest.mark.parametrize("text", ["", " ", "?", "42", "a", "I", "３", "https://example.com/a", "ann@example.org", "❤"])
def test_a_text_without_eligible_words_stays_at_every_rate(text: str) -> None:
    assert TypoEngine("uniform").plan("q", "en", text).at(1) == Perturbed(text, (), 0, 0, changed=False, cer=0.0)


def test_addresses_and_numbers_stay_while_their_neighbours_slip() -> None:
    text = "Does https://example.com/moon or ann.lee@example.org mention 1969 landings?"
    misspelt = noisy(TypoEngine("uniform"), text=text)

    assert all(kept in misspelt for kept in ("https://example.com/moon", " ann.lee@example.org ", " 1969 "))
    assert not any(changed in misspelt for changed in ("Does", "mention", "landings"))


def test_an_address_between_chinese_words_stays_while_they_slip() -> None:
    misspelt = TypoEngine("uniform").plan("q", "zh", "请看www.example.com谢谢").at(1)

    assert "www.example.com" in misspelt.text
    assert [edit.before for edit in misspelt.edits] == ["请看", "谢谢"]


def test_an_emoji_stays_before_and_behind_the_words_that_slip() -> None:
    misspelt = [TypoEngine("uniform", draw=draw).plan("q", "en", "🦉😀 owls 🦇bats🦇").at(1) for draw in range(50)]

    assert all(regex.fullmatch("🦉😀 [a-z]+ 🦇[a-z]+🦇", one.text) for one in misspelt)
    assert {tuple(edit.before for edit in one.edits) for one in misspelt} == {("owls", "bats")}


def test_marks_of_direction_stay_around_the_word_that_slips() -> None:
    text = "\u200fשלום\u200f \u2067עולם\u2069"
    misspelt = [TypoEngine("uniform", draw=draw).plan("q", "he", text).at(1).text for draw in range(50)]

    assert all(regex.fullmatch("\u200f[א-ת]+\u200f \u2067[א-ת]+\u2069", text) for text in misspelt)


@pytest.mark.parametrize("mark", ["\u00ad", "\u200e", "\u200f", "\u2060", "\ufeff"])
def test_an_invisible_mark_inside_a_word_goes_with_its_letter(mark: str) -> None:
    misspelt = [noisy(TypoEngine("uniform", draw=draw), text=f"café{mark}s") for draw in range(100)]

    assert any(text.endswith(f"é{mark}") for text in misspelt)
    assert all((f"é{mark}" in text) == ("é" in text) == (mark in text) for text in misspelt)


@pytest.mark.parametrize("mark", ["\u00ad", "\u200e", "\u200f", "\u2060", "\ufeff"])
def test_profile_typo_neither_moves_nor_deletes_an_invisible_mark_alone(mark: str) -> None:
    misspelt = [noisy(TypoEngine("typo", draw=draw), text=f"café{mark}s") for draw in range(100)]

    assert all(text.count(mark) == 1 and text.replace(mark, "") != "cafés" for text in misspelt)


def test_a_word_with_no_possible_slip_is_not_eligible() -> None:
    engine = TypoEngine("uniform")
    engine.profile = Always("x{}", spared="Rome")

    assert noisy(engine, text="Was Rome big?") == "xWas Rome xbig?"
    assert engine.plan("q", "en", "Was Rome big?").at(1).words == 2


@pytest.mark.parametrize("pattern", ["{}", "", " ", "e\u0301{}", "{}e\u0301", "\u0338{}", "\u093f{}"])
def test_a_slip_is_refused_that_changes_nothing_or_erases_or_leaves_normal_form_or_begins_with_a_mark(
    pattern: str,
) -> None:
    engine = TypoEngine("uniform")
    engine.profile = Always(pattern)

    text = "=Rome, =Rome"  # = and U+0338 compose to one sign
    assert engine.plan("q", "en", text).at(1) == Perturbed(text, (), 0, 0, changed=False, cer=0.0)


@pytest.mark.parametrize("profile", ["uniform", "typo"])
def test_a_slip_never_parts_the_first_letter_from_its_accent(profile: str) -> None:
    misspelt = [noisy(TypoEngine(profile, draw=draw), text="x\u0302yz") for draw in range(200)]

    assert len(set(misspelt)) > 20
    assert not any(starts_with_mark(text) for text in misspelt)


def test_a_text_from_right_to_left_keeps_its_punctuation_at_the_end() -> None:
    misspelt = TypoEngine("uniform").plan("q", "ar", "كم يبعد القمر؟").at(1).text

    assert misspelt.endswith("؟")
    assert regex.fullmatch(r"[\p{Arabic}؟ ]+", misspelt)


def test_a_sharp_s_does_not_become_two_letters() -> None:
    misspelt = [noisy(TypoEngine("uniform", draw=draw), text="groß") for draw in range(200)]

    assert not any("SS" in text or "ss" in text for text in misspelt)
    assert "grß" in misspelt


def test_no_slip_changes_the_case_of_a_turkish_i() -> None:
    misspelt = [TypoEngine("uniform", draw=draw).plan("q", "tr", "İzmir ışık").at(1).text for draw in range(200)]

    assert set("".join(misspelt)) - set("abcdefghijklmnopqrstuvwxyz ") == {"İ", "ı", "ş"}


def test_a_slip_leaves_a_zero_width_joiner_between_letters() -> None:
    misspelt = [TypoEngine("uniform", draw=draw).plan("q", "ar", "می\u200cخواهم").at(1).text for draw in range(200)]

    assert not any(text.startswith("\u200c") for text in misspelt)
    assert sum("\u200c" in text for text in misspelt) > 150


def test_profile_typo_refuses_german() -> None:
    with pytest.raises(ValueError, match=r"knows \['en'\], not 'de'"):
        TypoEngine("typo").plan("q", "de", "Wie weit ist der Mond?")


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError, match="human"):
        TypoEngine("human")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        TypoEngine("uniform").plan("q", "xx", "some words")


def test_a_plan_does_not_change_when_it_is_laid() -> None:
    plan = hand_plan(0.5)
    plan.at(1)

    assert plan == replace(plan) == hand_plan(0.5)


# Golden


def golden() -> list[dict[str, str]]:
    """The first two test questions of mini in each language, and the English ones by profile typo, as misspelt now."""
    benchmark = mini.read_benchmark("mini", None)
    firsts = {code: [q for q in benchmark.queries if q.language == code][:2] for code in benchmark.languages}
    asked = [("uniform", query) for code in sorted(firsts) for query in firsts[code]]
    asked += [("typo", query) for query in firsts["en"]]
    rows = []
    for profile, query in asked:
        plan = TypoEngine(profile).plan(query.id, query.language, query.text)
        rows.append(
            {"profile": profile, "id": query.id, "language": query.language, "clean": query.text}
            | {f"{rate:g}": plan.at(rate).text for rate in (0.3, 1.0)}
        )
    return rows


def test_slips_are_those_of_the_golden_file() -> None:
    assert golden() == json.loads(GOLDEN.read_text(encoding="utf-8"))


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("text", ["so\u00adft", "ow\u202al\u202cs", "كم\u061cيبعد", "\u200fשלום\u200f"])
def test_invisible_marks_stay_and_a_slip_is_seen(text: str) -> None:
    for draw in range(150):
        noisy = TypoEngine("uniform", draw=draw).plan("q", "en", text).at(1).text
        marks, before = ([c for c in t if c in INVISIBLE] for t in (noisy, text))
        assert marks == before
        assert [c for c in noisy if c not in INVISIBLE] != [c for c in text if c not in INVISIBLE]
