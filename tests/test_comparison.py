"""What `compare` reads, refuses, and warns of: on folders as runs leave them, made by hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from typoglot import cli
from typoglot.comparison import Wanted, by_seed, compare
from typoglot.errors import ConfigError, DataError
from typoglot.measures import Correction
from typoglot.results import write_per_query

MakeRun = Callable[..., Path]
QUESTIONS = 40


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Writes a run's folder. Each language's queries are hit clean, and misspelt, by these chances."""

    def made(
        name: str, clean: float = 0.9, misspelt: float = 0.6, *, languages: Sequence[str] = ("de", "en"),
        rates: Sequence[float] = (0.0, 0.1, 0.3), draws: int = 1, questions: int = QUESTIONS, edited: int = 1,
        mixes: Sequence[tuple[int, float]] = ((0, 0.0),), mode: str = "word_rate", config: str = "", chance: int = 0,
        ranked: int = 200,
    ) -> Path:  # fmt: skip
        folder = tmp_path / name
        (folder / "runs").mkdir(parents=True)
        ids = [(f"{q}-{language}", language, f"q{q}") for q in range(questions) for language in languages]
        frames = []
        for count, alpha in mixes:
            for rate in rates:
                for draw in range(draws if rate else 1):
                    rng = np.random.default_rng([chance, count, int(1000 * rate), draw])
                    level = clean + (misspelt - clean) * rate / rates[-1] + 0.05 * count
                    columns = {
                        "query": [one[0] for one in ids], "language": [one[1] for one in ids],
                        "parallel_id": [one[2] for one in ids],
                        "edited": [edited if rate else 0] * len(ids), "cer": [rate / 5] * len(ids),
                        "recall@10": (rng.random(len(ids)) < level).astype(np.float64),
                        "benchmark": ["mini"] * len(ids), "profile": ["human"] * len(ids), "mode": [mode] * len(ids),
                        "rate": [float(rate)] * len(ids), "alpha": [alpha] * len(ids),
                    }  # fmt: skip
                    numbers = {"draw": pl.lit(draw, pl.Int32), "xqg_count": pl.lit(count, pl.Int32)}
                    frames.append(pl.DataFrame(columns).with_columns(**numbers))
        write_per_query(folder / "per_query.parquet", pl.concat(frames))
        (folder / "config.yaml").write_text(config or f"backbone: {{label: {name}, name: {name}}}\nseed: 1\n")
        with gzip.open(folder / "runs" / "human-rate0-draw0.trec.gz", "wt") as out:
            out.writelines(f"0-de Q0 p{rank} {rank} 1.0 tag\n" for rank in range(1, ranked + 1))
        return folder

    return made


def found(make_run: MakeRun, second: dict[str, Any], **wanted: Any) -> Any:
    """A comparison of run `a` with a run `b` that is otherwise made."""
    systems = {"a": [make_run("a", chance=1)], "b": [make_run("b", **{"chance": 2, **second})]}
    return compare(systems, Wanted(**{"replicates": 1000, **wanted}))


def test_each_language_and_all_together_are_one_family(make_run: MakeRun) -> None:
    rows = found(make_run, {"misspelt": 0.3}).compared

    assert [(row.language, row.n, row.questions) for row in rows] == [("de", 40, 40), ("en", 40, 40), ("all", 80, 40)]
    assert all(row.p_corrected >= row.difference.p for row in rows)
    assert rows[-1].p_corrected < 0.05


def test_the_values_are_means_of_the_file(make_run: MakeRun) -> None:
    row = found(make_run, {}).compared[-1]

    frame = pl.read_parquet(next(make_run("c", chance=1).glob("*.parquet"))).filter(pl.col("rate") == 0.3)
    assert row.value_a.value == pytest.approx(frame["recall@10"].mean())
    assert row.difference.value == pytest.approx(row.value_a.value - row.value_b.value)


def test_one_language_is_not_told_twice(make_run: MakeRun) -> None:
    systems = {name: [make_run(name, languages=["en"], chance=ord(name))] for name in "ab"}

    assert [row.language for row in compare(systems, Wanted(replicates=1000)).compared] == ["en"]


