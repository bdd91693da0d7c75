"""Data sets by name, from the packages ir_datasets and datasets (Hugging Face), which are imported when asked for.

What they hold is written into the cache once, as a BEIR folder, and read from there as any other: one reader checks
all, and no corpus need fit into memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import ConfigError, DataError, TypoglotError
from typoglot.files import atomic, cache_dir, make_folder
from typoglot.sources import beir
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from typoglot import config
    from typoglot.records import Benchmark


class _Rows(NamedTuple):
    """What a data set holds, in the words of BEIR; each is gone through once."""

    corpus: Iterable[Mapping[str, object]]
    queries: Iterable[Mapping[str, object]]
    qrels: Iterable[tuple[object, object, object]]


def read_ir_datasets(label: str, name: str, languages: Sequence[str] | None) -> Benchmark:
    """The judged queries of a data set of ir_datasets over its documents.

    Args:
        label: the benchmark's name.
        name: of the data set, such as beir/scifact/test.
        languages: to keep; one alone is that of a data set that does not say its own.

    Raises:
        ConfigError: the package is not there.
        DataError: there is no such data set, it lacks documents, queries or judgements, or they are malformed.
    """
    package = _package("ir_datasets")
    with _refused(name):
        source = package.load(name)
        lacking = [what for what in ("docs", "queries", "qrels") if not source.has(what)]
        if lacking:
            raise DataError(name, None, f"no {' and no '.join(lacking)}", "name a data set that has all three")
        language = _language(source.queries_lang(), languages, name)
        rows = _Rows(
            ({"_id": doc.doc_id, **_document(doc)} for doc in source.docs_iter()),
            ({"_id": one.query_id, "text": one.default_text(), "language": language} for one in source.queries_iter()),
            ((row.query_id, row.doc_id, row.relevance) for row in source.qrels_iter()),
        )
        folder = _kept(["ir_datasets", package.__version__, name, language], rows, name)
    return beir.read_benchmark(label, folder, languages)


def read_hf(settings: config.Benchmark, languages: Sequence[str] | None) -> Benchmark:
    """The judged queries of a data set of Hugging Face over its passages.

    Either it has configurations for corpus, queries and judgements, as MTEB's retrieval sets do; or one whose rows are
    a query and its passage each, and all passages are the corpus.

    Args:
        settings: of the benchmark: the data set's name (or a folder), revision, split, parts and columns.
        languages: to keep; one alone is that of queries that do not say theirs.

    Raises:
        ConfigError: the package is not there.
        DataError: there is no such data set, it lacks a part or a column, or something in it is malformed.
    """
    name = str(settings.name)
    with _refused(name), tempfile.TemporaryDirectory() as scratch:
        state = _state(Path(name))
        # The package keeps what it made of a folder under the folder's name alone: another, or edited, would be that.
        hub = _Hub(_package("datasets"), settings, scratch if state else None)
        usual = {"corpus": "corpus", "queries": "queries", "qrels": "default" if "default" in hub.parts else "qrels"}
        parts = {part: settings.parts.get(part, there) for part, there in usual.items()}
        if "pairs" in settings.parts or parts["corpus"] not in hub.parts:
            tables = [hub.table(settings.parts.get("pairs", hub.parts[0]))]
            rows = _pairs(tables[0], hub.columns, languages, name)
        else:
            tables = [hub.table(part) for part in parts.values()]
            rows = _parted(tables, hub.columns, languages, name)
        made = [name, state, *(table._fingerprint for table in tables), dict(settings.columns), languages]
        folder = _kept(["hf", *made], rows, name)
    # A folder's own name is enough: points are shown and sent to places where a user's folders are nobody's business.
    label = Path(name).name if settings.label == name and state else settings.label
    return beir.read_benchmark(label, folder, languages)


class _Hub:
    """A data set of Hugging Face, as far as a benchmark needs it."""

    def __init__(self, package: Any, settings: config.Benchmark, cache: str | None) -> None:
        self._package, self._settings, self._cache = package, settings, cache
        self._where = {"path": settings.name, "revision": settings.revision}
        self.columns = dict(settings.columns)
        self.parts: list[str] = package.get_dataset_config_names(**self._where)

    def table(self, part: str) -> Any:
        """A configuration's rows: its only split, or the wanted one."""
        splits = self._package.get_dataset_split_names(config_name=part, **self._where)
        wanted = self._settings.split or "test"
        split = splits[0] if len(splits) == 1 else wanted
        return self._package.load_dataset(name=part, split=split, cache_dir=self._cache, **self._where)


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """Changes with any file of a folder; empty where there is none."""
    files = (
        [(str(file), file.stat()) for file in sorted(folder.rglob("*")) if file.is_file()] if folder.is_dir() else []
    )
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in files]


