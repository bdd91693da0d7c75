from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
import regex

from typoglot.errors import DataError
from typoglot.languages import Language
from typoglot.sources import mini

ENTRIES = mini.entries()
QUESTION_MARKS = {"ar": "؟", "ja": "？", "zh": "？"}

each_language = pytest.mark.parametrize("language", mini.LANGUAGES)


# What the file holds


def test_there_are_120_passages_a_third_of_them_for_testing() -> None:
    assert Counter(entry.split for entry in ENTRIES) == {"train": 80, "test": 40}


def test_the_first_and_the_last_passage_are_known() -> None:
    assert (ENTRIES[0].passage.id, ENTRIES[0].passage.title) == ("1755-lisbon-earthquake", "1755 Lisbon earthquake")
    assert (ENTRIES[-1].passage.id, ENTRIES[-1].passage.title) == ("zheng-he", "Zheng He")


def test_passages_stand_in_the_order_of_their_ids() -> None:
    ids = [entry.passage.id for entry in ENTRIES]

    assert ids == sorted(ids)


def test_no_id_no_title_and_no_text_is_there_twice() -> None:
    passages = [entry.passage for entry in ENTRIES]

    for values in ({p.id for p in passages}, {p.title for p in passages}, {p.text for p in passages}):
        assert len(values) == 120


def test_ids_are_plain_enough_for_file_names_and_trec_runs() -> None:
    assert [entry.passage.id for entry in ENTRIES if not regex.fullmatch("[a-z0-9-]+", entry.passage.id)] == []


def test_passages_are_of_60_to_100_words() -> None:
    lengths = {entry.passage.id: len(entry.passage.text.split()) for entry in ENTRIES}

    assert {name: words for name, words in lengths.items() if not 60 <= words <= 100} == {}


def test_no_passage_asks_for_another_alphabet_than_latin() -> None:
    foreign = {entry.passage.id: regex.findall(r"[^\p{Latin}\P{L}]", entry.passage.content) for entry in ENTRIES}

    assert {name: letters for name, letters in foreign.items() if letters} == {}


def test_every_answer_is_a_span_of_its_passage() -> None:
    strangers = [(e.passage.id, span) for e in ENTRIES for span in e.spans if span not in e.passage.text]

    assert strangers == []
    assert all(entry.spans for entry in ENTRIES)


def test_no_answer_is_given_twice_as_span_or_alias() -> None:
    assert [entry.passage.id for entry in ENTRIES if len(set(entry.answers)) < len(entry.answers)] == []


def test_answers_are_the_spans_and_then_the_aliases() -> None:
    assert all(entry.answers[: len(entry.spans)] == entry.spans for entry in ENTRIES)
    assert any(len(entry.answers) > len(entry.spans) for entry in ENTRIES)


def test_every_text_is_composed_trimmed_and_on_one_line() -> None:
    texts = [text for e in ENTRIES for text in (e.passage.title, e.passage.text, *e.questions.values(), *e.answers)]

    assert [text for text in texts if text != unicodedata.normalize("NFC", text)] == []
    assert [text for text in texts if text != " ".join(text.split())] == []


# Questions


def test_there_are_twelve_languages_that_the_harness_knows() -> None:
    assert len(set(mini.LANGUAGES)) == 12
    assert {Language(language).value for language in mini.LANGUAGES} == set(ENTRIES[0].questions)


def test_no_question_is_asked_twice() -> None:
    counts = Counter(question for entry in ENTRIES for question in entry.questions.values())

    assert len(counts) == 120 * 12


@each_language
def test_every_question_ends_with_the_mark_of_its_language(language: str) -> None:
    mark = QUESTION_MARKS.get(language, "?")

    assert [e.passage.id for e in ENTRIES if not e.questions[language].endswith(mark)] == []


@each_language
def test_questions_are_written_in_the_script_of_their_language(language: str) -> None:
    own = "".join(rf"\p{{{script}}}" for script in Language(language).scripts)
    questions = [entry.questions[language] for entry in ENTRIES]

    # Names such as Linux, QR and ENIAC stay Latin everywhere; they never make up a third of the letters.
    shares = {
        q: len(regex.findall(rf"[{own}&&\p{{L}}]", q, regex.V1)) / len(regex.findall(r"\p{L}", q)) for q in questions
    }
    assert {q: share for q, share in shares.items() if share < 2 / 3} == {}


@pytest.mark.parametrize("language", ["en", "de", "es", "fi", "tr", "ar", "bn", "te"])
def test_these_languages_have_no_letter_of_another_script(language: str) -> None:
    (script,) = Language(language).scripts

    assert [e.passage.id for e in ENTRIES if regex.search(rf"[^\p{{{script}}}\P{{L}}]", e.questions[language])] == []


# What the readers make of it


def test_the_benchmark_asks_40_questions_a_language_over_all_passages() -> None:
    benchmark = mini.read_benchmark("mini", None)

    assert Counter(query.language for query in benchmark.queries) == dict.fromkeys(mini.LANGUAGES, 40)
    assert benchmark.corpus == tuple(entry.passage for entry in ENTRIES)


def test_every_test_question_finds_its_own_passage_only() -> None:
    benchmark = mini.read_benchmark("mini", None)
    home = {entry.questions[language]: entry.passage.id for entry in ENTRIES for language in mini.LANGUAGES}

    assert benchmark.qrels == {query.id: {home[query.text]: 1} for query in benchmark.queries}


def test_translations_share_one_parallel_id_and_the_answers() -> None:
    queries = mini.read_benchmark("mini", None).queries
    shared = {(query.parallel_id, query.answers) for query in queries}

    assert len({query.id for query in queries}) == 480
    assert len(shared) == 40


def test_training_pairs_join_each_question_to_its_passage() -> None:
    pairs = mini.read_pairs(None)
    train = [entry for entry in ENTRIES if entry.split == "train"]

    assert len(pairs) == 80 * 12
    assert {(p.language, p.query, p.passage.id) for p in pairs} == {
        (language, entry.questions[language], entry.passage.id) for entry in train for language in mini.LANGUAGES
    }


def test_no_passage_is_both_trained_on_and_tested() -> None:
    trained = {pair.passage.id for pair in mini.read_pairs(None)}
    tested = {query.parallel_id for query in mini.read_benchmark("mini", None).queries}

    assert len(trained) == 80
    assert trained.isdisjoint(tested)


def test_only_the_wanted_languages_are_read() -> None:
    assert mini.read_benchmark("mini", ["te", "ar"]).languages == ["te", "ar"]
    assert {pair.language for pair in mini.read_pairs(["ko"])} == {"ko"}


def test_a_language_that_mini_has_not_is_refused_with_those_it_has() -> None:
    choice = "choose among ar, bn, de, en, es, fi, ja, ko, ru, te, tr, zh"

    with pytest.raises(DataError, match=f"benchmark mini: no he here: {choice}"):
        mini.read_benchmark("mini", ["en", "he"])
    with pytest.raises(DataError, match=f"train mini: no he here: {choice}"):
        mini.read_pairs(["he"])
