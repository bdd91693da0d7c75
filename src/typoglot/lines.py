"""Text files to checked lines and rows: what every format shares. Knows no format."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import json
import re
import zlib
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any, TypeVar

from typoglot.errors import DataError, DataFaultsError
from typoglot.languages import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


T = TypeVar("T")


class Faults:
    """The faults that a reader meets. It goes on behind each, keeps the first few, counts the rest, and then fails.

    Where a file itself cannot be read on, what was met before is told with it.
    """

    MOST = 5  # that are shown; ours

    def __init__(self) -> None:
        self.first: list[DataError] = []
        self.number = 0

    def add(self, error: DataError) -> None:
        """Notes a fault."""
        self.number += 1
        if not self.full:
            self.first.append(error)

    @property
    def full(self) -> bool:
        """Whether further faults are only counted."""
        return len(self.first) >= self.MOST

    def tell(self) -> None:
        """Ends the reading.

        Raises:
            DataError: there was a fault; DataFaultsError where there were several.
        """
        if self.number == 1:
            raise self.first[0]
        if self.number:
            raise DataFaultsError(self.first, self.number)


def read_each(path: Path, make: Callable[[int, dict[str, Any]], T], faults: Faults | None = None) -> Iterator[T]:
    """Yields what is made of each object of a jsonl file, from its line number and itself; blank lines are passed over.

    Args:
        path: the file.
        make: raises DataError where a line is malformed.
        faults: takes the malformed lines; None tells them when all lines have been read.

    Raises:
        DataError: lines are malformed (the first are told, the others counted), or the file cannot be read.
    """
    return each_line(path, lambda number, line: make(number, parse_object(line, path, number)), faults)


def each_line(path: Path, make: Callable[[int, str], T], faults: Faults | None = None) -> Iterator[T]:
    """As `read_each`, of the lines themselves."""
    found = faults or Faults()
    try:
        for number, line in read_lines(path, found):
            if line.strip():
                try:
                    made = make(number, line)
                except DataError as error:
                    found.add(error)
                else:
                    yield made
    except DataError as error:  # the file ends here
        found.add(error)
    if faults is None:
        found.tell()


def each_item(path: Path, make: Callable[[str, dict[str, Any]], T], faults: Faults | None = None) -> Iterator[T]:
    """As `read_each`, of the objects of one JSON list, from their place and themselves."""
    found = faults or Faults()
    try:
        for place, row in read_json_items(path, found):
            try:
                made = make(place, row)
            except DataError as error:
                found.add(error)
            else:
                yield made
    except DataError as error:  # the list is broken here
        found.add(error)
    if faults is None:
        found.tell()


def require_folder(path: Path, holds: str) -> Path:
    """The folder itself.

    Raises:
        DataError: it is missing or no folder.
    """
    try:
        there = path.is_dir()
    except (OSError, ValueError):  # a name too long, or with a null byte
        there = False
    if not there:
        raise DataError(path, None, "no such folder", f"a folder with {holds} is expected; correct the path")
    return path


def read_lines(path: Path, faults: Faults | None = None) -> Iterator[tuple[int, str]]:
    """Numbers and yields the lines of a UTF-8 text file, unpacked if it ends in .gz; line ends are cut off.

    Args:
        path: the file.
        faults: takes the lines that are no UTF-8, which are then passed over; None fails at the first.

    Raises:
        DataError: the file is missing, unreadable, no UTF-8, or a broken gzip.
    """
    with file_faults(path), gzip.open(path) if path.suffix == ".gz" else path.open("rb") as handle:
        yield from decode_lines(path, handle, faults)


@contextlib.contextmanager
def file_faults(path: Path) -> Iterator[None]:
    """Turns the errors of opening and reading a file, packed or not, into ours."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(path, None, f"broken gzip file ({error})", "fetch the file again") from error
    except ValueError as error:
        raise DataError(path, None, f"no file can have this name ({error})", "correct the path") from error
    except OSError as error:
        raise DataError(path, None, f"cannot be read ({error.strerror})", "correct the path or its rights") from error


