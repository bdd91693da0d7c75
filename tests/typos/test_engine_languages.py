"""The whole engine in every language: what each profile makes of the words of questions, and that it is sound.

The questions are those of mini and of `questions.json` (eight in each language that mini has not, by the authors).
They are asked again and again under other names, so that a word is met with many slips. Real data: tests marked `real`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, islice, pairwise
from pathlib import Path

import pytest
import regex
from rapidfuzz.distance import OSA

from typoglot.records import Edit
from typoglot.sources import mini
from typoglot.typos import Plan, TypoEngine
from typoglot.typos.casing import Casing, casing, lower, upper
from typoglot.typos.letters import alphabet, normal, words
from typoglot.typos.profiles import KEYBOARD_OPS, Written
from typoglot.typos.tables import FOLDER
from typoglot.typos.writers import Writer

QUESTIONS = Path(__file__).with_name("questions.json")
CODES = sorted(["zh", *(path.stem for path in FOLDER.glob("*.json"))])  # the languages that have a table
PROFILES = ("human", "keyboard", "uniform")
WRITTEN = ("human", "keyboard")
RATES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
FEW, SOME, MANY = 300, 2000, 10_000  # words of a language and profile, in passing and in earnest
SHORT = 24  # questions of a language that are asked in passing
JAPANESE = frozenset({"Han", "Hiragana", "Katakana"})
SCRIPTS = (
    "Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Bengali", "Telugu", "Thai", "Khmer", "Hangul",
    "Hiragana", "Katakana", "Han",
)  # fmt: skip
BESIDES = frozenset("'’- ")  # what a slip may put between letters
UNWANTED = ("Cc", "Cn", "Co", "Cs")
PRESENTATION = regex.compile(r"[\ufb00-\ufdff\ufe70-\ufefc]")

CONVERTED = ("ja", "zh", "zh_cn", "zh_hk", "zh_tw")
every = pytest.mark.parametrize("code", CODES)


# Questions, and what is made of them


class Recorded:
    """A method's `text` that remembers which keys wrote what, whatever its case."""

    def __init__(self, text: Callable[[Sequence[str]], str | None], language: str) -> None:
        self.text, self.language = text, language
        self.typed: dict[str, set[tuple[str, ...]]] = {}

    def __call__(self, strokes: Sequence[str]) -> str | None:
        written = self.text(strokes)
        self.typed.setdefault(upper(written or "", self.language), set()).add(tuple(strokes))
        return written


@cache
def engine(profile: str) -> TypoEngine:
    """The engine of a profile, its writers' keys recorded."""
    made = TypoEngine(profile)
    if isinstance(made.profile, Written):
        for code in CODES:
            speaker = made.profile.writer(alphabet("", code)[0], code)
            speaker.keys.text = Recorded(speaker.keys.text, speaker.table.language)
    return made


def writer(profile: str, code: str, word: str) -> Writer | None:
    """Whose keys type the word."""
    return engine(profile).profile.writer(word, code)


@cache
def questions(code: str) -> tuple[str, ...]:
    """Our eight questions in a language, or mini's hundred and twenty, the shortest first."""
    own = json.loads(QUESTIONS.read_text(encoding="utf-8")).get(code)
    return tuple(sorted(own or (entry.questions[code] for entry in mini.entries()), key=len))


def asked(profile: str, code: str, texts: Sequence[str]) -> Iterator[Plan]:
    """Plans of the texts, again and again under other names, without end."""
    number = 0
    while True:
        yield engine(profile).plan(f"q{number}", code, texts[number % len(texts)])
        number += 1


def up_to(count: int, plans: Iterable[Plan]) -> Iterator[Plan]:
    """The first plans that have so many words together."""
    met = 0
    for plan in plans:
        yield plan
        met += len(plan.slips)
        if met >= count:
            return


@cache
def few(profile: str, code: str) -> tuple[Plan, ...]:
    """The plans that most tests share."""
    return tuple(up_to(FEW, asked(profile, code, questions(code)[:SHORT])))


def profiles(code: str) -> tuple[str, ...]:
    return (*PROFILES, "textattack", "typo") if code == "en" else PROFILES


