"""The engine: plans that nest, rates that are kept, and slips that depend on names alone.

`golden.json` holds the words and the misspelt text of two questions a language. It changes only with engine.VERSION,
the language files and ICU; to write it anew, run `python tests/typos/test_engine.py`.
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
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from typoglot.records import Edit, Perturbed, Query
from typoglot.sources import mini
from typoglot.typos import Plan, TypoEngine
from typoglot.typos.engine import VERSION, PlannedSlip
from typoglot.typos.letters import letters, normal, words
from typoglot.typos.slips import Slip
from typoglot.typos.tables import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typoglot.typos.letters import Word
    from typoglot.typos.stream import Stream

GOLDEN = Path(__file__).with_name("golden.json")
QUESTIONS = Path(__file__).with_name("questions.json")
CODES = sorted(["zh", *(path.stem for path in FOLDER.glob("*.json"))])  # the languages that have a table
PROFILES = ("human", "keyboard", "uniform")
ENGLISH = ("textattack", "typo")
QUESTION = "Which passenger boarded the wooden steamer near Gothenburg harbour yesterday?"

quick = settings(max_examples=100, deadline=None, database=None)
languages = st.sampled_from(CODES)
profiles = st.sampled_from(PROFILES)
# Pieces of every script of mini and some that a slip might break, in any order.
pieces = st.sampled_from(
    ["owl", "Straße", "İı", "cafe\u0301", "x\u0302y", "القمر", "می\u200cخو", "שלום", "ক্ষমা", "নক্ষত্র", "క్షమా",
     "నక్షత్రం", "क्षमा", "เมืองหลวง", "น้ำ", "ខ្មែរ", "달은", "\u1112\u1161\u11ab\u1100\u1161", "月球有多远", "東京の人口",
     "ё", "42", "www.x.org", "a@b.c", "-", "'", "?", " ", " ", "\n", "🦉", "𐌰𐌽𐌰", "so\u00adft", "של\u200fום", "\u200f",
     "\ufeff", "\u2060", "ﾃﾚﾋﾞ", "テレビ", "რა", "Wi-Fi", "হয়", "Уко\u0301к"]
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
    """Two questions in each of these languages, or in all: mini's first for testing, else our own."""
    own = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    held_out = mini.read_benchmark("mini", None).queries
    found = []
    for code in codes or CODES:
        ours = [Query(f"{number}_{code}", code, text, str(number)) for number, text in enumerate(own.get(code, ()))]
        found += (ours or [query for query in held_out if query.language == code])[:2]
    return tuple(found)


@cache
def engine(profile: str) -> TypoEngine:
    """One engine for all that ask nothing special of it: its tables take a while to load."""
    return TypoEngine(profile)


@cache
def plans(profile: str, *codes: str) -> tuple[Plan, ...]:
    """The questions' plans under the default seed."""
    return tuple(engine(profile).plan(query.id, query.language, query.text) for query in questions(*codes))


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
    with pytest.raises(ValueError, match="share and must lie in 0-1"):
        hand_plan(0.5).at(rate)


@pytest.mark.parametrize("rate", [float("nan"), float("inf")])
def test_a_number_of_slips_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match=f"rate {rate}"):
        hand_plan(0.5).at(rate, "k_per_query")


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(KeyError, match="per_word"):
        hand_plan(0.5).at(0.5, "per_word")


def test_one_per_query_lays_the_first_slip_or_none() -> None:
    assert hand_plan(0.4).at(0.5, "one_per_query").text == "ab cd ef gh"  # 0.5 + 0.4 < 1
    assert hand_plan(0.6).at(0.5, "one_per_query").text == "ab cd ef hg"


def test_k_per_query_lays_so_many_slips_or_all() -> None:
    assert [hand_plan(0.5).at(number, "k_per_query").edited for number in range(7)] == [0, 1, 2, 3, 4, 4, 4]


# Properties of any text


@quick
@given(profiles, texts, languages, rates, rates)
def test_what_is_wrong_at_a_rate_is_wrong_at_every_higher_one(
    profile: str, text: str, language: str, one: float, other: float
) -> None:
    plan = engine(profile).plan("q", language, text)

    assert set(plan.at(min(one, other)).edits) <= set(plan.at(max(one, other)).edits)


@quick
@given(profiles, texts, languages, rates)
def test_a_misspelt_text_is_in_normal_form(profile: str, text: str, language: str, rate: float) -> None:
    misspelt = engine(profile).plan("q", language, text).at(rate).text

    assert unicodedata.is_normalized("NFC", misspelt)


