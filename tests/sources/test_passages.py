from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Contents, Passage, ids_of
from typoglot.sources.passages import PassageFormat, open_passages
from typoglot.store import digest

SATURN, MARS = Passage("1", "It has rings.", "Saturn"), Passage("2", "It is red.", "Mars")


def write(path: Path, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


DPR = "id\ttext\ttitle\n1\tIt has rings.\tSaturn\n2\tIt is red.\tMars\n"
BEIR = lines(
    {"_id": "1", "title": "Saturn", "text": "It has rings."}, {"_id": "2", "title": "Mars", "text": "It is red."}
)
MIRACL = BEIR.replace("_id", "docid")
ANSERINI = lines({"id": "1", "contents": "Saturn\n\nIt has rings."}, {"id": 2, "contents": "Mars\n\nIt is red."})


# What is read


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("psgs.tsv", DPR),
        ("psgs.tsv", DPR.partition("\n")[2]),
        ("psgs.tsv", "id\ttitle\ttext\n1\tSaturn\tIt has rings.\n2\tMars\tIt is red.\n"),
        ("psgs.tsv", "\ufeff" + DPR.replace("\n", "\r\n\r\n")),
        ("corpus.jsonl", BEIR),
        ("corpus.jsonl", "\n" + BEIR.rstrip("\n")),
        ("docs.jsonl", MIRACL),
        ("docs.jsonl", ANSERINI),
    ],
)
def test_each_format_is_known_by_its_first_line(tmp_path: Path, name: str, content: str, ending: str) -> None:
    assert open_passages(write(tmp_path / (name + ending), content)) == (SATURN, MARS)


def test_ms_marco_has_no_titles_and_its_quotes_are_text(tmp_path: Path) -> None:
    path = write(tmp_path / "collection.tsv", '0\t"Hello," he said.\n1\t"Bye"\n')

    assert open_passages(path) == (Passage("0", '"Hello," he said.'), Passage("1", '"Bye"'))


@pytest.mark.parametrize(
    "text", ['He said "no".', '"', '""', "a\tb", '"a"\t"b"', "plain", '"Quoted" begins it', 'ends "so"']
)
def test_what_csv_writes_as_dpr_does_is_read_back(tmp_path: Path, text: str) -> None:
    with (tmp_path / "psgs.tsv").open("w", newline="") as file:
        csv.writer(file, delimiter="\t").writerows([["id", "text", "title"], ["1", text, 'The "T"']])

    assert open_passages(tmp_path / "psgs.tsv") == (Passage("1", text, 'The "T"'),)


def test_quotes_that_csv_did_not_write_stay(tmp_path: Path) -> None:
    path = write(tmp_path / "psgs.tsv", 'id\ttext\ttitle\n1\t"A" is a film.\t"B" too\n')

    assert open_passages(path)[0] == Passage("1", '"A" is a film.', '"B" too')


def test_a_passage_may_have_a_title_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "corpus.jsonl", lines({"_id": "1", "title": "Saturn", "text": ""}))

    assert open_passages(path)[0].content == "Saturn"


def test_the_files_of_a_folder_are_one_corpus_the_second_before_the_tenth(tmp_path: Path) -> None:
    for number in (10, 2, 0):
        write(tmp_path / f"docs-{number}.jsonl.gz", lines({"docid": f"d{number}", "text": "x", "title": ""}))
    (tmp_path / "._docs-0.jsonl").write_text("a system's own")
    found = open_passages(tmp_path)

    assert list(found.ids) == [passage.id for passage in found] == ["d0", "d2", "d10"]
    assert found[1:3] == tuple(found)[1:]


def test_passages_are_a_sequence_like_any_other(tmp_path: Path) -> None:
    every = [Passage(f"p{number}", f"text {number}") for number in range(10_000)]
    found = open_passages(write(tmp_path / "c.tsv", "".join(f"{one.id}\t{one.text}\n" for one in every)))

    assert len(found) == 10_000
    assert found == every
    assert found[-1] == every[-1]
    assert found[4090:4100] == tuple(every[4090:4100])
    assert found[9_000:100:-1300] == tuple(every[9_000:100:-1300])
    assert found[5:5] == ()
    assert list(ids_of(found)) == ids_of(every) == list(found.ids[:])
    with pytest.raises(IndexError):
        found[10_000]