def all_few(code: str) -> list[Plan]:
    """The shared plans of a language, of all profiles."""
    return [plan for profile in profiles(code) for plan in few(profile, code)]


def slips(plan: Plan) -> list[Edit]:
    return [slip.edit for slip in plan.slips]


# What may be wrong with a misspelt text: each gives the faults that it finds


def misquoted(plan: Plan) -> list[object]:
    """Edits that overlap, misquote the clean text or keep it, and a text that is not that of its edits."""
    misspelt = plan.at(1)
    found: list[object] = [one for one, other in pairwise(misspelt.edits) if one.end > other.start]
    text = plan.text
    for edit in reversed(misspelt.edits):
        if text[edit.start : edit.end] != edit.before or edit.before == edit.after:
            found.append(edit)
        text = text[: edit.start] + edit.after + text[edit.end :]
    return found if text == misspelt.text else [*found, misspelt]


def astray(plan: Plan, code: str) -> list[object]:
    """Edits that are not of one word; a join takes the space behind its word."""
    ends = {word.start: word.end for word in words(plan.text, code)}
    joins = {edit: edit.op == "join" for edit in slips(plan)}
    return [
        edit
        for edit, join in joins.items()
        if edit.end != ends.get(edit.start, -2) + join or edit.before != edit.before.rstrip() + " " * join
    ]


def ill_formed(plan: Plan) -> list[object]:
    """Characters that no text should have, texts out of normal form, and marks that have lost their letter."""
    text = plan.at(1).text
    new = set(text) - set(plan.text)
    found: list[object] = [c for c in new if unicodedata.category(c) in UNWANTED or PRESENTATION.match(c)]
    ill = lone_marks(text) > lone_marks(plan.text) or not unicodedata.is_normalized("NFC", text)
    return [*found, text] if ill else found


def lone_marks(text: str) -> int:
    return sum(unicodedata.category(cluster[0]).startswith("M") for cluster in regex.findall(r"\X", text))


def broken(plan: Plan, profile: str, code: str) -> list[object]:
    """Texts with more characters outside the clusters of the language's script than before."""
    speaker = writer(profile, code, alphabet("", code)[0])
    pattern = speaker.table.cluster if speaker else None

    def outside(text: str) -> int:  # what is left of other scripts does not count
        return sum(script(c) == script(alphabet("", code)[0]) for c in pattern.sub("", text))

    text = plan.at(1).text
    return [(plan.text, text)] if pattern and outside(text) > outside(plan.text) else []


def mixed(plan: Plan, code: str) -> list[object]:
    """Edits that bring another script into a word; those of Japanese stand for one another."""
    found = []
    for edit in slips(plan):
        before = scripts(edit.before)
        kept = before | JAPANESE if code == "ja" and before & JAPANESE else before
        found += [] if scripts(edit.after) <= kept else [edit]
    return found


def scripts(text: str) -> frozenset[str]:
    return frozenset(script(c) for c in text if unicodedata.category(c)[0] in "LM") - {"shared"}


@cache
def script(letter: str) -> str:
    if regex.match(r"\p{Common}|\p{Inherited}", letter):
        return "shared"
    return next((name for name in SCRIPTS if regex.match(rf"\p{{{name}}}", letter)), "other")


def foreign(plan: Plan, profile: str, code: str) -> list[object]:
    """Edits that bring in a letter which the word's language does not write."""
    found = []
    for edit in slips(plan):
        written = writable(profile, code, edit.before)
        found += [] if written is None or written >= set(edit.after) else [edit]
    return found


@cache
def writable(profile: str, code: str, word: str) -> frozenset[str] | None:
    """What a misspelt word may hold; None where keys stand for more than letters."""
    speaker = writer(profile, code, word)
    if speaker is None:
        return frozenset(word + alphabet(word, code)) if profile == "uniform" else None
    language = speaker.table.language
    small = speaker.table.alphabet.union(lower(word, language), BESIDES)
    return small.union(word, upper("".join(small), language)) if speaker.table.keys == "direct" else None


def unsound(plan: Plan, profile: str, code: str) -> list[object]:
    """All that is wrong with the plan's text."""
    own = [misquoted(plan), astray(plan, code), ill_formed(plan), mixed(plan, code)]
    return [*chain(*own), *broken(plan, profile, code), *foreign(plan, profile, code)]


