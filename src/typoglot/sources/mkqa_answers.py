"""MKQA over English passages: a question in any language, right where a passage holds one of its English answers.

Two conventions are in use, which differ in languages, passages, normalisation and in where answers are looked for:
docs/mkqa.md tells which code says so. Questions come from `mkqa`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.config import AnswerType, Convention
from typoglot.errors import DataError
from typoglot.lines import Faults, pick_languages, texts_of
from typoglot.records import Benchmark, Query
from typoglot.sources.evidence import PASSAGES, Evidence, LoweredPassages, find_file, lowered
from typoglot.sources.mkqa import read_questions
from typoglot.sources.passages import open_passages
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typoglot.sources.mkqa import Question

QUESTIONS = ("mkqa.jsonl", "mkqa.jsonl.gz")
_SPANS = tuple(kind.value for kind in AnswerType)
_NO_SPAN = ("binary", "unanswerable", "long_answer")


class _Answers(NamedTuple):
    texts: tuple[str, ...]
    kind: str  # MKQA's type of the last answer; "" where the file has no types


def read_benchmark(
    name: str, questions: Path, passages: Path, languages: Sequence[str] | None, convention: Convention,
    answer_types: Sequence[str] | None,
) -> Benchmark:  # fmt: skip
    """The questions whose English answer can stand in a text, in the chosen languages, over all passages.

    Says how many questions were left out, and why. In Contriever's convention questions are lower-cased and normalised
    here, so before they are misspelt: every slip reaches the encoder.

    Args:
        name: of the benchmark.
        questions: MKQA's file, the folder that it is in, or a folder of MIA-2022's files.
        passages: the file or files, or the folder that the file is in.
        languages: of questions; None takes all of the convention's: bge_m3 has no English.
        convention: whose protocol.
        answer_types: the last English answer must be of one of them; None takes all.

    Raises:
        DataError: a file is missing or malformed, has no such language, or no types of answers though some are asked
            for.
    """
    found = list(read_questions(_place(questions)))
    answers = _answers(found, questions, answer_types)
    there = {question.language for question in found}
    default = sorted(there - {"en"}) if convention is Convention.bge_m3 else None
    chosen = set(pick_languages(languages if languages is not None else default, there, questions))
    corpus = open_passages(find_file(passages, PASSAGES, "benchmark.passages"))
    read = lowered if convention is Convention.contriever else str
    queries = tuple(
        Query(f"{one.example}_{one.language}", one.language, read(one.text), one.example, *answers[one.example])
        for one in found
        if one.language in chosen and one.example in answers
    )
    # Contriever's code looks in the text as it is, FlagEmbedding's in the title and text that the encoder read.
    if convention is Convention.contriever:
        evidence = Evidence(corpus)
    else:
        evidence = Evidence(corpus, lambda passage: lowered(f"{passage.title}\n{passage.text}"))
    return Benchmark(name, queries, LoweredPassages(corpus), {}, evidence)


def _place(questions: Path) -> Path:
    """MKQA's file; or the folder, where it holds MIA-2022's."""
    if questions.is_dir() and any(questions.glob("mkqa-*.jsonl")):
        return questions
    return find_file(questions, QUESTIONS, "benchmark.questions")


def _answers(found: Sequence[Question], place: Path, wanted: Sequence[str] | None) -> dict[str, _Answers]:
    """The English answers of the questions that are asked, by question."""
    english, faults = {}, Faults()
    for question in found:
        if question.language == "en":
            try:
                english[question.example] = _english(question)
            except DataError as error:
                faults.add(error)
    faults.tell()
    _check_english(found, english)
    if not any(answers.texts for answers in english.values()):
        what = "no question has an English answer"
        raise DataError(place, None, what, "MIA-2022's test questions have none; give mkqa_dev, or MKQA's own file")
    if not any(answers.kind for answers in english.values()):
        if wanted is not None:
            what = "MIA-2022's copy does not tell the types of answers"
            raise DataError(place, None, what, "give MKQA's own mkqa.jsonl(.gz), or leave benchmark.answer_types out")
        say("MKQA: MIA-2022's copy lacks most aliases and all types of answers: do not compare with published numbers")
    kept = {
        example: answers
        for example, answers in english.items()
        if answers.texts and answers.kind not in _NO_SPAN and (wanted is None or answers.kind in wanted)
    }
    left_out = Counter(english[example].kind or "yes or no" for example in english if example not in kept)
    told = ", ".join(f"{number:,} {kind}" for kind, number in left_out.most_common())
    say(f"MKQA: {len(kept):,} of {len(english):,} questions are asked; left out: {told or 'none'}")
    return kept


def _check_english(found: Sequence[Question], english: Mapping[str, _Answers]) -> None:
    """Refuses a question without English answers: nothing could be found for it."""
    for question in found:
        if question.example not in english:
            what = f"question '{question.example}' has no English answers"
            raise DataError(question.path, question.line, what, "use files of one release, English among them")


def _english(question: Question) -> _Answers:
    """The answers in a row: of MKQA's own file with their aliases, of MIA-2022's as they are, without yes and no."""
    answers, path, line = question.row.get("answers"), question.path, question.line
    if isinstance(answers, list):
        texts = texts_of(question.row, "answers", path, line) if answers else ()
        return _Answers(tuple(text for text in texts if text.lower() not in ("yes", "no")), "")
    if not isinstance(answers, dict) or not isinstance(answers.get("en"), list) or not answers["en"]:
        raise DataError(path, line, f"'answers' is {answers!r}"[:80], "English answers are expected")
    kinds = [_kind(answer, path, line) for answer in answers["en"]]
    spans = [answer for answer, kind in zip(answers["en"], kinds, strict=True) if kind in _SPANS]
    every = [text for answer in spans for text in _texts(answer, path, line)]
    return _Answers(tuple(dict.fromkeys(every)), kinds[-1])


def _kind(answer: Any, path: Path, line: int) -> str:
    kind = answer.get("type") if isinstance(answer, dict) else None
    if kind not in (*_SPANS, *_NO_SPAN):
        what = f"an English answer of type {kind!r}"
        raise DataError(path, line, what, f"one of {', '.join((*_SPANS, *_NO_SPAN))} is expected")
    return str(kind)


def _texts(answer: dict[str, Any], path: Path, line: int) -> list[str]:
    """An answer's text and aliases that are not empty: DPR's matcher would find an empty one in every passage."""
    aliases = answer.get("aliases") or []
    values = [answer.get("text"), *(aliases if isinstance(aliases, list) else [None])]
    if not all(isinstance(value, str) for value in values):
        raise DataError(path, line, f"an answer of {values!r}"[:80], "a text and a list of aliases are expected")
    return [value for value in values if value.strip()]