def test_three_systems_are_three_pairs_or_two_with_a_baseline(make_run: MakeRun) -> None:
    systems = {name: [make_run(name, chance=ord(name))] for name in "abc"}

    every = compare(systems, Wanted(replicates=1000)).compared
    assert list(dict.fromkeys((row.a, row.b) for row in every)) == [("a", "b"), ("a", "c"), ("b", "c")]
    based = compare(systems, Wanted(replicates=1000, baseline="a")).compared
    assert list(dict.fromkeys((row.a, row.b) for row in based)) == [("b", "a"), ("c", "a")]


def test_a_larger_family_asks_for_more_and_no_correction_for_nothing(make_run: MakeRun) -> None:
    few = found(make_run, {}, correction=Correction.none)

    assert few.told.level == 0.05
    assert all(row.p_corrected == row.difference.p for row in few.compared)


def test_the_order_of_a_run_s_rows_does_not_matter(make_run: MakeRun) -> None:
    straight, mixed = make_run("a", chance=1), make_run("b", chance=1)
    frame = pl.read_parquet(mixed / "per_query.parquet")
    write_per_query(mixed / "per_query.parquet", frame.sample(fraction=1, shuffle=True, seed=1))

    row = compare({"a": [straight], "b": [mixed]}, Wanted(replicates=1000)).compared[-1]
    assert (row.difference.value, row.difference.better) == (0, 0)


def test_draws_are_averaged_within_a_query(make_run: MakeRun) -> None:
    systems = {name: [make_run(name, draws=4, chance=ord(name))] for name in "ab"}

    result = compare(systems, Wanted(replicates=1000))
    assert any(note.startswith("4 draws") for note in result.notes)
    assert result.compared[-1].n == 2 * QUESTIONS


def test_draws_that_one_run_lacks_are_left_out(make_run: MakeRun) -> None:
    result = found(make_run, {"draws": 3})

    assert "Rates and draws that not every run has are left out." in result.notes
    assert not any("averaged" in note for note in result.notes)


def test_other_slips_are_told(make_run: MakeRun) -> None:
    assert any("misspelt the queries differently" in note for note in found(make_run, {"edited": 2}).notes)


def test_the_highest_common_rate_is_compared_unless_another_is_given(make_run: MakeRun) -> None:
    systems = {"a": [make_run("a")], "b": [make_run("b", rates=(0.0, 0.1), chance=1)]}

    assert compare(systems, Wanted(replicates=1000)).told.rate == 0.1
    assert compare(systems, Wanted(replicates=1000, rate=0.0)).told.rate == 0
    with pytest.raises(ConfigError, match=r"--rate 0.3: not every run has it; choose among 0, 0.1"):
        compare(systems, Wanted(rate=0.3))


def test_runs_that_were_asked_other_queries_are_refused(make_run: MakeRun) -> None:
    with pytest.raises(DataError, match=r"other queries than .*a alone has 0; b alone has 2 \(such as '40-de'"):
        found(make_run, {"questions": QUESTIONS + 1})


def test_a_run_that_lost_a_row_is_refused(make_run: MakeRun) -> None:
    run = make_run("b")
    frame = pl.read_parquet(run / "per_query.parquet")
    write_per_query(run / "per_query.parquet", frame.head(len(frame) - 1))

    with pytest.raises(DataError, match="missing from a condition"):
        compare({"a": [make_run("a")], "b": [run]}, Wanted())


def test_rates_that_count_different_things_are_refused(make_run: MakeRun) -> None:
    with pytest.raises(ConfigError, match="word_rate in a, one_per_query in b"):
        found(make_run, {"mode": "one_per_query"})


def test_a_measure_that_a_run_has_not_is_refused(make_run: MakeRun) -> None:
    with pytest.raises(DataError, match=r"no scores of mrr@10: choose among recall@10"):
        found(make_run, {}, measure="mrr@10")


def test_a_damaged_ranking_is_refused_with_its_line(make_run: MakeRun) -> None:
    systems = {name: [make_run(name, chance=chance)] for chance, name in enumerate("ab")}
    with gzip.open(systems["a"][0] / "runs" / "human-rate0-draw0.trec.gz", "wt") as out:
        out.write("q Q0 p1 1 0.5 tag\nq Q0\n")

    with pytest.raises(DataError, match=r"human-rate0-draw0\.trec\.gz:2: not a ranked passage"):
        compare(systems, Wanted(replicates=100, interaction=True))