# Rates


@every
def test_a_slip_stays_at_every_higher_rate(code: str) -> None:
    for plan in all_few(code)[::4]:
        for mode, rates in {"word_rate": RATES, "one_per_query": RATES, "k_per_query": range(5)}.items():
            laid = [set(plan.at(rate, mode).edits) for rate in rates]
            assert all(few <= many for few, many in pairwise(laid))


def test_the_asked_share_of_words_is_misspelt() -> None:
    plans = [plan for code in CODES for plan in all_few(code)]
    eligible = sum(len(plan.slips) for plan in plans)

    assert len(plans) >= 5000
    for rate in RATES:
        assert sum(plan.at(rate).edited for plan in plans) / eligible == pytest.approx(rate, abs=0.005)


def test_the_asked_share_of_questions_is_misspelt() -> None:
    plans = [plan for code in CODES for plan in all_few(code)]

    for rate in RATES:
        misspelt = sum(plan.at(rate, "one_per_query").edited for plan in plans)
        assert misspelt / len(plans) == pytest.approx(rate, abs=0.02)


@every
def test_the_asked_number_of_slips_is_laid_as_far_as_there_are_words(code: str) -> None:
    for plan in all_few(code):
        laid = [plan.at(number, "k_per_query").edited for number in (0, 1, 3, 1000)]
        assert laid == [min(number, len(plan.slips)) for number in (0, 1, 3, 1000)]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("profile", ["human", "uniform"])
def test_hardly_a_word_is_without_a_slip(profile: str, code: str) -> None:
    assert eligible_share(profile, code) >= 0.99


@every
def test_hardly_a_word_is_without_a_slip_of_the_keyboard(code: str) -> None:
    assert eligible_share("keyboard", code) >= 0.98


def eligible_share(profile: str, code: str) -> float:
    """The share of words that the plans found a slip for."""
    plans = few(profile, code)
    return sum(len(plan.slips) for plan in plans) / sum(len(words(plan.text, code)) for plan in plans)


# Slips


@every
def test_rate_0_is_the_normal_form_of_the_question(code: str) -> None:
    for question in questions(code)[:8]:
        plan = engine("uniform").plan("q", code, unicodedata.normalize("NFD", question))
        assert plan.at(0).text == plan.text == normal(question)


@every
def test_edits_do_not_overlap_and_lead_to_the_misspelt_text(code: str) -> None:
    assert [fault for plan in all_few(code) for fault in misquoted(plan)] == []


@every
def test_a_word_has_one_slip_and_a_slip_one_word(code: str) -> None:
    assert [fault for plan in all_few(code) for fault in astray(plan, code)] == []
    assert all(len({edit.start for edit in slips(plan)}) == len(plan.slips) for plan in all_few(code))


@every
@pytest.mark.parametrize("profile", WRITTEN)
def test_a_slip_of_the_fingers_is_one_operation_on_the_keys(profile: str, code: str) -> None:
    for edit in chain(*map(slips, few(profile, code))):
        speaker = writer(profile, code, edit.before)
        if edit.kind == "mechanical" and speaker:
            language = speaker.table.language
            mixed_case = casing(edit.before, language) is Casing.mixed
            right = speaker.keys.strokes(edit.before if mixed_case else lower(edit.before, language))
            ways = speaker.keys.text.typed[upper(edit.after, language)]
            assert min(OSA.distance(right, keys) for keys in ways) == 1, edit


@every
def test_keyboard_makes_slips_of_the_fingers_alone(code: str) -> None:
    made = {(edit.kind, edit.op) for edit in chain(*map(slips, few("keyboard", code)))}

    assert made <= {("mechanical", op) for op in KEYBOARD_OPS}


@every
def test_human_makes_every_kind_of_slip_that_the_language_has(code: str) -> None:
    classes = engine("human").profile.writer(alphabet("", code)[0], code).table.classes
    wanted = {kind for kind, share in classes.items() if share > 0.02}

    made: set[str] = set()
    for plan in up_to(5000, asked("human", code, questions(code))):
        made |= {edit.kind for edit in slips(plan)}
        if wanted <= made:
            break
    assert wanted <= made


# Characters