def decode_lines(path: Path, lines: Iterable[bytes], faults: Faults | None = None) -> Iterator[tuple[int, str]]:
    """Numbers and yields lines of bytes as text, whatever the locale says; the path is for the message.

    Faults, where they are given, take the lines that are no UTF-8.

    Raises:
        DataError: they are no UTF-8.
    """
    for number, line in enumerate(lines, 1):
        try:
            text = decode(line, path, number)
        except DataError as error:
            if faults is None:
                raise
            faults.add(error)
        else:
            yield number, text


def decode(line: bytes, path: Path, number: int) -> str:
    """A line of bytes as text without its end; the first loses its byte order mark.

    Raises:
        DataError: it is no UTF-8.
    """
    try:
        return (line.decode() if number > 1 else line.decode("utf-8-sig")).rstrip("\r\n")  # the bare one is quicker
    except UnicodeDecodeError as error:
        raise DataError(path, number, f"not UTF-8 ({error.reason})", "save the file as UTF-8") from error


def read_text(path: Path) -> str:
    """A whole UTF-8 file; raises as `read_lines` does."""
    return "\n".join(line for _, line in read_lines(path))


def read_json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbers and yields the objects of a jsonl file; blank lines are passed over.

    Raises:
        DataError: a line is not one JSON object.
    """
    for number, line in read_lines(path):
        if line.strip():
            yield number, parse_object(line, path, number)


def parse_object(line: str, path: Path, number: int) -> dict[str, Any]:
    """The JSON object that a line is.

    Raises:
        DataError: it is something else.
    """
    row = parse_json(line, path, number)
    if not isinstance(row, dict):
        raise DataError(path, number, f"a JSON {type(row).__name__}", "one JSON object a line is expected")
    return row


def read_json_items(path: Path, faults: Faults | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the objects of a file that is one JSON list, each with its place: the line, and its number in the list.

    The file, perhaps .gz, is read as it is asked for: it may be larger than the memory.

    Args:
        path: the file.
        faults: takes the items that are no objects; None fails at the first.

    Raises:
        DataError: the file cannot be read or is no JSON list, or an item of it is no object.
    """
    with file_faults(path), gzip.open(path) if path.suffix == ".gz" else path.open("rb") as handle:
        text, number = _JsonText(path, handle), 0
        if not text.begins("["):
            raise text.fault(f"begins with {text.shown()!r}", "one JSON list, [{…}, …], is expected", 1)
        text.step()
        if not text.begins("]"):
            while number == 0 or text.begins(","):
                if number:
                    text.step()
                text.skip()
                number += 1
                place = f"{text.line} (item {number})"
                item = text.value()
                if isinstance(item, dict):
                    yield place, item
                else:
                    error = DataError(
                        path, place, f"a JSON {type(item).__name__}", "a list of JSON objects is expected"
                    )
                    if faults is None:
                        raise error
                    faults.add(error)
            if not text.begins("]"):
                raise text.fault(f"{text.shown()!r} after item {number}", "a comma or ] is expected")
        text.step()
        if text.shown():
            raise text.fault(f"{text.shown()!r} after the list", "one JSON list and no more is expected")


