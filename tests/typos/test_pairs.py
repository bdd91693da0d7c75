from __future__ import annotations

import json
import random
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tools import misspellings as tool

from typoglot.errors import DataError
from typoglot.typos.pairs import WordPair, align, known_words, misspellings, words

quick = settings(deadline=None, database=None)
sentences = st.lists(st.text("abcdefgh", min_size=1, max_size=8), max_size=8).map(" ".join)
anything = st.text(max_size=30)


def reason(right: str, wrong: str, vocabulary: str = "", **options: object) -> str | None:
    """Why a pair of words is left out, or None."""
    pairs, left_out = misspellings([(right, wrong)], vocabulary.split(), **options)
    assert len(pairs) + left_out.total() == 1

    return None if pairs else next(iter(left_out))


# Words.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I do n't , it 's the author 's .", ["I", "don't", "it's", "the", "author's"]),
        ("it’s well-known!", ["it's", "well-known"]),
        ("it`s 'quoted' - here", ["it's", "quoted", "here"]),
        ("кто-то, «где-то»", ["кто-то", "где-то"]),
        ("เมือง तितली", ["เมือง", "तितली"]),
        ("", []),
    ],
)
def test_words_come_without_punctuation_and_put_together_again(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_words_are_in_nfc() -> None:
    assert words(unicodedata.normalize("NFD", "Việt é")) == ["Việt", "é"]


# Alignment.


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("their ideas grew", "ther idease grew", ["ther>their", "idease>ideas"]),
        ("a lot of work", "alot of wrok", ["alot>a lot", "wrok>work"]),
        ("he cannot sleep", "he can not slep", ["can not>cannot", "slep>sleep"]),
        ("в общем, не знаю", "вообщем незнаю", ["вообщем>в общем", "незнаю>не знаю"]),
        ("как-то вдруг", "както вдург", ["както>как-то", "вдург>вдруг"]),
        ("кто-то там", "кто то там", ["кто то>кто-то"]),
        ("I do n't know", "I dont know .", ["dont>don't"]),
        ("my good friend said so", "my freind said so", ["freind>friend"]),
        ("my freind", "my freind", []),
        ("exotic", "exutic", ["exutic>exotic"]),
        ("Straße", "Strasse", ["Strasse>Straße"]),
    ],
)
def test_misspelt_words_meet_their_corrections(right: str, wrong: str, expected: list[str]) -> None:
    assert [f"{pair.wrong}>{pair.right}" for pair in align(right, wrong)] == expected


def test_case_and_punctuation_are_no_difference() -> None:
    assert align("Well, it’s OVER (now)!", "well it's over now") == []


@pytest.mark.parametrize(
    ("right", "wrong"), [("London", "in London"), ("in London", "London"), ("it is useful", "useful")]
)
def test_a_word_put_in_or_left_out_is_no_joint(right: str, wrong: str) -> None:
    assert align(right, wrong) == []


def test_a_word_put_in_beside_a_misspelt_one_is_no_joint() -> None:
    assert align("London", "a Lndon") == [WordPair("London", "Lndon")]


def test_three_words_written_as_one_are_no_pair() -> None:
    assert align("не знаю кто это", "незнаюкто это") == []


@quick
@given(anything)
def test_a_text_differs_in_nothing_from_itself(text: str) -> None:
    assert align(text, unicodedata.normalize("NFD", text)) == []


@quick
@given(sentences, sentences)
def test_the_words_of_a_pair_stand_in_their_texts(right: str, wrong: str) -> None:
    for pair in align(right, wrong):
        assert f" {pair.right} " in f" {right} "
        assert f" {pair.wrong} " in f" {wrong} "


@quick
@given(st.permutations(["information", "which", "people", "always", "government", "knowledge"]), st.integers(0, 5))
def test_one_misspelt_word_is_found_wherever_it_stands(text: list[str], place: int) -> None:
    misspelt = [*text[:place], text[place][:1] + text[place][2:], *text[place + 1 :]]

    assert align(" ".join(text), " ".join(misspelt)) == [WordPair(text[place], misspelt[place])]


# What is a misspelling.


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("develop", "develope"),
        ("stopped", "stoped"),
        ("facing", "faceing"),
        ("happened", "happend"),
        ("families", "familys"),
        ("there", "ther"),
        ("success", "succes"),
        ("surprise", "surprize"),
        ("it's", "its"),
        ("a lot", "alot"),
    ],
)
def test_a_misspelling_is_kept(right: str, wrong: str) -> None:
    assert reason(right, wrong, "develop stop face happen family the its alot", language="en") is None


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("children", "childs"),
        ("information", "informations"),
        ("than", "then"),
        ("broad", "broadly"),
        ("guide", "guider"),
    ],
)
def test_another_form_or_word_is_grammar(right: str, wrong: str) -> None:
    assert reason(right, wrong, "child information then broad guide", language="en") == "grammar"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("house", "building"), ("because", "between"), ("not", "no not ever"), ("não", "ñ"), ("on", "it")],
)
def test_another_word_is_wording(right: str, wrong: str) -> None:
    left_out = misspellings([(right, wrong)], ())[1]

    assert set(left_out) == {"wording"}