@every
def test_a_misspelt_text_is_well_formed(code: str) -> None:
    assert [fault for plan in all_few(code) for fault in ill_formed(plan)] == []


@pytest.mark.parametrize("profile", WRITTEN)
@pytest.mark.parametrize("code", ["bn", "hi", "km", "te", "th"])
def test_no_slip_breaks_a_cluster(profile: str, code: str) -> None:
    assert [fault for plan in few(profile, code) for fault in broken(plan, profile, code)] == []


@every
def test_no_slip_mixes_scripts(code: str) -> None:
    assert [fault for plan in all_few(code) for fault in mixed(plan, code)] == []


@every
@pytest.mark.parametrize("profile", PROFILES)
def test_a_slip_brings_in_letters_of_its_language_alone(profile: str, code: str) -> None:
    assert [fault for plan in few(profile, code) for fault in foreign(plan, profile, code)] == []


# In earnest


@pytest.mark.slow
@every
@pytest.mark.parametrize("profile", PROFILES)
def test_ten_thousand_words_come_out_sound(profile: str, code: str) -> None:
    plans = up_to(MANY if profile == "human" else SOME, asked(profile, code, questions(code)))

    assert [fault for plan in plans for fault in unsound(plan, profile, code)] == []


@pytest.mark.slow
@pytest.mark.parametrize("code", ["en"])
@pytest.mark.parametrize("profile", ["textattack", "typo"])
def test_ten_thousand_english_words_come_out_sound(profile: str, code: str) -> None:
    plans = up_to(MANY, asked(profile, code, questions(code)))

    assert [fault for plan in plans for fault in unsound(plan, profile, code)] == []


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_misspells_the_asked_share_of_words(profile: str) -> None:
    plans = [plan for code in CODES for plan in islice(asked(profile, code, questions(code)), 160)]
    eligible = sum(len(plan.slips) for plan in plans)

    assert len(plans) >= 5000
    for rate in RATES:
        assert sum(plan.at(rate).edited for plan in plans) / eligible == pytest.approx(rate, abs=0.005)


# Real questions


def mkqa(folder: Path, code: str) -> list[str]:
    lines = (folder / "mkqa" / "mkqa_dev" / f"mkqa-{code}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def xquad(folder: Path, code: str) -> list[str]:
    articles = json.loads((folder / "xquad" / f"xquad.{code}.json").read_text(encoding="utf-8"))["data"]
    paragraphs = chain(*(article["paragraphs"] for article in articles))
    return [question["question"] for paragraph in paragraphs for question in paragraph["qas"]]


def xor(folder: Path, code: str) -> list[str]:
    return (folder / "xor-parallel" / f"{code}-en" / f"{code}.txt").read_text(encoding="utf-8").splitlines()


def wikipedia(folder: Path, code: str) -> list[str]:
    lines = (folder / "misspellings" / "viwiki.jsonl").read_text(encoding="utf-8").splitlines()[:200]
    return [line for row in lines for line in json.loads(row)["text"].splitlines()[:20]]


REAL = [
    *((mkqa, code) for code in ("ar", "en", "es", "fi", "ja", "km", "ko", "ms", "ru", "sv", "tr", "zh_cn")),
    *((xquad, code) for code in ("ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")),
    *((xor, code) for code in ("ar", "bn", "fi", "ja", "ko", "ru", "te")),
    (wikipedia, "vi"),
]


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("read", "code"), REAL, ids=lambda value: getattr(value, "__name__", value))
def test_real_questions_come_out_sound(
    read: Callable[[Path, str], list[str]], code: str, profile: str, real_data: Path
) -> None:
    plans = up_to(MANY // 2 if profile == "human" else SOME // 2, asked(profile, code, read(real_data, code)))

    assert [fault for plan in plans for fault in unsound(plan, profile, code)] == []


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("code", ["ar", "km", "ja", "zh_cn"])
def test_of_real_words_the_asked_share_is_misspelt(code: str, real_data: Path) -> None:
    plans = list(islice(asked("human", code, mkqa(real_data, code)), 5000))
    eligible = sum(len(plan.slips) for plan in plans)

    for rate in RATES:
        assert sum(plan.at(rate).edited for plan in plans) / eligible == pytest.approx(rate, abs=0.005)
