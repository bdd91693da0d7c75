from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from typoglot import pipeline, results
from typoglot.errors import CheckpointError, ConfigError, DataError, OutputError
from typoglot.files import locked
from typoglot.measures import Measure, score_run
from typoglot.report.examples import read_examples
from typoglot.sources import mini
from typoglot.sources.rankings import Ties, read_ranking
from typoglot.typos import TypoEngine
from typoglot.typos.tablefile import read_table, write_table
from typoglot.typos.tables import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = (
    "benchmark backbone method language profile rate draw xqg_count alpha seed measure value low high n "
    "word_rate cer ker changed seconds peak_memory_mb mode tables xqg"
)


@pytest.fixture
def evaluated(evaluate_settings: Callable[..., Any]) -> Path:
    settings = evaluate_settings("typos.draws=2")
    pipeline.run(settings)
    return pipeline.folder_of(settings)


def test_points_have_the_keys_of_the_format(evaluated: Path) -> None:
    rows = [json.loads(line) for line in (evaluated / "points.jsonl").read_text().splitlines()]

    assert {tuple(row) for row in rows} == {tuple(KEYS.split())}
    assert {row["measure"] for row in rows} == {"recall@1", "recall@10", "mrr@10", "ndcg@10"}
    assert {(row["rate"], row["draw"]) for row in rows} == {(0.0, 0), (0.5, 0), (0.5, 1)}
    assert {(row["language"], row["n"]) for row in rows} == {("en", 40), ("de", 40), ("all", 80)}


def test_points_are_the_means_of_the_per_query_table(evaluated: Path) -> None:
    table = pl.read_parquet(evaluated / "per_query.parquet")

    for point in results.read_points(evaluated / "points.jsonl"):
        rows = table.filter(pl.col("rate") == point.rate, pl.col("draw") == point.draw)
        if point.language != "all":
            rows = rows.filter(pl.col("language") == point.language)
        assert len(rows) == point.n
        assert rows[point.measure].mean() == pytest.approx(point.value)
        assert point.low <= point.value <= point.high


def test_the_rankings_on_disk_give_the_scores(evaluated: Path) -> None:
    benchmark = mini.read_benchmark("mini", ["en", "de"])
    table = pl.read_parquet(evaluated / "per_query.parquet").filter(pl.col("rate") == 0.5, pl.col("draw") == 1)
    run = read_ranking(evaluated / "runs" / "uniform-rate0.5-draw1.trec.gz", Ties.rank)

    scores = score_run(run, benchmark.qrels, [Measure.parse("ndcg@10")])
    assert table["ndcg@10"].to_list() == scores["ndcg@10"].tolist()


def test_each_misspelt_query_is_kept_with_its_slips(evaluated: Path) -> None:
    rows = [row for _, row in lines(evaluated / "queries" / "uniform-rate0.5-draw0.jsonl.gz")]

    assert len(rows) == 80
    for row in rows:
        text = row["clean"]
        for edit in reversed(row["edits"]):
            assert text[edit["start"] : edit["end"]] == edit["before"]
            text = text[: edit["start"]] + edit["after"] + text[edit["end"] :]
        assert text == row["text"]


def lines(path: Path) -> Any:
    from typoglot.lines import read_json_rows

    return read_json_rows(path)


def test_some_misspelt_queries_are_kept_with_what_was_found_before_and_after(evaluated: Path) -> None:
    found = read_examples(evaluated / "examples.jsonl")
    table = pl.read_parquet(evaluated / "per_query.parquet").filter(pl.col("draw") == 0)
    scores = {(query, rate): value for query, rate, value in table.select("query", "rate", "recall@1").iter_rows()}

    assert (found.sample.rate, found.sample.passages) == (0.5, 120)
    assert sum(found.sample.outcomes.values()) + found.sample.untouched == 80
    assert found.examples
    for one in found.examples:
        before, after = (scores[one.query, rate] for rate in (0.0, 0.5))
        assert one.outcome == ("lost" if after < before else "gained" if after > before else "same")
        assert (one.before.found == 1) == (before == 1)