@pytest.mark.parametrize(
    ("right", "wrong", "language"),
    [
        ("behavior", "behaviour", "en"),
        ("organized", "organised", "en"),
        ("traveling", "travelling", "en"),
        ("centre", "center", "en"),
        ("ещё", "еще", "ru"),
        ("mỹ", "mĩ", "vi"),
        ("hòa", "hoà", "vi"),
        ("thúy", "thuý", "vi"),
    ],
)
def test_what_two_schools_spell_differently_is_a_variant(right: str, wrong: str, language: str) -> None:
    assert reason(right, wrong, language=language) == "variant"
    assert reason(wrong, right, language=language) == "variant"


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("Moscow", "moscow", "case"),
        ("same", "same", "same"),
        ("over", "over!", "punctuation"),
        ("60-х", "60х", "number"),
        ("очень", "ооочень", "stretched"),
    ],
)
def test_what_is_left_out_is_counted_by_its_reason(right: str, wrong: str, expected: str) -> None:
    assert reason(right, wrong) == expected


@pytest.mark.parametrize(
    ("right", "wrong"), [("é", "e"), ("đường", "duong"), ("à", "a"), ("أحمد", "احمد"), ("nghị", "nghĩ")]
)
def test_a_difference_in_diacritics_is_kept_even_between_words(right: str, wrong: str) -> None:
    assert reason(right, wrong, wrong) is None


def test_vowel_signs_are_letters_and_no_diacritics() -> None:
    assert reason("की", "के", "के") == "grammar"


def test_vietnamese_keeps_misspellings_that_are_words() -> None:
    assert reason("xuất", "suất", "suất", language="vi") is None
    assert reason("xuất", "suất", "suất", language="vi", real_words=False) == "grammar"


def test_marked_errors_are_kept_though_they_are_words() -> None:
    assert reason("mas", "mais", "mais", language="pt", real_words=True) is None


def test_pairs_come_in_lower_case_and_without_a_common_genitive() -> None:
    pairs, _ = misspellings([("The Author's", "The Authour's")], ())

    assert pairs == [WordPair("author", "authour")]


def test_known_words_are_those_left_alone() -> None:
    texts = [("the environment", "the enviroment")] * 5 + [("an enviroment", "an enviroment")]

    assert known_words(texts) == {"the", "environment", "an"}