class _JsonText:
    """The text of a JSON file from some place on; what lies before it has been let go."""

    PIECE = 1 << 20  # bytes read at a time
    LONGEST = 1 << 26  # characters of a value; ours: a broken file must not be read whole in search of an end

    def __init__(self, path: Path, handle: IO[bytes] | gzip.GzipFile) -> None:
        self._path, self._handle = path, handle
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._ended = "", 0, False
        self._first = self._line = 1  # the line of the text's beginning, and of the place up to which they are counted
        self._counted = 0

    @property
    def line(self) -> int:
        """Of the place."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def fault(self, what: str, expected: str, line: int | None = None) -> DataError:
        """Something wrong at the place."""
        return DataError(self._path, line or self.line, what, expected)

    def skip(self) -> None:
        """Goes behind white space."""
        self._at = _after_gap(self._text, self._at)
        while self._at == len(self._text) and self._more():
            self._at = _after_gap(self._text, self._at)

    def begins(self, character: str) -> bool:
        """Whether that character is next, after white space."""
        self.skip()
        return self._text.startswith(character, self._at)

    def step(self) -> None:
        """Goes behind one character."""
        self._at += 1

    def shown(self) -> str:
        """What is next, after white space."""
        self.skip()
        if len(self._text) - self._at < 20:
            self._more()
        return self._text[self._at : self._at + 20]

    def value(self) -> Any:
        """The JSON value that is next; goes behind it.

        Raises:
            DataError: there is none.
        """
        while True:
            line = self.line
            with _json_faults(self._path, self._first, line):
                try:
                    found, self._at = json.JSONDecoder().raw_decode(self._text, self._at)
                except json.JSONDecodeError as error:
                    near = error.pos > len(self._text) - 16  # longer than any token but a text
                    cut = near or error.msg.startswith("Unterminated")
                    if not (cut and len(self._text) - self._at < self.LONGEST and self._more()):
                        raise
                else:
                    return found

    def _more(self) -> bool:
        """Reads on: as much as is there already, so that a long value is not tried too often. False at the end.

        Raises:
            DataError: what comes is no UTF-8.
        """
        if self._ended:
            return False
        line = self.line
        data = self._handle.read(max(self.PIECE, len(self._text) - self._at))
        try:
            new = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            before = self._text.count("\n", self._at) + error.object[: error.start].count(b"\n")
            what = f"not UTF-8 ({error.reason})"
            raise DataError(self._path, line + before, what, "save the file as UTF-8") from error
        self._text, self._at = self._text[self._at :] + new, 0
        self._first, self._counted, self._ended = line, 0, not data
        return True


_GAP = re.compile(r"[ \t\r\n]*")


def _after_gap(text: str, at: int) -> int:
    """Where the white space that begins there, if any, ends."""
    found = _GAP.match(text, at)
    return found.end() if found else at


def json_object(path: Path) -> dict[str, Any]:
    """The JSON object that a file is; empty where there is none, or it cannot be read."""
    try:
        return read_object(path, {}, "")
    except DataError:
        return {}


def read_own(path: Path, cure: str) -> Any:
    """The JSON value that a file of our own is.

    Raises:
        DataError: the file is missing or damaged; `cure` is the way out.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(path, None, f"is damaged ({getattr(error, 'strerror', None) or error})", cure) from error


def read_object(path: Path, types: Types, cure: str) -> dict[str, Any]:
    """As `read_own`, of a JSON object.

    Args:
        path: the file.
        types: of the fields that it must have.
        cure: the way out.

    Raises:
        DataError: the file is missing, or is not as it was written.
    """
    found = read_own(path, cure)
    wrong = wrong_field(found, types) if isinstance(found, dict) else f"a JSON {type(found).__name__}"
    if wrong:
        raise DataError(path, None, f"is damaged ({wrong})", cure)
    return found  # type: ignore[no-any-return]


def parse_json(text: str, path: Path, line: int = 1) -> Any:
    """The JSON value of a text that begins at `line` of the file.

    Raises:
        DataError: it is not JSON, or nested beyond measure.
    """
    with _json_faults(path, line, line):
        return json.loads(text)