def test_contents_are_read_when_they_are_asked_for_and_name_the_same_vectors(tmp_path: Path) -> None:
    found = Contents(open_passages(write(tmp_path / "psgs.tsv", DPR)))

    assert found[0:1] == ["Saturn It has rings."]
    assert found[1] == "Mars It is red."
    assert digest(found) == digest([SATURN.content, MARS.content])


def test_a_packed_file_is_unpacked_once_and_again_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TYPOGLOT_CACHE", str(tmp_path / "cache"))
    path = write(tmp_path / "psgs.tsv.gz", DPR)
    first = open_passages(path)
    (kept,) = (tmp_path / "cache").rglob("*-*")
    written = kept.stat().st_mtime_ns
    open_passages(path)

    assert kept.stat().st_mtime_ns == written
    write(path, DPR + "3\tIt is blue.\tNeptune\n")
    assert len(open_passages(path)) == 3
    assert first == (SATURN, MARS)
    assert len([*(tmp_path / "cache").rglob("*-*")]) == 1


# What is refused


def test_the_first_faults_are_told_and_the_others_counted(tmp_path: Path) -> None:
    broken = "".join(f"{number}\n" for number in range(10, 20))
    path = write(tmp_path / "psgs.tsv", DPR + broken + "1\tagain\tSaturn\n")

    with pytest.raises(DataError) as told:
        open_passages(path)

    first, *_, last = str(told.value).splitlines()
    assert first == f"{path}:4: 1 column: id, text, title, parted by tabs, are expected"
    assert last == "… and 6 more"
    assert len(str(told.value).splitlines()) == 6


def test_doubled_ids_are_found_by_line_whatever_stands_between(tmp_path: Path) -> None:
    path = write(tmp_path / "c.tsv", "a\tx\n\nb\tx\na\tx\n\nb\tx\na\tx\n")

    with pytest.raises(DataError) as told:
        open_passages(path)

    assert [line.removeprefix(f"{path}:").partition("): ")[0] for line in str(told.value).splitlines()] == [
        "4: passage 'a' appears twice (first at 1",
        "6: passage 'b' appears twice (first at 3",
        "7: passage 'a' appears twice (first at 1",
    ]


def test_an_id_of_two_files_names_both(tmp_path: Path) -> None:
    for name in ("a.tsv", "b.tsv"):
        write(tmp_path / name, "\n1\tx\n")

    with pytest.raises(DataError, match=r"b\.tsv:2: passage '1' appears twice \(first at a\.tsv:2\)"):
        open_passages(tmp_path)


def test_equal_hashes_alone_double_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typoglot.sources.passages.hash", lambda text: 7, raising=False)
    path = write(tmp_path / "c.tsv", "a\tx\nb\tx\nc\tx\nb\tx\n")

    with pytest.raises(DataError, match=r"^[^\n]*c\.tsv:4: passage 'b' appears twice \(first at 2\)[^\n]*$"):
        open_passages(path)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("c.tsv", "id\ttext\turl\n", "c.tsv:1: columns id, text, url: the columns id, text and perhaps title"),
        ("c.tsv", "id\tid\ttext\n", "c.tsv:1: columns id, id, text"),
        ("c.tsv", "1\tx\n2\n", "c.tsv:2: 1 column: id, text, parted by tabs, are expected"),
        ("c.tsv", "1\tx\n\t\n", "c.tsv:2: 'id' is empty"),
        ("c.tsv", "1\tx\n2\t \n", "c.tsv:2: 'text' is empty"),
        ("c.tsv", b"1\tx\n2\t\xff\n", "c.tsv:2: not UTF-8"),
        ("c.tsv", "", "c.tsv: no passage"),
        ("c.tsv", "id\ttext\ttitle\n", "c.tsv: no passage"),
        ("c.jsonl", lines({"name": "1"}), "c.jsonl:1: keys name: _id, docid or id is expected"),
        ("c.jsonl", BEIR + "{", "c.jsonl:3: not JSON"),
        ("c.jsonl", BEIR + "[]", "c.jsonl:3: a JSON list"),
    ],
)
def test_what_is_no_passage_is_refused_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, fault: str
) -> None:
    with pytest.raises(DataError) as told:
        open_passages(write(tmp_path / name, content))

    assert fault in str(told.value)