@quick
@given(sentences, sentences, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_changes_no_count(right: str, wrong: str, order: random.Random) -> None:
    texts = [(right, wrong), ("two sees", "two seas"), ("a bee", "a bea")]
    shuffled = order.sample(texts, len(texts))

    assert Counter(misspellings(texts, ())[0]) == Counter(misspellings(shuffled, ())[0])
    assert misspellings(texts, ())[1] == misspellings(shuffled, ())[1]


# The maintainers' tool.


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """Each corpus in small: sentences enough that both sides get some."""
    folder = tmp_path / "corpora"
    folder.mkdir()
    numbers = range(20)
    right, wrong = ([f"so{n} the{n} cat{n} {verb}\n" for n in numbers] for verb in ("sleeps", "slepes"))
    for name in ("jfleg", "ruspellru"):
        (folder / f"{name}.corrections.txt").write_text("".join(right))
        (folder / f"{name}.sources.txt").write_text("".join(wrong))
    word = '<w status="wrong" correct_form="não" error_type="diac">nao</w><w status="wrong" correct_form="você" \
error_type="int_slang">vc</w>'
    body = "".join(f'<sentence id="{n}"><w status="correct">{"x" * n}x</w>{word}</sentence>' for n in numbers)
    (folder / "nilc-ptbr.xml").write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<corpus>{body}</corpus>')
    mistakes = [{"text": "Đố", "suggest": ["đó"], "start_offset": "0"}]
    articles = [{"_id": str(n), "text": f"Đố {n}\nmột", "mistakes": mistakes} for n in numbers]
    (folder / "viwiki.jsonl").write_text("".join(json.dumps(article) + "\n" for article in articles))
    return folder


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / "misspellings.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def lines(folder: Path, language: str) -> list[str]:
    return [line for name in tool.SIDES for line in (folder / f"{language}.{name}.tsv").read_text().splitlines()]


def test_the_tool_writes_words_and_prints_their_counts(corpora: Path, tmp_path: Path) -> None:
    done = run(corpora, tmp_path / "out")

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 5
    assert lines(tmp_path / "out", "pt") == ["nao\tnão"] * 20
    assert lines(tmp_path / "out", "vi") == ["đố\tđó"] * 20


def test_the_tool_writes_texts_instead(corpora: Path, tmp_path: Path) -> None:
    run(corpora, tmp_path / "out", "--texts")

    assert "Đố 7\tđó 7" in lines(tmp_path / "out", "vi")
    assert "x nao vc\tx não vc" in lines(tmp_path / "out", "pt")


@pytest.mark.parametrize("language", sorted(tool.READERS))
def test_no_sentence_is_on_both_sides(corpora: Path, language: str) -> None:
    fit, heldout = tool.extract(corpora, language).values()

    assert fit.pairs
    assert heldout.pairs
    assert not set(fit.texts) & set(heldout.texts)


@pytest.mark.parametrize("language", ["en", "pt", "ru"])
def test_a_sentence_that_occurs_again_counts_once(corpora: Path, language: str) -> None:
    before = tool.extract(corpora, language)
    for path in corpora.glob("*.txt"):
        path.write_text(path.read_text() * 2)
    path = corpora / "nilc-ptbr.xml"
    head, body = path.read_text().removesuffix("</corpus>").split("<corpus>")
    path.write_text(f"{head}<corpus>{body}{body}</corpus>")

    assert tool.extract(corpora, language) == before


def test_mistakes_that_overlap_or_cross_a_line_stay(tmp_path: Path) -> None:
    marks = [("đố là", "đó là", 0), ("là", "lá", 3), ("một\nhai", "mọt\nhai", 6), ("ba", "bà", 14)]
    mistakes = [{"text": wrong, "suggest": [right], "start_offset": str(start)} for wrong, right, start in marks]
    row = {"_id": "1", "text": "đố là một\nhai ba", "mistakes": mistakes}
    (tmp_path / "viwiki.jsonl").write_text(json.dumps(row))
    (sample,) = tool.viwiki(tmp_path / "viwiki.jsonl")

    assert sample.texts == (("đó là một", "đố là một"), ("hai bà", "hai ba"))
    assert sample.parts == (("đó là", "đố là"), ("bà", "ba"))


def test_versions_of_a_sentence_count_once_and_stay_together() -> None:
    versions = [("The cat is my friend .", "The cat is my freind ."), ("Cats are my friend .", "Cats are my freind .")]
    other = ("Nobody has a friend in this town .", "Nobody has a freind in this town .")

    assert tool.families([versions[0], other, versions[1]]) == [versions, [other]]


def test_the_side_of_a_sentence_never_changes() -> None:
    assert [tool.side("en", key) for key in "abcdef"] == ["fit", "fit", "fit", "fit", "fit", "heldout"]


def test_files_of_different_length_are_refused(corpora: Path) -> None:
    (corpora / "jfleg.sources.txt").write_text("one line\n")

    with pytest.raises(DataError, match=r"jfleg\.corrections\.txt: 20 lines, but 1 in 'jfleg\.sources\.txt'"):
        tool.extract(corpora, "en")


def test_a_mistake_elsewhere_than_told_is_refused(corpora: Path) -> None:
    row = '{"_id": "1", "text": "Đố", "mistakes": [{"text": "đố", "suggest": ["đó"], "start_offset": "0"}]}\n'
    (corpora / "viwiki.jsonl").write_text(row)

    with pytest.raises(DataError, match=r"viwiki\.jsonl:1: 'đố' does not stand at 0"):
        tool.extract(corpora, "vi")


@pytest.mark.parametrize(
    ("name", "content"),
    [("nilc-ptbr.xml", "<corpus>"), ("viwiki.jsonl", '{"_id": "1", "text": "a", "mistakes": [{}]}')],
)
def test_a_broken_corpus_is_answered_with_its_name(corpora: Path, tmp_path: Path, name: str, content: str) -> None:
    (corpora / name).write_text(content)
    done = run(corpora, tmp_path / "out")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{corpora / name}:1: ")
    assert not (tmp_path / "out").exists()


# The corpora themselves.

COUNTS = {"en": (355, 194), "pt": (2642, 1067), "ru": (515, 282), "vi": (507, 164)}
KNOWN = {
    "en": [("believe", "belive"), ("breaking", "braking"), ("successful", "successfull")],
    "pt": [("não", "nao"), ("excelente", "exelente"), ("o que", "oque"), ("mas", "mais")],
    "ru": [("в общем", "вобщем"), ("как-то", "както"), ("нравится", "нравиться"), ("не было", "небыло")],
    "vi": [("rõ", "rỏ"), ("xuất", "suất"), ("được một", "đượcmột"), ("phương", "phuơng")],
}


@pytest.mark.real
@pytest.mark.parametrize("language", sorted(COUNTS))
def test_a_corpus_gives_its_counts_and_known_pairs(real_data: Path, language: str) -> None:
    found = tool.extract(real_data / "misspellings", language)
    pairs = {pair for one in found.values() for pair in one.pairs}

    assert tuple(len(found[name].pairs) for name in tool.SIDES) == COUNTS[language]
    assert pairs >= {WordPair(*pair) for pair in KNOWN[language]}


@pytest.mark.real
@pytest.mark.parametrize(("language", "lost"), [("pt", 2), ("vi", 6)])
def test_whole_texts_give_nearly_all_that_was_marked_in_them(real_data: Path, language: str, lost: int) -> None:
    samples = list(tool.READERS[language](real_data / "misspellings"))
    marked, aligned = (
        Counter(misspellings(texts, (), language=language, real_words=True)[0])
        for texts in (
            [part for sample in samples for part in sample.parts],
            [text for sample in samples for text in sample.texts],
        )
    )

    assert (marked - aligned).total() == lost