@contextlib.contextmanager
def _json_faults(path: Path, first: int, line: int) -> Iterator[None]:
    """Turns the decoder's errors into ours: `first` is the line at which its text begins, `line` that of the value."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise DataError(path, first + error.lineno - 1, f"not JSON ({error.msg})", "mend or drop the line") from error
    except (RecursionError, ValueError) as error:
        raise DataError(path, line, f"not readable as JSON ({error})", "mend or drop the line") from error


def text_of(row: dict[str, Any], key: str, path: Path, place: int | str) -> str:
    """The row's text under `key`, stripped.

    Raises:
        DataError: the key is missing, no text, or empty.
    """
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        shown = "missing" if key not in row else "empty" if value in ("", None) else f"{value!r}"
        raise DataError(path, place, f"'{key}' is {shown}", "a text that is not empty is expected")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise DataError(path, place, f"'{key}' holds half a character (a lone surrogate)", "mend the text's encoding")
    return value.strip()


def id_of(row: dict[str, Any], key: str, path: Path, place: int | str) -> str:
    """The row's id under `key`: a text that is not empty, or a whole number.

    Raises:
        DataError: it is neither.
    """
    value = row.get(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(row, key, path, place)


def title_of(row: dict[str, Any], path: Path, place: int | str) -> str:
    """The row's title, or "" where it has none.

    Raises:
        DataError: it is no text.
    """
    return "" if row.get("title") in (None, "") else text_of(row, "title", path, place)


def texts_of(row: dict[str, Any], key: str, path: Path, place: int | str) -> tuple[str, ...]:
    """The row's list of texts under `key`, at least one.

    Raises:
        DataError: it is no list, empty, or holds something else.
    """
    values = row.get(key)
    if not isinstance(values, list) or not values:
        raise DataError(path, place, f"'{key}' is {values!r}", "a list of at least one text is expected")
    return tuple(text_of({key: value}, key, path, place) for value in values)


Types = Mapping[str, type | tuple[type, ...]]
"""Fields by name, with what Python makes of their JSON."""

NUMBER = (float, int)


def wrong_field(row: Mapping[str, Any], types: Types) -> str | None:
    """What is wrong with the first of these fields that a row lacks, or that is of another type; None: nothing.

    >>> wrong_field({"n": "40"}, {"n": int, "draw": int})
    "'n' is '40'"
    """
    for name, kind in types.items():
        if name not in row:
            return f"'{name}' is missing"
        if not isinstance(row[name], kind):
            return f"'{name}' is {row[name]!r}"[:80]
    return None


class Unique:
    """Remembers where each id was seen and refuses the second.

    Args:
        what: has the ids.
        path: of the file.
        cure: the way out.
    """

    def __init__(self, what: str, path: Path, cure: str = "ids must be unique; drop or rename one") -> None:
        self.what, self.path, self.cure = what, path, cure
        self.seen: dict[str | tuple[object, ...], int | str] = {}

    def add(self, identifier: str | tuple[object, ...], place: int | str) -> None:
        """Notes the id, which may have several parts.

        Raises:
            DataError: it was seen before.
        """
        if identifier in self.seen:
            parts = (identifier,) if isinstance(identifier, str) else identifier
            shown = " ".join(str(part) for part in parts if part != "")
            first = f"{self.what} '{shown}' appears twice (first at {self.seen[identifier]})"
            raise DataError(self.path, place, first, self.cure)
        self.seen[identifier] = place


def pick_languages(wanted: Iterable[str] | None, present: Iterable[str], where: Path | str) -> list[str]:
    """The wanted languages, or all that are present.

    Raises:
        DataError: a wanted one is not there.
    """
    available = sorted(present)
    chosen = available if wanted is None else list(dict.fromkeys(wanted))
    missing = [language for language in chosen if language not in available]
    if missing:
        choice = f"choose among {', '.join(available)}" if available else "it holds no language at all"
        raise DataError(where, None, f"no {', '.join(missing)} here", choice)
    return chosen


def check_language(value: object, path: Path, place: int | str | None) -> None:
    """Refuses a language the harness does not know.

    Raises:
        DataError: it is not one of `Language`.
    """
    known = [language.value for language in Language]
    if value not in known:
        raise DataError(path, place, f"unknown language {value!r}", f"write one of {', '.join(known)}")