@quick
@given(profiles, texts, languages, rates)
@example("human", "4242月球有多远নক্ষত্র\u200fУко́к\ufeffខ្មែរ", "ms", 1.0)
def test_no_cluster_begins_with_a_mark(profile: str, text: str, language: str, rate: float) -> None:
    assert not starts_with_mark(engine(profile).plan("q", language, text).at(rate).text)


@quick
@given(profiles, texts, languages, rates)
def test_each_edit_quotes_the_clean_text_and_changes_it(profile: str, text: str, language: str, rate: float) -> None:
    for edit in engine(profile).plan("q", language, text).at(rate).edits:
        assert edit.before == normal(text)[edit.start : edit.end]
        assert edit.after.strip()
        assert edit.after != edit.before


@quick
@given(profiles, texts, languages, rates)
def test_changed_is_whether_the_text_differs_from_its_normal_form(
    profile: str, text: str, language: str, rate: float
) -> None:
    misspelt = engine(profile).plan("q", language, text).at(rate)

    assert misspelt.changed == (misspelt.text != normal(text))


@quick
@given(profiles, texts, languages)
def test_rate_0_is_the_normal_form_of_the_text(profile: str, text: str, language: str) -> None:
    clean = engine(profile).plan("q", language, text).at(0)

    assert (clean.text, clean.edits, clean.cer) == (normal(text), (), 0)


@quick
@given(profiles, texts, languages, rates)
def test_what_is_between_the_edits_stays(profile: str, text: str, language: str, rate: float) -> None:
    misspelt = engine(profile).plan("q", language, text).at(rate)

    rebuilt = misspelt.text
    for edit in misspelt.edits:  # each edit, from the left, is where the edits before it have moved it
        rebuilt = rebuilt[: edit.start] + edit.before + rebuilt[edit.start + len(edit.after) :]
    assert rebuilt == normal(text)


@quick
@given(profiles, texts, languages, rates)
def test_composed_and_decomposed_input_get_the_same_slips(profile: str, text: str, language: str, rate: float) -> None:
    decomposed = unicodedata.normalize("NFD", text)

    assert engine(profile).plan("q", language, decomposed) == engine(profile).plan("q", language, text)


@pytest.mark.parametrize("code", CODES)
def test_a_slip_costs_one_letter_of_most_words(code: str) -> None:
    distances = [slip.distance for plan in plans("uniform", code) for slip in plan.slips]

    assert min(distances) == 1
    assert sum(distances) / len(distances) < 1.15  # Thai-like letters may regroup around a slip


def test_the_length_of_a_text_is_counted_in_letters() -> None:
    assert TypoEngine("uniform").plan("q", "hi", "क्षमा करो").length == len(letters("क्षमा करो")) == 5


# Names decide, nothing else


@pytest.mark.parametrize("profile", PROFILES)
def test_the_order_of_the_queries_does_not_matter(profile: str) -> None:
    codes = CODES[::4]
    mixed = list(questions(*codes))
    random.Random(1).shuffle(mixed)
    fresh = TypoEngine(profile)

    found = {query.id: fresh.plan(query.id, query.language, query.text) for query in mixed}
    assert tuple(found[query.id] for query in questions(*codes)) == plans(profile, *codes)


@pytest.mark.parametrize("profile", [*PROFILES, "textattack", "typo"])
def test_the_state_of_random_does_not_matter_and_stays(profile: str) -> None:
    random.seed(7)
    before = random.getstate()
    fresh = TypoEngine(profile)

    assert tuple(fresh.plan(q.id, "en", q.text) for q in questions("en")) == plans(profile, "en")
    assert random.getstate() == before


@pytest.mark.parametrize(
    ("profile", "times", "codes"), [("human", 3, ("en", "ja", "ko", "vi", "zh_cn")), ("typo", 120, ("en",))]
)
def test_threads_give_what_one_thread_gives(
    profile: str, times: int, codes: tuple[str, ...], hurried_threads: None
) -> None:
    fresh = TypoEngine(profile)
    with ThreadPoolExecutor(8) as pool:
        threaded = pool.map(lambda query: fresh.plan(query.id, query.language, query.text), questions(*codes) * times)

        assert tuple(threaded) == plans(profile, *codes) * times


