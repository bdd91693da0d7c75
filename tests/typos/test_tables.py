"""Language files to checked tables: what is borrowed, what a folder changes, and that every fault is named."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from typoglot.errors import DataError
from typoglot.typos import tables
from typoglot.typos.tablefile import write_table
from typoglot.typos.tables import LENDABLE, OPS, PLACES, Confusion, Provenance, Table, load

Tables = Callable[..., dict[str, Any]]
Folder = Callable[..., Path]
FROM_EN = {"provenance": "borrowed", "from": "en", "source": "the nearest"}
KEYS = ("layout", *LENDABLE)
GONE = object()
places = dict.fromkeys(PLACES, 1)


@pytest.fixture
def package(tmp_path: Path, language_tables: Tables, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package's own files: English, and German, which borrows two tables of it."""
    folder = tmp_path / "package"
    folder.mkdir()
    write_table(folder / "en.json", language_tables("en"))
    write_table(folder / "de.json", {**language_tables("de"), "ops": FROM_EN, "confusions": FROM_EN})
    monkeypatch.setattr(tables, "FOLDER", folder)
    return folder


def changed(table: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The tables with another value at a path of keys; GONE takes the key away."""
    table = json.loads(json.dumps(table))
    *way, last = path.split("/")
    part: Any = table
    for key in way:
        part = part[int(key) if isinstance(part, list) else key]
    if value is GONE:
        del part[last]
    else:
        part[int(last) if isinstance(part, list) else last] = value
    return table


def fault(folder: Path, language: str = "en") -> str:
    """What is said of a file that is refused, its folder left out."""
    with pytest.raises(DataError) as caught:
        load(language, folder)
    return str(caught.value).removeprefix(f"{folder}/")


# A file as it should be


def test_a_file_is_read_whole(language_table: Callable[..., Table]) -> None:
    table = language_table(
        alphabet="abcé",
        vowels="aé",
        ops={"delete": 3, "insert": 1.5},
        letters={"delete": {"a": 2, "vowel": 0.5}},
        diacritic=[["é", "e", 2]],
        bare=0.25,
        cluster={"provenance": "hand", "source": "a rule", "pattern": "[a-c]e?"},
    )

    assert (table.language, table.keys, table.alphabet, table.vowels) == ("en", "direct", set("abcé"), set("aé"))
    assert (table.ops, table.spacing) == ({"delete": 3, "insert": 1.5}, {"join": 0.6, "split": 0.4})
    assert (table.letters, table.positions) == ({"delete": {"a": 2, "vowel": 0.5}}, {"all": places})
    assert (table.diacritic, table.bare) == ((Confusion("é", "e", 2),), 0.25)
    assert table.cluster is not None
    assert table.cluster.fullmatch("be")


def test_rows_keep_their_keys_and_levels(language_table: Callable[..., Table]) -> None:
    rows = [[], [["q", "Q", "@"], []], [["a"]], []]

    assert language_table(rows=rows).layout == ((), (("q", "Q", "@"), ()), (("a",),), ())


def test_a_confusion_may_be_bound_to_the_start_the_end_or_both(language_table: Callable[..., Table]) -> None:
    rows = [["^k", "", 1], ["e$", "a", 2], ["^on$", "un", 3], ["ie", "ei", 4]]

    assert language_table(orthographic=rows).orthographic == (
        Confusion("k", "", 1, start=True),
        Confusion("e", "a", 2, end=True),
        Confusion("on", "un", 3, start=True, end=True),
        Confusion("ie", "ei", 4),
    )


def test_kinds_of_confusions_may_be_left_out(language_folder: Folder) -> None:
    folder = language_folder(confusions={"provenance": "hand", "source": "none are known"})
    table = load("en", folder)

    assert (table.orthographic, table.diacritic, table.bare) == ((), (), 0)


@pytest.mark.parametrize("op", [*OPS, "diacritic"])
def test_places_weigh_the_same_where_nothing_is_said(language_table: Callable[..., Table], op: str) -> None:
    own = {**places, "first": 0.3}

    assert language_table(positions={op: own}).positions == {"all": places, op: own}


@pytest.mark.parametrize("cluster", [GONE, None])
def test_a_language_need_have_no_clusters(language_folder: Folder, cluster: object) -> None:
    folder = language_folder(**({} if cluster is GONE else {"cluster": cluster}))

    assert load("en", folder).cluster is None


def test_zh_is_simplified_chinese(language_folder: Folder) -> None:
    folder = language_folder("zh_cn", keys="pinyin")

    assert load("zh", folder) == load("zh_cn", folder)
    assert load("zh", folder).language == "zh_cn"


# Borrowed tables


def test_a_borrowed_table_is_the_lender_s_and_says_so(package: Path) -> None:
    english, german = load("en", package), load("de", package)

    assert (german.ops, german.orthographic) == (english.ops, english.orthographic)
    assert [key for key in KEYS if german.provenance[key] is Provenance.borrowed] == ["ops", "confusions"]
    assert english.provenance == dict.fromkeys(KEYS, Provenance.hand)


@pytest.mark.parametrize("key", LENDABLE)
def test_every_table_of_weights_may_be_borrowed(language_tables: Tables, tmp_path: Path, key: str) -> None:
    write_table(tmp_path / "en.json", language_tables("en"))
    write_table(tmp_path / "de.json", {**language_tables("de"), key: FROM_EN})

    assert load("de", tmp_path).provenance[key] is Provenance.borrowed


@pytest.mark.parametrize("lender", ["xx", ""])
def test_a_lender_without_a_file_is_named(language_folder: Folder, lender: str) -> None:
    folder = language_folder("de", ops={"delete": 1})
    table = json.loads((folder / "de.json").read_text("utf-8"))
    write_table(folder / "de.json", {**table, "ops": {**FROM_EN, "from": lender}})

    assert fault(folder, "de").startswith(f"de.json:ops.from: no language '{lender}': ")


def test_zh_lends_what_simplified_chinese_has(language_tables: Tables, tmp_path: Path) -> None:
    write_table(tmp_path / "zh_cn.json", language_tables("zh_cn", ops={"delete": 1}))
    write_table(tmp_path / "zh_tw.json", {**language_tables("zh_tw"), "ops": {**FROM_EN, "from": "zh"}})

    assert load("zh_tw", tmp_path).ops == {"delete": 1}


def test_a_lender_that_borrows_itself_is_refused(language_tables: Tables, package: Path) -> None:
    write_table(package / "nl.json", {**language_tables("nl"), "ops": {**FROM_EN, "from": "de"}})

    assert fault(package, "nl").startswith("nl.json:ops.from: 'de' has no ops of its own: ")


def test_a_language_does_not_borrow_from_itself(language_tables: Tables, package: Path) -> None:
    write_table(package / "nl.json", {**language_tables("nl"), "spacing": {**FROM_EN, "from": "nl"}})

    assert fault(package, "nl").startswith("nl.json:spacing.from: 'nl' has no spacing of its own: ")


def test_a_lender_without_the_table_is_refused(language_tables: Tables, package: Path) -> None:
    write_table(package / "en.json", changed(language_tables("en"), "ops", GONE))

    assert fault(package, "de").startswith("de.json:ops.from: 'en' has no ops of its own: ")


def test_a_layout_is_not_borrowed(language_tables: Tables, package: Path) -> None:
    write_table(package / "nl.json", {**language_tables("nl"), "layout": FROM_EN})

    assert fault(package, "nl").startswith("nl.json:layout.rows: ")


# A folder of one's own


def test_a_folder_takes_the_place_of_single_languages(language_folder: Folder, package: Path) -> None:
    own = language_folder("en", ops={"delete": 1})

    assert load("en", own).ops == {"delete": 1}
    assert load("de", own).classes == load("de", package).classes


def test_who_borrows_from_a_language_of_the_folder_borrows_what_stands_there(
    language_folder: Folder, package: Path
) -> None:
    assert load("de", language_folder("en", ops={"delete": 1})).ops == {"delete": 1}


def test_a_language_of_the_folder_may_borrow_from_the_package(language_tables: Tables, package: Path) -> None:
    own = package.with_name("own")
    own.mkdir()
    write_table(own / "nl.json", {**language_tables("nl", classes={"mechanical": 1}), "ops": FROM_EN})

    assert load("nl", own).ops == load("en", package).ops


def test_a_language_that_neither_has_is_named(package: Path, tmp_path: Path) -> None:
    assert "xx.json: no table of 'xx'" in fault(tmp_path, "xx")


# The digest


def test_equal_files_have_equal_digests(language_folder: Folder) -> None:
    one, other = load("en", language_folder("en")), load("en", language_folder("en"))

    assert one.digest == other.digest
    assert len(one.digest) == 8
    assert int(one.digest, 16) >= 0


def test_a_changed_file_has_another_digest(language_folder: Folder) -> None:
    changes: list[dict[str, Any]] = [{}, {"ops": {"delete": 1}}, {"orthographic": []}, {"vowels": "a"}]

    assert len({load("en", language_folder("en", **change)).digest for change in changes}) == 4


def test_a_changed_lender_changes_the_digest_of_who_borrows(language_folder: Folder, package: Path) -> None:
    before = load("de", package).digest

    assert load("de", language_folder("en", ops={"delete": 1})).digest != before
    assert load("de", language_folder("nl")).digest == before


# Faults

MALFORMED = [
    ("language", GONE, "language: None"),
    ("language", 5, "language: 5"),
    ("alphabet", GONE, "alphabet: None"),
    ("alphabet", "", "alphabet: ''"),
    ("alphabet", ["a"], "alphabet: ['a']"),
    ("alphabet", "ae\u0301", "alphabet: not in normal form C"),
    ("vowels", GONE, "vowels: None"),
    ("vowels", "e\u0301", "vowels: not in normal form C"),
    ("keys", GONE, "keys: None"),
    ("keys", "dvorak", "keys: 'dvorak'"),
    ("layout", GONE, "layout: missing"),
    ("layout", [], "layout: []"),
    ("layout/rows", GONE, "layout.rows: not four lists"),
    ("layout/rows", [[], [], []], "layout.rows: not four lists"),
    ("layout/rows", {"a": 1}, "layout.rows: not four lists"),
    ("layout/rows/1", "qwerty", "layout.rows[1]: no list of keys"),
    ("layout/rows/2", ["a", "s"], "layout.rows[2]: no list of keys"),
    ("layout/rows/3", [["a", "b", "c", "d", "e"]], "layout.rows[3]: no list of keys"),
    ("layout/rows/0", [[1]], "layout.rows[0]: no list of keys"),
    *((key, GONE, f"{key}: missing") for key in LENDABLE),
    *((key, [1], f"{key}: [1]") for key in LENDABLE),
    *((f"{key}/provenance", GONE, f"{key}.provenance: None") for key in KEYS),
    *((f"{key}/provenance", "guessed", f"{key}.provenance: 'guessed'") for key in KEYS),
    *((f"{key}/source", GONE, f"{key}.source: missing") for key in KEYS),
    *((f"{key}/source", "", f"{key}.source: missing") for key in KEYS),
    *((f"{key}/weights", GONE, f"{key}.weights: None") for key in LENDABLE if key != "confusions"),
    *((f"{key}/weights", [0.5], f"{key}.weights: [0.5]") for key in LENDABLE if key != "confusions"),
    *((f"{key}/weights", {}, f"{key}.weights: all are 0") for key in ("classes", "ops", "spacing")),
    ("ops/weights", {"delete": 0, "insert": 0.0}, "ops.weights: all are 0"),
    ("classes/weights/typographic", 1, "classes.weights.typographic: unknown"),
    ("ops/weights/swap", 1, "ops.weights.swap: unknown"),
    ("spacing/weights/hyphen", 1, "spacing.weights.hyphen: unknown"),
    ("positions/weights/swap", places, "positions.weights.swap: unknown"),
    ("positions/weights/all/fourth", 1, "positions.weights.all.fourth: unknown"),
    ("positions/weights/delete", {"first": 1}, "positions.weights.delete.second: missing"),
    ("positions/weights/all", 1, "positions.weights.all: 1"),
    ("letters/weights/swap", {"a": 1}, "letters.weights.swap: unknown"),
    ("letters/weights/delete", ["a"], "letters.weights.delete: ['a']"),
    ("letters/weights/delete", {"a": -1}, "letters.weights.delete.a: -1"),
    *(
        (f"{where}/{name}", weight, f"{where.replace('/', '.')}.{name}: {weight!r}")
        for where, name in (("classes/weights", "mechanical"), ("ops/weights", "delete"), ("spacing/weights", "join"),
                            ("positions/weights/all", "last"), ("confusions", "bare"))
        for weight in (-0.5, math.nan, math.inf, True, "1", None, [1])
        if (name, weight) != ("bare", None)
    ),
    ("confusions/orthographic", {"a": "e"}, "confusions.orthographic: {'a': 'e'}"),
    ("confusions/diacritic", "é", "confusions.diacritic: 'é'"),
    *(
        ("confusions/orthographic/1", row, f"confusions.orthographic[1]: {row!r}")
        for row in (["a", "e"], ["a", "e", 1, 1], ["a", 1, 1], [None, "e", 1], "abc", ["", "e", 1], ["^", "e", 1],
                    ["$", "e", 1], ["^$", "", 1], ["ie", "ie", 1], ["^ie", "ie", 1], ["ie$", "ie", 1],
                    ["e\u0301", "e", 1])
    ),
    *(
        ("confusions/orthographic/1", ["a", "e", weight], f"confusions.orthographic[1]: {weight!r}")
        for weight in (-1, math.nan, True, "1", None)
    ),
    ("cluster", "[a-z]+", "cluster: '[a-z]+'"),
    ("cluster", {"source": "x", "pattern": "a"}, "cluster.provenance: None"),
    ("cluster", {"provenance": "hand", "pattern": "a"}, "cluster.source: missing"),
    ("cluster", {"provenance": "hand", "source": "x", "pattern": "[a-"}, "cluster.pattern: no regular expression"),
    ("cluster", {"provenance": "hand", "source": "x"}, "cluster.pattern: no regular expression"),
    ("cluster", {"provenance": "hand", "source": "x", "pattern": [1]}, "cluster.pattern: no regular expression"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "expected"), MALFORMED)
def test_a_fault_is_refused_and_its_key_named(
    language_tables: Tables, tmp_path: Path, path: str, value: object, expected: str
) -> None:
    text = json.dumps(changed(language_tables(), path, value))
    (tmp_path / "en.json").write_text(text, "utf-8")

    assert fault(tmp_path).startswith(f"en.json:{expected}")


def test_a_fault_says_what_is_expected(language_folder: Folder) -> None:
    assert fault(language_folder(ops={"swap": 1})).endswith(f": one of {', '.join(OPS)} is expected")
    assert fault(language_folder(keys="dvorak")).endswith("direct, hangul, telex, pinyin, bopomofo, jyutping, romaji "
                                                          "is expected")  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", "[]", "\ud800"])
def test_what_is_no_json_object_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "en.json").write_bytes(text.encode("utf-8", "surrogatepass"))

    assert fault(tmp_path).startswith("en.json")


# What the checks still let pass

LENIENT = [
    ("language", "de", "language: 'de'"),
    ("vowels", "aeß", "vowels: "),
    ("positions/weights/all", dict.fromkeys(PLACES, 0), "positions.weights.all: all are 0"),
    ("ops/source", 5, "ops.source: "),
    ("ops/weights/delete", 10**400, "ops.weights.delete: "),
    ("confusions/orthographic/1", ["é", "e\u0301", 1], "confusions.orthographic[1]: "),
    ("confusions/orthographic/1", ["PH", "f", 1], "confusions.orthographic[1]: "),
]


@pytest.mark.parametrize(("path", "value", "expected"), LENIENT)
def test_a_table_that_can_do_nothing_is_refused(
    language_tables: Tables, tmp_path: Path, path: str, value: object, expected: str
) -> None:
    (tmp_path / "en.json").write_text(json.dumps(changed(language_tables(), path, value)), "utf-8")

    assert fault(tmp_path).startswith(f"en.json:{expected}")