def test_a_folder_without_scores_is_refused(make_run: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a folder of a finished run is expected"):
        compare({"a": [make_run("a")], "b": [tmp_path]}, Wanted())


def test_plain_passages_are_compared_unless_a_mixture_is_given(make_run: MakeRun) -> None:
    mixed = {"mixes": [(0, 0.0), (5, 0.01)]}
    plain = found(make_run, mixed)
    with_queries = compare(
        {"a": [make_run("c", chance=1)], "b": [make_run("d", chance=2, **mixed)]},
        Wanted(mix=(5, 0.01), replicates=1000),
    )

    assert plain.compared[-1].value_b.value < with_queries.compared[-1].value_b.value
    assert "c has no generated queries: its plain passages are compared." in with_queries.notes


def test_a_mixture_that_a_run_has_not_is_refused(make_run: MakeRun) -> None:
    with pytest.raises(ConfigError, match=r"no count 5 at α 0.02; give --count and --alpha among: 0 at 0, 5 at 0.01"):
        found(make_run, {"mixes": [(0, 0.0), (5, 0.01)]}, mix=(5, 0.02))


def test_the_interaction_is_the_difference_of_the_losses(make_run: MakeRun) -> None:
    row = found(make_run, {"misspelt": 0.3}, interaction=True).interacted[-1]

    one = row.interaction
    assert row.language == "all"
    assert one.absolute.value == pytest.approx(one.loss_a.value - one.loss_b.value)
    assert one.absolute.value < 0
    assert row.p_corrected < 0.05


@pytest.mark.parametrize(("rates", "rate"), [((0.0, 0.1), 0.0), ((0.1, 0.3), None)])
def test_an_interaction_needs_clean_and_misspelt_queries(
    make_run: MakeRun, rates: tuple[float, ...], rate: float | None
) -> None:
    systems = {name: [make_run(name, rates=rates)] for name in "ab"}

    with pytest.raises(ConfigError, match="needs rate 0 and a higher one"):
        compare(systems, Wanted(interaction=True, rate=rate))


def test_a_curve_that_does_not_start_clean_has_no_robustness(make_run: MakeRun) -> None:
    systems = {name: [make_run(name, rates=(0.1, 0.3))] for name in "ab"}

    assert compare(systems, Wanted(replicates=1000)).curved == []


def notes(make_run: MakeRun, second: dict[str, Any]) -> str:
    return "\n".join(found(make_run, second, interaction=True).notes)


def test_a_clean_score_near_chance_is_a_floor(make_run: MakeRun) -> None:
    told = notes(make_run, {"clean": 0.1, "misspelt": 0.05})

    assert "Floor: on clean queries b scores" in told
    assert "at most 5.0 % of a random order" in told  # 10 of 200 passages
    assert "Floor: on clean queries a" not in told


def test_a_floor_in_one_language_is_told_of_the_pooled_row(make_run: MakeRun) -> None:
    systems = {name: [make_run(name, chance=ord(name))] for name in "ab"}
    path = systems["b"][0] / "per_query.parquet"
    lost = pl.when(pl.col("language") == "de").then(0.0).otherwise(pl.col("recall@10"))
    write_per_query(path, pl.read_parquet(path).with_columns(lost.alias("recall@10")))

    told = "\n".join(compare(systems, Wanted(interaction=True, replicates=1000)).notes)
    assert "b scores 0.0 % (de), near" in told
    assert "All languages together include these." in told


def test_a_clean_score_far_from_chance_is_no_floor(make_run: MakeRun) -> None:
    assert "Floor" not in notes(make_run, {"clean": 0.5, "misspelt": 0.4})


def test_without_rankings_the_floor_is_unknown(make_run: MakeRun) -> None:
    systems = {name: [make_run(name)] for name in "ab"}
    for file in (systems["b"][0] / "runs").iterdir():
        file.unlink()

    told = compare(systems, Wanted(interaction=True, replicates=1000)).notes
    assert any(note.startswith("b: no rankings in runs/") for note in told)


def test_a_floor_that_a_joined_run_did_not_bring_along_is_told_to_be_unknown(make_run: MakeRun) -> None:
    folders = [make_run(name) for name in "ab"]
    for folder in folders:
        frame = pl.read_parquet(folder / "per_query.parquet").rename({"recall@10": "answer_recall@10"})
        write_per_query(folder / "per_query.parquet", frame)

    systems = {folder.name: [folder] for folder in folders}
    told = compare(systems, Wanted("answer_recall@10", interaction=True, replicates=1000)).notes
    assert any(note.startswith("b: no floor.json (typoglot join writes none)") for note in told)


def test_a_clean_score_near_1_is_a_ceiling(make_run: MakeRun) -> None:
    assert "Ceiling: on clean queries b scores 100.0 % (de)" in notes(make_run, {"clean": 1.0})


def test_scales_that_disagree_are_told(make_run: MakeRun) -> None:
    assert "points and shares of the clean score disagree" in notes(make_run, {"clean": 0.3, "misspelt": 0.15})


def test_what_else_differs_is_told(make_run: MakeRun) -> None:
    config = "backbone: {label: b, name: b, pooling: cls}\nseed: 1\n"

    told = notes(make_run, {"config": config})
    assert "Confounds: a / b differ in parameters: unknown / unknown" in told
    assert "backbone.pooling: – / cls" in told


def test_runs_that_differ_in_their_seed_alone_are_one_system(make_run: MakeRun) -> None:
    config = "backbone: {{label: x, name: x, pooling: {}}}\nseed: {}\n"
    runs = [
        make_run(f"{pooling}{seed}", config=config.format(pooling, seed), chance=seed)
        for pooling in ("cls", "mean")
        for seed in (1, 2)
    ]

    groups = by_seed(runs)
    assert groups == [runs[:2], runs[2:]]
    result = compare({"cls": groups[0], "mean": groups[1]}, Wanted(replicates=1000))
    assert any(note.startswith("cls: 2 runs of different seeds") for note in result.notes)
    assert result.compared[-1].difference.value == 0


def test_a_run_that_was_evaluated_twice_is_no_second_training(make_run: MakeRun) -> None:
    config = "backbone: {{label: x, name: x}}\nseed: 1\nindex: {{depth: {}}}\n"

    runs = [make_run(f"depth{depth}", config=config.format(depth)) for depth in (100, 200)]

    assert by_seed(runs) == [[runs[0]], [runs[1]]]


def of_three(make_run: MakeRun, **second: Any) -> dict[str, list[Path]]:
    """Systems a and b of three runs each."""
    return {
        name: [make_run(f"{name}{seed}", chance=10 * ord(name) + seed, **own) for seed in range(3)]
        for name, own in (("a", {}), ("b", second))
    }


def test_three_runs_of_each_system_speak_of_other_trainings(make_run: MakeRun) -> None:
    systems = of_three(make_run, misspelt=0.4)
    result = compare(systems, Wanted(interaction=True, replicates=1000))

    row, loss = result.compared[-1], result.interacted[-1]
    assert row.trainings
    assert loss.trainings
    frames = [[pl.read_parquet(run / "per_query.parquet") for run in runs] for runs in systems.values()]
    means = [[frame.filter(pl.col("rate") == 0.3)["recall@10"].mean() for frame in own] for own in frames]
    assert row.difference.value == pytest.approx(np.mean(means[0]) - np.mean(means[1]))
    few = compare({name: runs[:2] for name, runs in systems.items()}, Wanted(interaction=True, replicates=1000))
    assert not few.compared[-1].trainings
    assert any("that takes 3 runs" in note for note in few.notes)
    assert all("over questions and trainings" in one for one in result.sentences)


def test_a_claim_over_trainings_rests_on_t(make_run: MakeRun) -> None:
    result = compare(of_three(make_run, misspelt=0.4), Wanted(interaction=True, correction=Correction.none))

    assert [row.p_corrected for row in result.compared] == [row.difference.p_t for row in result.compared]
    assert [row.p_corrected for row in result.interacted] == [row.interaction.absolute.p_t for row in result.interacted]


def test_trainings_that_differ_widen_the_interval_and_lift_the_claim(make_run: MakeRun) -> None:
    luck = {
        name: [make_run(f"{name}{seed}", chance=seed, misspelt=level + 0.3 * (seed - 1)) for seed in range(3)]
        for name, level in (("a", 0.5), ("b", 0.35))
    }
    row = compare(luck, Wanted(replicates=1000)).compared[-1]

    assert row.difference.p < 0.01  # these very runs differ
    assert row.difference.low < 0 < row.difference.high
    assert row.p_corrected > 0.1


def test_a_system_of_one_run_beside_one_of_three_speaks_of_these_runs(make_run: MakeRun) -> None:
    systems = of_three(make_run)
    result = compare({"a": systems["a"], "b": systems["b"][:1]}, Wanted(replicates=1000))

    assert not any(row.trainings for row in result.compared)


# typoglot compare


def invoke(*arguments: str | Path) -> Any:
    return CliRunner().invoke(cli.app, ["compare", "--replicates", "1000", *map(str, arguments)])


def test_the_command_prints_tables_and_sentences_and_writes_json(make_run: MakeRun, tmp_path: Path) -> None:
    runs = [make_run("a", chance=1), make_run("b", misspelt=0.2, chance=2)]
    result = invoke(*runs, "--interaction", "--json", tmp_path / "found.json")

    assert result.exit_code == 0, result.output
    assert "a scores" in result.stdout
    assert "a loses" in result.stdout
    written = json.loads((tmp_path / "found.json").read_text())
    assert list(written["runs"]) == ["a", "b"]
    assert 0.5 / 1001 <= written["compared"][-1]["difference"]["p"] < 0.01
    assert len(written["sentences"]) == 2
    assert {one["language"] for one in written["curved"]} == {"de", "en", "all"}


def test_no_home_folder_is_written_whatever_tells_the_runs_apart(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    runs = [make_run(name, config=f"backbone: {{label: made}}\ntrain: {{path: {tmp_path}/{name}}}\n") for name in "ab"]
    invoke(*runs, "--json", tmp_path / "found.json")
    written = (tmp_path / "found.json").read_text()

    assert str(tmp_path) not in written
    assert list(json.loads(written)["runs"]) == ["made · path=~/a", "made · path=~/b"]
    assert json.loads(written)["compared"][0]["a"] == "made · path=~/a"


def test_what_is_not_defined_is_null_in_json(make_run: MakeRun, tmp_path: Path) -> None:
    invoke(make_run("a"), make_run("b", misspelt=0.89), "--json", tmp_path / "found.json")

    written = json.loads((tmp_path / "found.json").read_text())
    assert written["curved"][-1]["robustness"]["half"]["value"] is None  # never lost


def test_the_command_says_what_its_intervals_cover(make_run: MakeRun, tmp_path: Path) -> None:
    config = "backbone: {{label: {0}, name: {0}}}\nseed: {1}\n"
    runs = [
        make_run(f"{name}{seed}", config=config.format(name, seed), chance=10 * ord(name) + seed)
        for name in "ab"
        for seed in range(3)
    ]

    result = invoke(*runs, "--seeds", "--json", tmp_path / "found.json")
    assert "cover questions, slips and trainings; p: these very trainings" in " ".join(result.stdout.split())
    assert json.loads((tmp_path / "found.json").read_text())["compared"][-1]["trainings"]
    alone = invoke(*runs)
    assert "cover questions and slips, not other trainings" in " ".join(alone.stdout.split())


def test_a_baseline_need_not_be_named_twice(make_run: MakeRun) -> None:
    base, other = make_run("a"), make_run("b", chance=1)

    result = invoke(other, "--baseline", base)
    assert result.exit_code == 0, result.output
    assert "A = b, B = a" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["RUN"], "two different ones at least"),
        (["RUN", "RUN"], "two different ones at least"),
        (["RUN", "nowhere"], "a folder of a finished run is expected"),
        (["RUN", "RUN", "--count", "5"], "give both or none"),
        (["RUN", "RUN", "--correction", "bonferroni"], "bonferroni"),
    ],
)
def test_the_command_says_what_is_wrong(make_run: MakeRun, arguments: list[str], told: str) -> None:
    run = make_run("a")
    result = invoke(*(str(run) if argument == "RUN" else argument for argument in arguments))

    assert result.exit_code in (1, 2)
    assert told in result.output
    assert "Traceback" not in result.output