@pytest.mark.parametrize(
    ("third", "hash_seed", "locale"), [(0, "0", "C"), (1, "1", "C.UTF-8"), (2, "42", "tr_TR.UTF-8")]
)
def test_another_process_finds_the_same_slips(third: int, hash_seed: str, locale: str) -> None:
    script = (
        "import json, sys\n"
        "from typoglot.typos import TypoEngine\n"
        "engines = {name: TypoEngine(name) for name in ('human', 'keyboard', 'uniform', 'typo')}\n"
        "print(json.dumps([engines[row[0]].plan(*row[1:]).at(0.5).text for row in json.load(sys.stdin)]))\n"
    )
    rows = [(profile, query) for query in questions(*CODES[third::3]) for profile in PROFILES]
    rows += [("typo", query) for query in questions("en")]

    asked = json.dumps([(profile, query.id, query.language, query.text) for profile, query in rows])
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "LC_ALL": locale}
    done = subprocess.run([sys.executable, "-c", script], input=asked, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    here = [engine(profile).plan(query.id, query.language, query.text).at(0.5).text for profile, query in rows]
    assert json.loads(done.stdout) == here


def test_the_engine_imports_little_and_reads_a_lexicon_only_for_a_word_that_needs_one() -> None:
    script = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "from typoglot.typos import TypoEngine\n"
        "heavy = {'torch', 'numpy', 'transformers', 'polars', 'faiss', 'pandas', 'pyarrow'} & set(sys.modules)\n"
        "TypoEngine('uniform').plan('q', 'zh', '月球有多远')\n"
        "engine = TypoEngine('human')\n"
        "for code in ('ja', 'zh_cn', 'zh_tw', 'zh_hk', 'vi', 'ko'): engine.plan('q', code, 'Wie weit ist 1969?')\n"
        "early = [path for path in opened if path.endswith('.tsv.gz')]\n"
        "engine.plan('q', 'zh_tw', '月球')\n"
        "late = [path[-12:] for path in opened if path.endswith('.tsv.gz')]\n"
        "print(sorted(heavy), early, late)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.strip() == "[] [] ['zh_tw.tsv.gz']", done.stderr


@pytest.mark.parametrize("profile", [*PROFILES, "textattack", "typo"])
def test_the_same_names_give_the_same_slips(profile: str) -> None:
    assert noisy(TypoEngine(profile, seed=3, draw=1)) == noisy(TypoEngine(profile, seed=3, draw=1))


@pytest.mark.parametrize("profile", [*PROFILES, "textattack", "typo"])
def test_another_seed_gives_other_slips(profile: str) -> None:
    assert noisy(TypoEngine(profile, seed=13)) != noisy(TypoEngine(profile, seed=14))


@pytest.mark.parametrize("profile", [*PROFILES, "textattack", "typo"])
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


@pytest.mark.parametrize("profile", PROFILES)
def test_a_word_that_comes_twice_slips_each_time_in_its_own_way(profile: str) -> None:
    misspelt = engine(profile).plan("q", "en", "steamers " * 8).at(1)

    assert misspelt.edited == 8
    assert len({edit.after for edit in misspelt.edits}) > 4


def test_a_word_slips_alike_whatever_stands_behind_it() -> None:
    engine = TypoEngine("uniform")

    assert noisy(engine, text="steamer harbour").split()[0] == noisy(engine, text="steamer").split()[0]


def test_a_curve_is_each_plan_at_each_rate() -> None:
    curves = TypoEngine("human").curve(questions("te"), [0.0, 0.3])

    assert curves == [{rate: plan.at(rate) for rate in (0.0, 0.3)} for plan in plans("human", "te")]


# What is refused


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


def test_profile_typo_refuses_german() -> None:
    with pytest.raises(ValueError, match=r"knows \['en'\], not 'de'"):
        TypoEngine("typo").plan("q", "de", "Wie weit ist der Mond?")


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError, match="humane"):
        TypoEngine("humane")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        TypoEngine("uniform").plan("q", "xx", "some words")


def test_a_plan_does_not_change_when_it_is_laid() -> None:
    plan = hand_plan(0.5)
    plan.at(1)

    assert plan == replace(plan) == hand_plan(0.5)


# Golden


def golden() -> dict[str, object]:
    """Two questions of every language: their words as ICU cuts them, and what each profile makes of them now."""
    rows = [
        {"id": query.id, "language": query.language, "clean": query.text}
        | {"words": [word.text for word in words(normal(query.text), query.language)]}
        | {profile: laid(profile, query) for profile in (*PROFILES, *ENGLISH[: 2 * (query.language == "en")])}
        for query in questions()
    ]
    return {"version": VERSION, "rows": rows}


def laid(profile: str, query: Query) -> list[str]:
    """The question at two rates."""
    plan = engine(profile).plan(query.id, query.language, query.text)
    return [plan.at(rate).text for rate in (0.3, 1.0)]


@cache
def kept() -> dict[str, object]:
    return json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_words_are_cut_as_in_the_golden_file() -> None:
    assert [row["words"] for row in golden()["rows"]] == [row["words"] for row in kept()["rows"]]


def test_slips_are_those_of_the_golden_file() -> None:
    assert golden() == kept()


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