def test_the_environment_names_versions_and_no_place(evaluated: Path) -> None:
    text = (evaluated / "environment.json").read_text()

    assert json.loads(text)["packages"]["torch"].startswith("2.13")
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text


def test_the_page_is_whole_and_loads_nothing(evaluated: Path) -> None:
    page = (evaluated / "report.html").read_text()

    assert page.endswith("</html>\n")
    assert "tiny" in page
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="http', page)


def test_a_finished_run_is_shown_and_not_run_again(
    evaluate_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value = pipeline.run(evaluate_settings())
    monkeypatch.setattr(pipeline, "_run_in", lambda *_: pytest.fail("it ran again"))

    assert pipeline.run(evaluate_settings()) == value
    told = capsys.readouterr()
    assert "Finished already" in told.err
    assert "recall@1 in % by typo rate" in told.out


def test_resume_never_begins_anew(evaluate_settings: Callable[..., Any]) -> None:
    settings = evaluate_settings()
    pipeline.run(settings)
    folder = pipeline.folder_of(settings)
    (folder / "points.jsonl").write_text("spoilt")
    (folder / "note.txt").write_text("mine")

    pipeline.run(evaluate_settings("resume=never"))
    assert results.read_points(folder / "points.jsonl")
    assert (folder / "note.txt").read_text() == "mine"


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that compute nothing and have the value 0.5."""
    monkeypatch.setattr(pipeline, "_run_in", lambda _, folder: (folder / results.DONE).write_text('{"value": 0.5}'))
    monkeypatch.setattr(pipeline, "show_run", lambda *_: None)


@pytest.mark.usefixtures("instant")
def test_a_run_whose_mark_is_damaged_is_made_again(
    evaluate_settings: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = evaluate_settings()
    mark = pipeline.folder_of(settings) / results.DONE
    pipeline.run(settings)
    mark.write_text("")
    assert pipeline.finished(settings) is None

    assert pipeline.run(settings) == 0.5
    assert f"{mark} is damaged: the run is not taken for finished" in capsys.readouterr().err


@pytest.mark.usefixtures("instant")
def test_a_run_whose_fingerprint_is_damaged_waits_for_a_word_of_its_user(evaluate_settings: Callable[..., Any]) -> None:
    settings = evaluate_settings()
    pipeline.run(settings)
    (pipeline.folder_of(settings) / results.INPUTS).write_text("")

    assert pipeline.finished(settings) is None
    with pytest.raises(DataError, match=r"inputs\.json: is damaged"):
        pipeline.run(settings)
    assert pipeline.run(evaluate_settings("resume=never")) == 0.5
    assert pipeline.finished(settings) == 0.5


def test_a_damaged_mark_of_a_training_is_named(train_settings: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / pipeline.TRAINED).write_text("{}")

    with pytest.raises(
        DataError, match=r"trained\.json: is damaged \('dev' is missing\): delete it; the model is then"
    ):
        pipeline._train(train_settings(), tmp_path, lambda *_: None)


def test_two_processes_do_not_share_a_folder(evaluate_settings: Callable[..., Any]) -> None:
    settings = evaluate_settings()
    folder = pipeline.folder_of(settings)
    folder.mkdir(parents=True)

    with locked(folder), pytest.raises(OutputError, match="Another process is working in"):
        pipeline.run(settings)


def test_a_run_that_fails_leaves_no_mark_of_being_done(
    evaluate_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "write_per_query", lambda *_: (_ for _ in ()).throw(OutputError("the disk is full")))
    settings = evaluate_settings()

    with pytest.raises(OutputError, match="full"):
        pipeline.run(settings)
    names = {path.name for path in pipeline.folder_of(settings).iterdir()}
    assert not names & {"done.json", "points.jsonl", "per_query.parquet", "report.html"}


def test_a_trained_run_evaluates_as_a_checkpoint(
    train_settings: Callable[..., Any], evaluate_settings: Callable[..., Any], compose: Callable[..., Any]
) -> None:
    trained = train_settings("trainer.max_steps=3")
    value = pipeline.run(trained)
    folder = pipeline.folder_of(trained)
    again = compose(
        "evaluate",
        f"checkpoint={folder}",
        "benchmark.languages=[en,de]",
        "typos=uniform",
        "typos.rates=[0,0.5]",
        "tracker=none",
        "bootstrap=50",
    )

    assert pipeline.run(again) == value
    (one, *_), (two, *_) = (results.read_points(pipeline.folder_of(s) / "points.jsonl") for s in (trained, again))
    assert (one.backbone, one.method) == (two.backbone, two.method) == ("tiny", "contrastive")


def test_training_untied_encoders_saves_and_loads_both(train_settings: Callable[..., Any]) -> None:
    settings = train_settings("trainer.max_steps=2", "backbone.tied=false", "typos.rates=[0]")
    pipeline.run(settings)

    model = pipeline.folder_of(settings) / "model"
    assert (model / "passage" / "model.safetensors").exists()
    assert (model / "passage" / "model.safetensors").read_bytes() != (model / "model.safetensors").read_bytes()


def test_a_checkpoint_of_another_architecture_is_refused(
    train_settings: Callable[..., Any], compose: Callable[..., Any]
) -> None:
    trained = train_settings("trainer.max_steps=2", "evaluate=false")
    pipeline.run(trained)
    wrong = compose("evaluate", f"checkpoint={pipeline.folder_of(trained)}", "backbone=minilm_l6", "tracker=none")

    with pytest.raises(CheckpointError, match=r"is no minilm_l6 \(hidden_size is 32, not 384;"):
        pipeline.run(wrong)


def test_a_checkpoint_that_is_none_is_refused(compose: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="holds no trained model"):
        pipeline.run(compose("evaluate", f"checkpoint={tmp_path}", "tracker=none"))


def test_lengths_beyond_the_networks_positions_are_refused(evaluate_settings: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match=r"backbone\.passage_max_length=200: tiny has 128 positions; give no more"):
        pipeline.run(evaluate_settings("backbone.passage_max_length=200"))


def test_paths_that_are_not_there_are_all_told_before_anything_is_loaded(train_settings: Callable[..., Any]) -> None:
    settings = train_settings("benchmark=xquad", "benchmark.path=/no/a", "train=qed", "train.path=/no/b", "seed=-1")

    with pytest.raises(ConfigError) as caught:
        pipeline.run(settings)
    assert [fault.split("=")[0] for fault in caught.value.faults] == [
        "seed", "benchmark.path", "train.sources.qed.path",
    ]  # fmt: skip
    assert not Path(settings.output).exists()


@pytest.mark.parametrize("profile", ["typo", "textattack"])
def test_an_english_profile_refuses_other_languages_before_anything_is_loaded(
    profile: str, evaluate_settings: Callable[..., Any]
) -> None:
    told = rf"typos\.profile={profile}: knows en only, not de; give benchmark\.languages=\[en\]"

    with pytest.raises(ConfigError, match=told):
        pipeline.run(evaluate_settings(f"typos={profile}"))


def test_a_malformed_benchmark_is_told_before_training(train_settings: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "xquad.en.json").write_text("{")
    settings = train_settings("benchmark=xquad", f"benchmark.path={tmp_path}", "benchmark.languages=[en]")

    with pytest.raises(DataError, match=r"xquad.en.json:1: not JSON"):
        pipeline.run(settings)
    assert not (pipeline.folder_of(settings) / "train.jsonl").exists()


def test_an_output_folder_that_cannot_be_written_is_named(
    evaluate_settings: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="Cannot write to folder"):
        pipeline.run(evaluate_settings(f"output={tmp_path / 'file'}"))


@pytest.mark.parametrize("profile", ["typo", "textattack"])
def test_an_english_profile_misspells_english(profile: str, evaluate_settings: Callable[..., Any]) -> None:
    settings = evaluate_settings(f"typos={profile}", "benchmark.languages=[en]")
    pipeline.run(settings)

    points = results.read_points(pipeline.folder_of(settings) / "points.jsonl")
    assert {point.profile for point in points} == {profile}
    assert all(point.word_rate == pytest.approx(point.rate, abs=0.05) for point in points)


def test_points_and_files_name_the_mode(evaluate_settings: Callable[..., Any]) -> None:
    settings = evaluate_settings("typos.mode=one_per_query", "typos.rates=[0,1]", "benchmark.languages=[en]")
    pipeline.run(settings)
    folder = pipeline.folder_of(settings)

    points = results.read_points(folder / "points.jsonl")
    assert {(point.mode, point.rate, point.changed) for point in points} == {
        ("one_per_query", 0.0, 0.0), ("one_per_query", 1.0, 1.0),
    }  # fmt: skip
    rows = [row for _, row in lines(folder / "queries" / "uniform-one1-draw0.jsonl.gz")]
    assert {len(row["edits"]) for row in rows} == {1}
    assert set(pl.read_parquet(folder / "per_query.parquet")["mode"]) == {"one_per_query"}
    assert "share of queries that carry one slip" in (folder / "report.html").read_text()


def test_k_per_query_counts_slips(evaluate_settings: Callable[..., Any]) -> None:
    settings = evaluate_settings("typos.mode=k_per_query", "typos.rates=[0,2]", "benchmark.languages=[en]")
    pipeline.run(settings)

    table = pl.read_parquet(pipeline.folder_of(settings) / "per_query.parquet").filter(pl.col("rate") == 2)
    assert (table["edited"] == table["words"].clip(upper_bound=2)).all()


@pytest.mark.parametrize("profile", ["human", "keyboard"])
def test_a_profile_of_keys_is_evaluated_with_its_keystroke_error_rate(
    profile: str, evaluate_settings: Callable[..., Any]
) -> None:
    settings = evaluate_settings(f"typos={profile}", "benchmark.languages=[en,ko]")
    pipeline.run(settings)

    points = results.read_points(pipeline.folder_of(settings) / "points.jsonl")
    assert {point.profile for point in points} == {profile}
    assert all(point.ker is not None and (point.ker > 0) == (point.rate > 0) for point in points)
    assert len({point.tables for point in points}) == len({point.language for point in points}) == 3


def test_queries_slip_by_the_given_tables_and_points_name_them(
    evaluate_settings: Callable[..., Any], tmp_path: Path
) -> None:
    table = read_table(FOLDER / "en.json")
    only = {"classes": {"mechanical": 1.0}, "ops": {"delete": 1.0}}
    write_table(tmp_path / "en.json", table | {key: {**table[key], "weights": only[key]} for key in only})
    options = (f"typos.models={tmp_path}", "benchmark.languages=[en,te]")
    settings = evaluate_settings("typos=human", *options)
    pipeline.run(settings)
    folder = pipeline.folder_of(settings)

    rows = [row for _, row in lines(folder / "queries" / "human-rate0.5-draw0.jsonl.gz")]
    assert {edit["op"] for row in rows if row["language"] == "en" for edit in row["edits"]} == {"delete"}
    engine = TypoEngine("human", models=tmp_path)
    assert {(point.language, point.tables) for point in results.read_points(folder / "points.jsonl")} == {
        ("en", engine.tables(["en"])), ("te", engine.tables(["te"])), ("all", engine.tables(["en", "te"])),
    }  # fmt: skip
    assert engine.tables(["en"]) != TypoEngine("human").tables(["en"])


def test_points_of_a_profile_without_tables_name_none(evaluated: Path) -> None:
    assert {point.tables for point in results.read_points(evaluated / "points.jsonl")} == {""}


def test_a_folder_of_models_that_is_not_there_is_a_fault(evaluate_settings: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match=r"typos\.models=/no/models: no such"):
        pipeline.run(evaluate_settings("typos=human", "typos.models=/no/models"))


def test_a_run_begins_anew_when_its_typo_tables_have_changed(
    evaluate_settings: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "en.json").write_text((FOLDER / "en.json").read_text())
    settings = evaluate_settings("typos=human", f"typos.models={tmp_path}")
    before = pipeline.fingerprint(settings)
    (tmp_path / "en.json").write_text((FOLDER / "en.json").read_text() + "\n")

    assert pipeline.fingerprint(settings) != before


def test_a_fetch_that_goes_on_and_another_home_change_no_fingerprint(
    evaluate_settings: Callable[..., Any], tmp_path: Path
) -> None:
    def fingerprint(home: str) -> str:
        return pipeline.fingerprint(evaluate_settings("typos=human", f"typos.models={tmp_path / home}"))

    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "en.json").write_text("{}")
    shutil.copytree(tmp_path / "ann", tmp_path / "bob")
    before = fingerprint("ann")
    (tmp_path / "ann" / "more.gz.part").write_text("x")
    (tmp_path / "ann" / ".apt.1").mkdir()
    (tmp_path / "ann" / ".apt.1" / "x.deb").write_text("x")

    assert fingerprint("ann") == before == fingerprint("bob")


def test_weights_given_as_a_model_s_folder_are_watched(evaluate_settings: Callable[..., Any], tmp_path: Path) -> None:
    settings = evaluate_settings(f"checkpoint={tmp_path}")
    before = pipeline.fingerprint(settings)
    (tmp_path / "model.safetensors").write_text("other")

    assert pipeline.fingerprint(settings) != before


def test_a_generator_s_log_and_lock_change_nothing_of_who_reads_it(
    evaluate_settings: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_text("weights")
    settings = evaluate_settings("xqg=generator", f"xqg.path={tmp_path}")
    before = pipeline.fingerprint(settings)
    (tmp_path / "log.txt").write_text("shown again")

    assert pipeline.fingerprint(settings) == before


@pytest.fixture
def languages(tmp_path: Path) -> dict[str, Path]:
    """XQuAD and LibreOffice's help in English and German, by the name of their benchmark."""
    for name in ("xquad.en.json", "xquad.de.json"):
        (tmp_path / "xquad").mkdir(exist_ok=True)
        (tmp_path / "xquad" / name).write_text("{}")
    for name in ("libreoffice-help-en-us_1_all.deb", "libreoffice-help-de_1_all.deb"):
        (tmp_path / "libreoffice_help").mkdir(exist_ok=True)
        (tmp_path / "libreoffice_help" / name).write_text("!<arch>")
    return {name: tmp_path / name for name in ("xquad", "libreoffice_help")}


MORE = {"xquad": "xquad.fi.json", "libreoffice_help": "libreoffice-help-fi_1_all.deb"}


@pytest.mark.parametrize("name", MORE)
def test_a_run_stays_finished_when_another_language_is_fetched(
    evaluate_settings: Callable[..., Any], languages: dict[str, Path], name: str
) -> None:
    settings = evaluate_settings(f"benchmark={name}", f"benchmark.path={languages[name]}", "benchmark.languages=[de]")
    folder = pipeline.folder_of(settings)
    folder.mkdir(parents=True)
    (folder / results.INPUTS).write_text(json.dumps(pipeline.fingerprint(settings)))
    (folder / results.DONE).write_text('{"value": 0.5}')
    (languages[name] / MORE[name]).write_text("more")
    assert pipeline.finished(settings) == 0.5

    next(languages[name].glob("*de*")).write_text("another German")
    assert pipeline.finished(settings) is None


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("read", ["en", "de"])
def test_files_of_its_languages_and_of_english_make_a_run_begin_anew(
    evaluate_settings: Callable[..., Any], languages: dict[str, Path], name: str, read: str
) -> None:
    settings = evaluate_settings(f"benchmark={name}", f"benchmark.path={languages[name]}", "benchmark.languages=[de]")
    before = pipeline.fingerprint(settings)
    next(languages[name].glob(f"*[.-]{read}[._-]*")).write_text("other")

    assert pipeline.fingerprint(settings) != before


@pytest.mark.parametrize("name", MORE)
def test_a_run_on_all_languages_begins_anew_with_another(
    evaluate_settings: Callable[..., Any], languages: dict[str, Path], name: str
) -> None:
    settings = evaluate_settings(f"benchmark={name}", f"benchmark.path={languages[name]}", "benchmark.languages=null")
    before = pipeline.fingerprint(settings)
    (languages[name] / MORE[name]).write_text("more")

    assert pipeline.fingerprint(settings) != before


def test_training_on_a_language_does_not_hang_on_others(
    compose: Callable[..., Any], languages: dict[str, Path]
) -> None:
    folder = languages["libreoffice_help"]
    settings = compose("train", "train=libreoffice_help", f"train.path={folder}", "train.languages=[de]")
    before = pipeline.fingerprint(settings)
    (folder / MORE["libreoffice_help"]).write_text("more")
    assert pipeline.fingerprint(settings) == before

    (folder / "libreoffice-help-de_2_all.deb").write_text("a new version")
    assert pipeline.fingerprint(settings) != before


@pytest.mark.parametrize("name", MORE)
def test_where_all_files_are_read_the_fingerprint_is_that_of_all_files(
    evaluate_settings: Callable[..., Any], languages: dict[str, Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = evaluate_settings(f"benchmark={name}", f"benchmark.path={languages[name]}", "benchmark.languages=[de]")
    told = pipeline.fingerprint(settings)
    monkeypatch.setattr(pipeline, "benchmark_files", lambda _: None)

    assert pipeline.fingerprint(settings) == told


def test_files_behind_a_link_to_a_folder_are_watched(evaluate_settings: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "en.json").write_text("{}")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "models" / "round").symlink_to(tmp_path / "models")
    settings = evaluate_settings("typos=human", f"typos.models={tmp_path / 'models'}")
    before = pipeline.fingerprint(settings)
    (tmp_path / "elsewhere" / "en.json").write_text("{ }")

    assert pipeline.fingerprint(settings) != before


def test_a_run_begins_anew_when_its_files_have_changed(
    evaluate_settings: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "text": "an owl"}\n{"_id": "d2", "text": "a moon"}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "owl"}\n')
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    settings = evaluate_settings("benchmark=beir", f"benchmark.path={tmp_path}", "benchmark.languages=[en]")
    pipeline.run(settings)
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "bright moon"}\n')
    pipeline.run(settings)

    assert "have changed: beginning anew" in capsys.readouterr().err
    rows = [row["clean"] for _, row in lines(pipeline.folder_of(settings) / "queries" / "uniform-rate0-draw0.jsonl.gz")]
    assert rows == ["bright moon"]


def test_a_checkpoint_refuses_another_recipe(train_settings: Callable[..., Any], compose: Callable[..., Any]) -> None:
    trained = train_settings("trainer.max_steps=2", "evaluate=false")
    pipeline.run(trained)
    backbone = ("backbone=hf", f"backbone.name={trained.backbone.name}", "backbone.label=tiny")
    wrong = compose("evaluate", f"checkpoint={pipeline.folder_of(trained)}", *backbone, "tracker=none")

    with pytest.raises(CheckpointError, match="pooling is"):
        pipeline.run(wrong)


def test_a_checkpoint_keeps_the_seed_it_was_trained_with(
    train_settings: Callable[..., Any], compose: Callable[..., Any]
) -> None:
    trained = train_settings("trainer.max_steps=2", "evaluate=false", "seed=7")
    pipeline.run(trained)
    again = compose("evaluate", f"checkpoint={pipeline.folder_of(trained)}", "benchmark.languages=[en]", "tracker=none")
    pipeline.run(again)

    assert {point.seed for point in results.read_points(pipeline.folder_of(again) / "points.jsonl")} == {7}