def test_a_broken_or_missing_packed_file_is_refused_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "cut.tsv.gz").write_bytes(gzip.compress(DPR.encode() * 9)[:40])

    with pytest.raises(DataError, match=r"cut\.tsv\.gz: broken gzip"):
        open_passages(tmp_path / "cut.tsv.gz")
    with pytest.raises(DataError, match=r"gone\.tsv\.gz: cannot be read"):
        open_passages(tmp_path / "gone.tsv.gz")


def test_a_folder_without_passages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.jsonl or \.tsv"):
        open_passages(tmp_path)


def test_a_file_that_changes_while_it_is_used_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "psgs.tsv", DPR)
    found = open_passages(path)
    with path.open("ab") as file:
        file.write(b"3\tx\ty\n")

    with pytest.raises(DataError, match="has changed while it was used"):
        found[0]


@given(
    content=st.binary() | st.text('{}[]:,"1\\un \t\r\nid').map(str.encode),
    form=st.sampled_from([None, *PassageFormat]),
    ending=st.sampled_from([".tsv", ".jsonl", ".tsv.gz"]),
    packed=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_passages_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, form: PassageFormat | None, ending: str, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / f"c{ending}"
    path.write_bytes(gzip.compress(content) if packed else content)

    with suppress(DataError):
        found = open_passages(path, form)
        assert [passage.id for passage in found] == list(found.ids)
        assert len(set(found.ids)) == len(found)


MILLIONS = """
import re, sys
from pathlib import Path
import numpy as np
from typoglot.records import Contents
from typoglot.search import Surface
from typoglot.search.corpus import Block
from typoglot.sources.passages import open_passages
from typoglot.store import Store, digest

found = open_passages(Path(sys.argv[1]))
contents = Contents(found)

def make(rows):
    lot = np.random.default_rng(rows.start)
    yield lot.standard_normal((len(contents[rows.start : rows.stop]), 8), np.float32)

class Corpus:
    ids = found.ids
    shelf = Store(Path(sys.argv[2])).shelf([{"texts": digest(contents)}], rows=len(found), width=8, make=make)

    def blocks(self):
        return (Block(rows.start, vectors, {}, {}) for rows, (vectors,) in self.shelf.blocks())

corpus = Corpus()
corpus.shelf.fill()
ranked = Surface(corpus, np.eye(8, dtype=np.float32), [0], 100).run(0, 0.0, list("abcdefgh"))
assert all(len(hits) == 100 for hits in ranked.values())
# Of this process alone: what getrusage tells begins with the memory of the process that started it.
print(len(found), re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.slow
def test_two_million_passages_are_read_kept_and_ranked_in_less_than_a_gibibyte(tmp_path: Path) -> None:
    path = tmp_path / "psgs.tsv"
    text = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all. " * 8
    with path.open("w") as file:
        file.write("id\ttext\ttitle\n")
        for number in range(2_000_000):
            file.write(f"{number}\t{text}{number}\tTitle {number // 7}\n")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    told = subprocess.run(
        [sys.executable, "-c", MILLIONS, str(path), str(tmp_path / "store")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    passages, peak = map(int, told.stdout.split())
    assert path.stat().st_size > 1 << 30
    assert passages == 2_000_000
    assert peak < 1 << 20  # KiB


@pytest.mark.parametrize("head", ["docid\ttitle\ttext", "pid\ttext\ttitle", "PID\tText"])
def test_a_head_that_does_not_begin_with_id_is_refused_not_read_as_a_passage(tmp_path: Path, head: str) -> None:
    path = tmp_path / "passages.tsv"
    path.write_text(f"{head}\n1\tMoon\tIt orbits the Earth.\n")

    with pytest.raises(DataError, match="a head is expected to begin with id"):
        open_passages(path)
