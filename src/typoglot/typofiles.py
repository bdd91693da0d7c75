"""Files of queries through the typo engine, and files of misspellings to a language's table. Knows no retrieval."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from typoglot import terminal
from typoglot.errors import ConfigError, DataError
from typoglot.files import atomic_text, make_folder
from typoglot.languages import Language
from typoglot.lines import Unique, check_language, decode_lines, id_of, parse_json, read_lines, require_folder, text_of
from typoglot.results import Realised
from typoglot.rules import typo_faults
from typoglot.sources import mini
from typoglot.typos import TypoEngine, profile_fault
from typoglot.typos.fitting import fit_table
from typoglot.typos.letters import normal
from typoglot.typos.pairs import known_words, misspellings
from typoglot.typos.tablefile import read_table, write_table
from typoglot.typos.tables import FOLDER, file_of, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from typoglot.config import Typos
    from typoglot.records import Edit, Perturbed
    from typoglot.typos import Plan

STREAM = Path("-")
SHOWN = 20  # queries side by side
COLOURS = {
    "mechanical": "red", "orthographic": "yellow", "diacritic": "magenta", "input": "cyan", "spacing": "blue",
}  # fmt: skip


class Format(Enum):
    """How a file holds queries: `id<TAB>text` (or text alone) a line, or a JSON object a line."""

    tsv = "tsv"
    jsonl = "jsonl"


class Row(NamedTuple):
    """One query of a file, with all that its line held."""

    id: str
    language: str
    text: str
    rest: dict[str, Any]
    key: str = "text"  # under which a JSON object holds the text


class Misspelt(NamedTuple):
    """A query and what became of it."""

    row: Row
    noisy: Perturbed


def perturb(
    path: Path | None,
    language: str | None,
    typos: Typos,
    draw: int,
    out: Path,
    *,
    limit: int | None = None,
    show: bool = False,
    form: Format | None = None,
) -> None:
    """Misspells a file of queries (or mini's questions) and writes or shows what became of them.

    A file's name says its format; a stream has `form`, or tsv.

    Raises:
        ConfigError: the rate does not fit its mode, or the profile not the language.
        DataError: the file is malformed.
    """
    found = _option_faults(typos, language)
    if show and out != STREAM:
        found.append(f"--out={out}: --show prints to the terminal alone; give one of the two.")
    if path is None and language is None:
        found.append("--language: is missing; without a FILE, mini's questions are misspelt, in the language you name.")
    if found:
        raise ConfigError(found)
    source = path or STREAM
    reads, writes = format_of(source, form), format_of(out if out != STREAM else source, form)
    if typos.models:
        require_folder(Path(typos.models), "language files")
    engine = TypoEngine(typos.profile.value, typos.seed, draw, typos.models)
    rows = read_rows(path, language, reads) if path else example_rows(language or "")
    most = limit or (SHOWN if show else None)
    misspelt = (Misspelt(row, _plan(engine, row).at(typos.rates[0], typos.mode.value)) for row in islice(rows, most))
    if show:
        terminal.show(side_by_side(misspelt))
    else:
        realised = write_rows(misspelt, out, writes, _count(path, most))
        if out != STREAM:
            terminal.say(f"{_legend(realised).plain.splitlines()[0]}: {out}")


def _option_faults(typos: Typos, language: str | None) -> list[str]:
    """What is wrong with the options of the command line, by their names."""
    found = typo_faults(typos)
    if language is not None and language not in (one.value for one in Language):
        found.append(f"--language {language}: unknown; one of {', '.join(one.value for one in Language)}.")
    elif language is not None:
        found += filter(None, [profile_fault(typos.profile.value, [language], typos.models)])
    for key, option in _OPTIONS.items():
        found = [fault.replace(key, option) for fault in found]
    return found


_OPTIONS = {
    "benchmark.languages=[en], or typos=human": "--language en, or --profile human",
    "typos=uniform": "--profile uniform", "typos.profile=": "--profile ", "typos.mode=": "--mode ",
    "typos.rates=": "--rate ",
}  # fmt: skip


def _count(path: Path | None, most: int | None) -> int | None:
    """How many queries there are to misspell; None where only the end of a stream will tell."""
    if path is not None and not path.is_file():
        return None
    lines = (line for _, line in read_lines(path) if line.strip()) if path else mini.entries()
    return sum(1 for _ in islice(lines, most))


def _plan(engine: TypoEngine, row: Row) -> Plan:
    known = engine.profile.languages
    if known is not None and row.language not in known:
        what = f"profile '{engine.profile.name}' knows {sorted(known)}, not '{row.language}'"
        raise DataError(f"query '{row.id}'", None, what, "give --profile human")
    return engine.plan(row.id, row.language, row.text)


def format_of(path: Path, stream: Format | None = None) -> Format:
    """By the file's name; of a stream, what is said of it, or tsv.

    Raises:
        DataError: the name tells neither.
    """
    suffix = Path(path.name.removesuffix(".gz")).suffix
    known = {
        ".tsv": Format.tsv,
        ".txt": Format.tsv,
        ".jsonl": Format.jsonl,
    }
    found = (stream or Format.tsv) if path == STREAM else known.get(suffix)
    if found is None:
        raise DataError(path, None, f"a name that ends in '{suffix}'", "a file .tsv or .jsonl (or .gz of these), or -")
    return found


def read_rows(path: Path, language: str | None, form: Format | None = None) -> Iterator[Row]:
    """The queries of a file, one after the other.

    A tsv line is `id<TAB>text`, or the text alone, whose id is then the line's number. A JSON object has `text` (or
    `query`), may have `id` (or `_id`), and `language` where none is given for all.

    Raises:
        DataError: a line is neither, an id stands twice, or a language is missing or unknown.
    """
    read = _tsv_row if format_of(path, form) is Format.tsv else _json_row
    seen = Unique("query", path)
    for number, line in _numbered(path):
        if line.strip():
            row = read(line, path, number, language)
            check_language(row.language, path, number)
            seen.add(row.id, number)
            yield row


def example_rows(language: str) -> Iterator[Row]:
    """The questions of the embedded benchmark.

    Raises:
        DataError: it has none in that language.
    """
    if language not in mini.LANGUAGES:
        raise DataError("mini", None, f"no questions in '{language}'", "give a FILE of queries in it")
    for entry in mini.entries():
        yield Row(entry.passage.id, language, entry.questions[language], {})


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    return decode_lines(path, sys.stdin.buffer) if path == STREAM else read_lines(path)


def _tsv_row(line: str, path: Path, number: int, language: str | None) -> Row:
    cells = line.split("\t")
    if len(cells) > 2:
        raise DataError(path, number, f"{len(cells)} columns", "id<TAB>text, or the text alone, is expected")
    if not all(cell.strip() for cell in cells):
        empty = "id" if not cells[0].strip() else "text"
        raise DataError(path, number, f"the {empty} is empty", "id<TAB>text, or the text alone, is expected")
    return Row(cells[0] if len(cells) == 2 else str(number), _given(language, path, number), cells[-1], {})


def _json_row(line: str, path: Path, number: int, language: str | None) -> Row:
    row = parse_json(line, path, number)
    if not isinstance(row, dict):
        raise DataError(path, number, f"a JSON {type(row).__name__}", "one JSON object a line is expected")
    names = {name: next((key for key in keys if key in row), keys[0]) for name, keys in _KEYS.items()}
    found = id_of(row, names["id"], path, number) if names["id"] in row else str(number)
    spoken = text_of(row, "language", path, number) if "language" in row else _given(language, path, number)
    return Row(found, spoken, text_of(row, names["text"], path, number), row, names["text"])


_KEYS = {"id": ("id", "_id"), "text": ("text", "query")}


def _given(language: str | None, path: Path, number: int) -> str:
    if language is None:
        raise DataError(path, number, "no language", "give --language, or a 'language' in each JSON object")
    return language


def write_rows(found: Iterable[Misspelt], path: Path, form: Format, total: int | None) -> Realised:
    """Writes each query with its slips, as they come; a file appears when it is whole.

    Tsv: id, misspelt text, slips as JSON. Jsonl: the object it was, its text misspelt, with `clean`, `words`, `cer`,
    `ker` and `edits`.
    """
    write = _tsv_line if form is Format.tsv else _json_line
    realised = Realised()
    with _opened(path) as out, _progress(path, total) as advance:
        for one in found:
            out.write(write(one) + "\n")
            realised.add(one.noisy)
            advance(1)
    return realised


def side_by_side(found: Iterable[Misspelt]) -> Group:
    """Clean and misspelt texts in two columns, the slips coloured by their class, with a legend and the figures."""
    from rich.console import Group
    from rich.table import Column, Table

    columns = (Column(name, overflow="fold") for name in ("clean", "misspelt"))
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    realised = Realised()
    for row, noisy in found:
        realised.add(noisy)
        table.add_row(*_coloured(normal(row.text), noisy.edits))
    return Group(table, _legend(realised))


def _coloured(clean: str, edits: Sequence[Edit]) -> tuple[Text, Text]:
    """Both texts, with what was changed in the colour of its class."""
    from rich.text import Text

    right, wrong, done = Text(), Text(), 0
    for edit in edits:
        for side, changed in ((right, edit.before), (wrong, edit.after)):
            side.append(clean[done : edit.start])
            side.append(changed.replace(" ", "␣"), style=f"bold {COLOURS[edit.kind]}")
        done = edit.end
    return right.append(clean[done:]), wrong.append(clean[done:])


def _legend(realised: Realised) -> Text:
    from rich.text import Text

    figures = realised.figures()
    ker = "" if figures["ker"] is None else f", keystroke error rate {100 * figures['ker']:.1f} %"
    legend = Text(
        f"{realised.edited:,} of {realised.words:,} words misspelt ({100 * (figures['word_rate'] or 0):.1f} %), "
        f"character error rate {100 * (figures['cer'] or 0):.1f} %{ker}\n"
    )
    for kind, times in realised.kinds.most_common():
        legend.append(f"{kind} {times}  ", style=f"bold {COLOURS[kind]}")
    return legend


def _progress(path: Path, total: int | None) -> AbstractContextManager[Callable[[int], None]]:
    """A bar; none where the rows themselves run over the terminal."""
    if path == STREAM and sys.stdout.isatty():
        return nullcontext(lambda _: None)
    return terminal.progress("Misspelling", total, "queries")


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    if path == STREAM:
        yield sys.stdout
    else:
        with atomic_text(path) as out:
            yield out


def _tsv_line(one: Misspelt) -> str:
    if any(c in one.row.id + one.row.text for c in "\t\r\n"):
        what = "a tab or line end is in it"
        raise DataError(f"query '{one.row.id}'", None, what, "a tsv line cannot hold it; give --out FILE.jsonl")
    edits = json.dumps([edit._asdict() for edit in one.noisy.edits], ensure_ascii=False)
    return f"{one.row.id}\t{one.noisy.text}\t{edits}"


def _json_line(one: Misspelt) -> str:
    row, noisy = one
    made = {
        "id": row.id, "language": row.language, **row.rest, row.key: noisy.text,
        "clean": normal(row.text), "words": noisy.words, "cer": noisy.cer, "ker": noisy.ker,
        "edits": [edit._asdict() for edit in noisy.edits],
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False)


def read_texts(path: Path) -> list[tuple[str, str]]:
    """The (right, misspelt) texts of a tsv file whose lines are `misspelt<TAB>right`.

    Raises:
        DataError: a line has not two columns, or one is empty.
    """
    found = []
    for number, line in read_lines(path):
        if line.strip():
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) != 2 or not all(cells):
                raise DataError(path, number, f"{len(cells)} columns", "misspelt<TAB>right is expected, neither empty")
            found.append((cells[1], cells[0]))
    return found


def fit_file(
    path: Path,
    language: str,
    folder: Path,
    *,
    models: Path | None = None,
    real_words: bool | None = None,
    source: str | None = None,
) -> Table:
    """Fits the language's table to a file of misspellings and writes it as folder/language.json.

    Returns:
        What the pairs were: slips by class and operation, and what was left out and why.

    Raises:
        DataError: the file is malformed, or too few pairs are one slip.
    """
    from rich.table import Table

    texts = read_texts(path)
    pairs, left_out = misspellings(texts, known_words(texts, language), language=language, real_words=real_words)
    prior = load(language, models or FOLDER)
    sentence = f"{len(pairs):,} misspellings of {source or path.name}; what they say little of stays near the prior."
    with terminal.progress("Fitting", None, "misspellings"):
        fitted = fit_table(prior, pairs, sentence)
    base = read_table(file_of(language, models or FOLDER))
    write_table(make_folder(folder) / file_of(language).name, {**base, **fitted.tables})
    table = Table("pairs", "number", box=None, title=f"{len(texts):,} texts, {len(pairs):,} misspellings")
    for what, number in [*fitted.counts.items(), *((f"left out: {why}", n) for why, n in left_out.most_common())]:
        table.add_row(what, f"{number:,}")
    table.caption = f"Written: {folder / file_of(language).name}"
    return table