def _parted(tables: Sequence[Any], names: Mapping[str, str], languages: Sequence[str] | None, where: str) -> _Rows:
    """Passages, queries and judgements of three tables."""
    corpus, queries, qrels = tables
    passage = _Columns(corpus, names, where, ("_id", "text"), ("title",))
    query = _Columns(queries, names, where, ("_id", "text"), ("language",))
    judged = _Columns(qrels, names, where, ("query-id", "corpus-id", "score"), ())
    language = None if "language" in query.names else _language(None, languages, where)
    return _Rows(
        ({**row, "_id": str(row["_id"]), "title": row.get("title") or ""} for row in passage.rows()),
        ({"language": language, **row, "_id": str(row["_id"])} for row in query.rows()),
        ((row["query-id"], row["corpus-id"], row["score"]) for row in judged.rows()),
    )


def _pairs(table: Any, names: Mapping[str, str], languages: Sequence[str] | None, where: str) -> _Rows:
    """Equal passages are one, and so are equal queries of a language: their ids are digests of their texts."""
    columns = _Columns(table, names, where, ("query", "passage"), ("title", "language"))
    language = None if "language" in columns.names else _language(None, languages, where)

    def passages() -> Iterator[dict[str, object]]:
        for row in columns.rows():
            title = row.get("title") or ""
            yield {"_id": _digest(title, row["passage"]), "title": title, "text": row["passage"]}

    def queries() -> Iterator[dict[str, object]]:
        for row in columns.rows():
            own = row.get("language", language)
            yield {"_id": _digest(own, row["query"]), "text": row["query"], "language": own}

    def judged() -> Iterator[tuple[str, str, int]]:
        pairs = (
            (_digest(row.get("language", language), row["query"]), _digest(row.get("title") or "", row["passage"]))
            for row in columns.rows()
        )
        return ((*pair, 1) for pair in dict.fromkeys(pairs))

    return _Rows(_first(passages()), _first(queries()), judged())


class _Columns:
    """The columns of a table that are wanted, under the names that are wanted.

    Raises:
        DataError: one is not there.
    """

    def __init__(
        self, table: Any, names: Mapping[str, str], where: str, needed: Sequence[str], perhaps: Sequence[str]
    ) -> None:
        there = list(table.column_names)
        self._table = table
        self.names = {name: names.get(name, name) for name in (*needed, *perhaps)}
        if self.names.get("_id") == "_id" and "_id" not in there and "id" in there:
            self.names["_id"] = "id"  # newer sets of MTEB
        for name, own in list(self.names.items()):
            if own not in there and name in perhaps and name not in names:
                del self.names[name]
            elif own not in there:
                what = f"no column '{own}' among {', '.join(there)}"
                raise DataError(where, None, what, f"say what it is called there, with benchmark.columns.{name}=COLUMN")

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows, from disk."""
        for row in self._table.select_columns(list(dict.fromkeys(self.names.values()))):
            yield {name: row[own] for name, own in self.names.items()}


def _first(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first row of each id."""
    seen = set()
    for row in rows:
        if row["_id"] not in seen:
            seen.add(row["_id"])
            yield row


def _document(doc: Any) -> dict[str, str]:
    """Title and text; a document without these fields is its default text."""
    fields = doc._asdict()
    if isinstance(fields.get("text"), str):
        return {"title": fields.get("title") or "", "text": fields["text"]}
    return {"title": "", "text": doc.default_text()}


def _language(own: str | None, languages: Sequence[str] | None, name: str) -> str:
    """The language of all queries.

    Raises:
        DataError: nobody says it.
    """
    if own is None and (languages is None or len(languages) != 1):
        raise DataError(name, None, "does not say its queries' language", "give one, as in benchmark.languages=[en]")
    return own or str((languages or [""])[0])


def _kept(made: Sequence[object], rows: _Rows, name: str) -> Path:
    """The folder in the cache, written at the first time."""
    folder = make_folder(cache_dir() / "data_sets") / _digest(*map(repr, made))
    if not folder.exists():
        say(f"Copying {name} into {folder}")
        with atomic(folder) as temporary:
            (temporary / "qrels").mkdir(parents=True)
            for file, objects in (("corpus.jsonl", rows.corpus), ("queries.jsonl", rows.queries)):
                with (temporary / file).open("w", encoding="utf-8") as out:
                    out.writelines(json.dumps(one, ensure_ascii=True) + "\n" for one in objects)
            with (temporary / "qrels" / "test.tsv").open("w", encoding="utf-8") as out:
                out.writelines("\t".join(map(str, judged)) + "\n" for judged in rows.qrels)
    return folder


def _digest(*texts: object) -> str:
    return hashlib.blake2b(json.dumps(texts).encode(), digest_size=12).hexdigest()


def _package(name: str) -> Any:
    """The package, imported.

    Raises:
        ConfigError: it is not there.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigError([f'benchmark: needs the package {name}; pip install "typoglot[{name}]".']) from error


@contextlib.contextmanager
def _refused(name: str) -> Iterator[None]:
    """Turns whatever a package raises of a data set into ours: behind this border are formats and networks."""
    try:
        yield
    except TypoglotError:
        raise
    except Exception as error:
        what = f"cannot be loaded ({type(error).__name__}: {str(error).strip().splitlines()[:1]})"
        raise DataError(
            name, None, what, "correct benchmark.name, or bring the data where the package finds them"
        ) from error
