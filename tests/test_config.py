from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from typoglot import config, rules
from typoglot.config import EvaluateSettings, TrainSettings

if TYPE_CHECKING:
    from collections.abc import Callable

CONF = Path(__file__).parent.parent / "conf"
OPTIONS = sorted(
    f"{path.parent.name}={path.stem}"
    for path in CONF.glob("*/*.yaml")
    if path.parent.name != "experiment"  # test_questions has them
)
NEEDS = {
    "backbone=hf": ["backbone.name=x/y"],
    "backbone=hf_seq2seq": ["backbone.name=x/y", "task=generator"],
    "backbone=mt5_base": ["task=generator"],
    "task=generator": ["backbone=mt5_base"],
    "xqg=file": ["xqg.path=x"],
    "xqg=generator": ["xqg.path=x"],
    "benchmark=miracl": ["benchmark.languages=[fi]"],
    "benchmark=mr_tydi": ["benchmark.languages=[fi]"],
    "benchmark=ir_datasets": ["benchmark.path=null", "benchmark.name=x"],
    "benchmark=hf": ["benchmark.path=null", "benchmark.name=x"],
    **{f"experiment={name}": ["train.path=x", "benchmark.path=x"] for name in ("xdr", "xdr_zero_shot")},
    **{f"experiment={name}": ["benchmark.path=x"] for name in ("mkqa_contriever", "mkqa_bge_m3")},
    "train=mix": [f"train.sources.{name}.path=x" for name in ("qed", "squad_nqg", "parallel")],
}


def test_there_are_options_in_every_group() -> None:
    assert {option.split("=")[0] for option in OPTIONS} == {
        "backbone",
        "benchmark",
        "index",
        "objective",
        "optimizer",
        "task",
        "tracker",
        "train",
        "trainer",
        "typos",
        "xqg",
    }


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_of_conf_composes_without_a_fault(option: str, compose: Callable[..., Any]) -> None:
    group, _, name = option.partition("=")
    path = [f"{group}.path=x"] if group in ("train", "benchmark") and name not in ("mini", "mix") else []
    english = ["benchmark.languages=[en]"] if option in ("typos=typo", "typos=textattack") else []
    settings = compose("train", option, *path, *english, *NEEDS.get(option, []))

    assert rules.faults(settings) == []


@pytest.mark.parametrize("path", sorted(CONF.glob("backbone/*.yaml")), ids=lambda path: path.stem)
def test_a_backbone_is_labelled_by_the_name_of_its_option(path: Path) -> None:
    label = OmegaConf.load(path).get("label") if path.stem not in ("hf", "hf_seq2seq") else path.stem

    assert label == path.stem


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("typos.rates=[1.5]", "typos.rates=[1.5]: a rate is a share of words and must lie in 0-1."),
        ("typos.rates=[]", "typos.rates=[]: at least one rate is needed; 0 is the clean query."),
        ("typos.rates=[0.1,0.1]", "typos.rates=[0.1, 0.1]: a rate appears twice; name each once."),
        ("typos.draws=0", "typos.draws=0: must be above 0."),
        (
            "typos.mode=k_per_query",
            "typos.rates=[0.1, 0.2, 0.3]: a rate counts slips a query in typos.mode=k_per_query",
        ),
        ("seed=-1", "seed=-1: must be in 0-4294967295."),
        ("benchmark.measures=[recal@1]", "benchmark.measures=recal@1: not a measure"),
        ("benchmark.measures=[recall@0]", "benchmark.measures=recall@0: not a measure"),
        ("benchmark.measures=[R@2kt]", "benchmark.measures=R@2kt: benchmark=mini has judged passages; write recall"),
        ("trainer.checkpoint_measure=R@2kt", "trainer.checkpoint_measure=R@2kt: write recall, mrr, ndcg with a"),
        ("benchmark.convention=bge_m3", "benchmark.convention=bge_m3: benchmark=mini does not read it; leave it out."),
        ("benchmark.passages=x", "benchmark.passages=x: benchmark=mini does not read it; leave it out."),
        ("benchmark=mkqa", "benchmark.path: benchmark=mkqa is read from disk; give benchmark.path=DIR."),
        ("benchmark.languages=[]", "benchmark.languages=[]: at least one language is needed"),
        ("benchmark.path=x", "benchmark.path=x: mini is embedded and reads no path"),
        ("train.path=x", "train.sources.mini.path=x: mini is embedded and reads no path"),
        ("benchmark.measures=[recall@200]", "index.depth=100: a measure looks at 200 ranks; give index.depth=200"),
        ("index.depth=5", "index.depth=5: a measure looks at 10 ranks"),
        ("benchmark.distractors=qed", "benchmark.distractors=qed: are read from disk; give benchmark.distractors_path"),
        ("benchmark.distractors_path=x", "benchmark.distractors_path=x: give benchmark.distractors=qed too."),
        ("benchmark=xquad", "benchmark.path: benchmark=xquad is read from disk; give benchmark.path=DIR."),
        ("train=qed", "train.sources.qed.path: qed pairs are read from disk; give train.sources.qed.path=DIR (or"),
        ("~train.sources.mini", "train.sources={}: at least one source is needed."),
        ("train.sources.mini.weight=0", "train.sources.mini.weight=0.0: must be above 0."),
        ("train.dev_fraction=0.9", "train.dev_fraction=0.9: must be in 0-0.5."),
        ("train.typo_rate=1.5", "train.typo_rate=1.5: must be in 0-1."),
        ("optimizer.learning_rate=nan", "optimizer.learning_rate=nan: must be above 0."),
        ("optimizer.betas=[0.9]", "optimizer.betas=[0.9]: two numbers"),
        ("objective.temperature=0", "objective.temperature=0.0: must be above 0."),
        ("objective.hard_negatives=-1", "objective.hard_negatives=-1: must be 0 or more."),
        ("trainer.batch_size=1", "trainer.batch_size=1: a batch's other passages are its negatives; take at least 2."),
        ("trainer.checkpoint_measure=loss", "trainer.checkpoint_measure=loss: write recall, mrr, ndcg with a cutoff"),
        ("backbone.query_max_length=0", "backbone.query_max_length=0: must be above 0."),
        ("backbone.name=''", "backbone.name: is empty; give a hub name or a directory."),
        (
            "backbone=mt5_base",
            "backbone=mt5_base: writes text, it makes no vectors; give an encoder, or task=generator",
        ),
        ("task=generator", "task=generator: minilm_l6 writes no text; give backbone=mt5_base or hf_seq2seq."),
        ("xqg.counts=[0,5]", "xqg.counts=[0, 5]: there are no queries to add; give xqg=file or"),
        ("xqg.counts=[]", "xqg.counts=[]: at least one count, each 0 or more and named once."),
        ("xqg.alphas=[0.1,1.5]", "xqg.alphas=[0.1, 1.5]: at least one weight, each in 0-1 and named once."),
        ("xqg.alphas=[0.1,0.1]", "xqg.alphas=[0.1, 0.1]: at least one weight"),
        ("xqg=file", "xqg.path: xqg=file needs a file of queries; give xqg.path=PATH."),
        ("xqg=generator", "xqg.path: xqg=generator needs a run with task=generator; give xqg.path=PATH."),
        ("xqg.path=x", "xqg.path=x: xqg=none reads no path; give xqg=file or xqg=generator."),
        ("xqg.languages=[]", "xqg.languages=[]: at least one language is needed"),
        ("xqg.round_trip=0", "xqg.round_trip=0: must be above 0."),
        ("store.block_rows=0", "store.block_rows=0: must be above 0."),
        ("generator.passage_max_length=0", "generator.passage_max_length=0: must be above 0."),
        ("generator.prompt='{language}?'", "generator.prompt={language}?: must hold {language} and {passage}, may"),
        ("generator.prompt='{language} {passage} {id}'", "generator.prompt={language} {passage} {id}: must hold"),
        ("generator.prompt='{language} {passage} {'", "generator.prompt={language} {passage} {: cannot be filled in"),
    ],
)
def test_a_broken_rule_is_told_with_key_and_value(override: str, told: str, compose: Callable[..., Any]) -> None:
    faults = rules.faults(compose("train", override))

    assert [fault for fault in faults if fault.startswith(told)] == faults
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("mode", "rates", "told"),
    [
        ("word_rate", "[0,2,-1]", "typos.rates=[2.0, -1.0]: a rate is a share of words and must lie in 0-1."),
        ("one_per_query", "[0,1,2]", "typos.rates=[2.0]: a rate is a share of queries and must lie in 0-1."),
        ("one_per_query", "[nan]", "typos.rates=[nan]: a rate is a share of queries and must lie in 0-1."),
        (
            "k_per_query",
            "[0,1,1.5,-2]",
            "typos.rates=[1.5, -2.0]: a rate counts slips a query in typos.mode=k_per_query "
            "and must be a whole number, 0 or more.",
        ),
    ],
)
def test_a_rate_that_its_mode_cannot_count_is_a_fault(
    mode: str, rates: str, told: str, compose: Callable[..., Any]
) -> None:
    assert rules.faults(compose("train", f"typos.mode={mode}", f"typos.rates={rates}")) == [told]


@pytest.mark.parametrize("rate", ["nan", "inf"])
def test_a_number_of_slips_that_is_none_is_a_fault(rate: str, compose: Callable[..., Any]) -> None:
    (fault,) = rules.faults(compose("train", "typos.mode=k_per_query", f"typos.rates=[{rate}]"))

    assert fault.startswith(f"typos.rates=[{rate}]: ")


@pytest.mark.parametrize(("mode", "rates"), [("one_per_query", "[0,0.5,1]"), ("k_per_query", "[0,1,2,10]")])
def test_each_mode_has_its_rates(mode: str, rates: str, compose: Callable[..., Any]) -> None:
    assert rules.faults(compose("train", f"typos.mode={mode}", f"typos.rates={rates}")) == []


def test_an_unknown_mode_does_not_compose(compose: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match=r"typos\.mode=per_word"):
        compose("train", "typos.mode=per_word")


def test_there_is_an_option_for_each_profile() -> None:
    assert {path.stem for path in CONF.glob("typos/*.yaml")} == {profile.value for profile in config.Profile}


def test_all_broken_rules_are_told_at_once(compose: Callable[..., Any]) -> None:
    faults = rules.faults(compose("train", "seed=-1", "typos.rates=[2]", "trainer.epochs=0"))

    assert [fault.split("=")[0] for fault in faults] == ["typos.rates", "trainer.epochs", "seed"]


def test_an_unknown_key_does_not_compose(compose: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match="lrr"):
        compose("train", "optimizer.lrr=7")


def test_norwegian_is_a_language_and_false_is_not(compose: Callable[..., Any]) -> None:
    settings = compose("train", "benchmark.languages=[no,da]")

    assert [language.value for language in settings.benchmark.languages] == ["no", "da"]
    with pytest.raises((OmegaConfBaseException, ValueError), match="False"):
        OmegaConf.merge(OmegaConf.structured(TrainSettings), {"benchmark": {"languages": [False]}})


def test_nothing_to_evaluate_is_a_fault(compose: Callable[..., Any]) -> None:
    assert rules.faults(compose("evaluate")) == ["backbone: nothing to evaluate; give backbone=NAME or checkpoint=RUN."]


def test_identity_changes_with_what_is_computed(compose: Callable[..., Any]) -> None:
    base = compose("train")

    for override in (
        "seed=7",
        "typos.rates=[0]",
        "typos=keyboard",
        "typos.mode=one_per_query",
        "typos.models=x",
        "backbone.pooling=cls",
        "objective.temperature=1",
        "index.depth=70",
    ):
        assert config.identity(compose("train", override)) != config.identity(base)


def test_identity_does_not_change_with_where_results_go(compose: Callable[..., Any]) -> None:
    base = compose("train")

    for override in (
        "output=elsewhere",
        "resume=never",
        "tracker=none",
        "index.block_size=7",
        "trainer.checkpoint_every=7",
    ):
        assert config.identity(compose("train", override)) == config.identity(base)


def test_a_generator_has_the_defaults_of_its_paper_and_takes_others(compose: Callable[..., Any]) -> None:
    settings = compose("train", "task=generator", "backbone=mt5_base", "optimizer.learning_rate=3e-4")

    assert settings.optimizer.learning_rate == 3e-4
    assert settings.trainer.batch_size * settings.trainer.accumulate == 128
    assert (settings.trainer.max_steps, settings.seed) == (2000, 313)
    assert (settings.generator.passage_max_length, settings.generator.question_max_length) == (128, 32)


def test_a_generator_may_train_on_single_pairs(compose: Callable[..., Any]) -> None:
    assert rules.faults(compose("train", "task=generator", "backbone=mt5_base", "trainer.batch_size=1")) == []


def test_evaluating_what_makes_no_vectors_is_a_fault(compose: Callable[..., Any]) -> None:
    (fault,) = rules.faults(compose("evaluate", "backbone=mt5_base"))

    assert fault.startswith("backbone=mt5_base: writes text, it makes no vectors; give an encoder")


def test_a_generators_identity_leaves_out_what_evaluates_and_a_retrievers_what_generates(
    compose: Callable[..., Any],
) -> None:
    own = ("task=generator", "backbone=mt5_base")
    for same in ("typos.rates=[0]", "benchmark.limit=3", "objective.temperature=7", "evaluate=false"):
        assert config.identity(compose("train", *own, same)) == config.identity(compose("train", *own))
    prompt = "generator.prompt='{language}: {passage}'"
    assert config.identity(compose("train", *own, prompt)) != config.identity(compose("train", *own))
    assert config.identity(compose("train", prompt)) == config.identity(compose("train"))
    assert config.identity(compose("train", *own)) != config.identity(compose("train", "backbone=mt5_base"))


@pytest.mark.parametrize(
    ("decoding", "told"),
    [
        (config.Decoding(per_language=0), "--per-language=0: must be above 0."),
        (config.Decoding(top_k=-1), "--top-k=-1: must be above 0."),
        (config.Decoding(temperature=float("nan")), "--temperature=nan: must be above 0."),
        (config.Decoding(seed=-1), "--seed=-1: must be in 0-4294967295."),
    ],
)
def test_decoding_that_cannot_be_is_told_by_its_option(decoding: config.Decoding, told: str) -> None:
    assert rules.decoding_faults(decoding) == [told]


def test_training_and_evaluating_have_different_identities() -> None:
    assert config.identity(EvaluateSettings()) != config.identity(TrainSettings())


def test_a_source_takes_what_it_leaves_open_from_train(compose: Callable[..., Any]) -> None:
    sources = compose("train", "train=mix", "train.path=common", "train.sources.qed.path=own").train.resolved()

    assert {name: source.path for name, source in sources.items()} == {
        "qed": "own", "squad_nqg": "common", "parallel": "common",
    }  # fmt: skip


def test_plain_settings_hold_every_field_and_no_enum(compose: Callable[..., Any]) -> None:
    plain = config.as_plain(compose("train"))

    assert set(plain) == {field.name for field in dataclasses.fields(TrainSettings)}
    assert plain["backbone"]["pooling"] == "mean"


ANSWERED = ("benchmark=mkqa", "benchmark.questions=q", "benchmark.passages=p")


@pytest.mark.parametrize(
    ("override", "told"),
    [
        (
            "benchmark.measures=[recall@10]",
            "benchmark.measures=recall@10: benchmark=mkqa is judged by answers; write R@",
        ),
        (
            "benchmark.measures=[R@2k]",
            "benchmark.measures=R@2k: not a measure; write recall, mrr, ndcg or answer_recall",
        ),
        ("benchmark.measures=[R@0kt]", "benchmark.measures=R@0kt: not a measure"),
        ("benchmark.measures=[R@2kt-lax]", "benchmark.measures=R@2kt-lax: not a measure"),
        ("index.depth=50", "index.depth=50: a measure looks at 100 ranks; give index.depth=100 or more."),
        ("benchmark.convention=null", "benchmark.convention: MKQA is scored in two ways; give benchmark.convention="),
        ("benchmark.answer_types=[]", "benchmark.answer_types=[]: at least one type is needed; null takes all."),
        ("xqg=held_out_questions", "xqg=held_out_questions: benchmark=mkqa does not say which passage a question"),
        ("benchmark.passages=null", "benchmark.path: benchmark=mkqa is read from disk; give benchmark.path=DIR."),
    ],
)
def test_a_broken_rule_of_a_benchmark_judged_by_answers_is_told(
    override: str, told: str, compose: Callable[..., Any]
) -> None:
    assert rules.faults(compose("evaluate", "backbone=minilm_l6", *ANSWERED)) == []

    faults = rules.faults(compose("evaluate", "backbone=minilm_l6", *ANSWERED, override))
    assert faults
    assert [fault for fault in faults if fault.startswith(told)] == faults


@pytest.mark.parametrize(
    ("measure", "by_answers", "ranks"),
    [("recall@10", False, 10), ("answer_recall@20", True, 20), ("R@2kt", True, 0), ("R@5kt-strict", True, 0)],
)
def test_a_measure_tells_what_it_reads(measure: str, by_answers: bool, ranks: int) -> None:
    assert config.is_measure(measure)
    assert (config.is_by_answers(measure), config.ranks_of(measure)) == (by_answers, ranks)


@pytest.mark.parametrize(
    ("overrides", "fault"),
    [
        (["benchmark=miracl", "benchmark.path=x"], "benchmark.languages: each language has passages of its own"),
        (
            ["benchmark=mr_tydi", "benchmark.path=x", "benchmark.languages=[fi,ko]"],
            "benchmark.languages: each language",
        ),
        (["benchmark=hf", "benchmark.label=x", "benchmark.name=null"], "benchmark.name: benchmark=hf needs a data set"),
        (["benchmark=ir_datasets", "benchmark.name=x", "benchmark.path=y"], "finds its data by benchmark.name=NAME"),
        (
            ["benchmark=ir_datasets", "benchmark.name=x", "benchmark.split=y"],
            "benchmark.split=y: benchmark=ir_datasets does",
        ),
        (["benchmark.name=x"], "benchmark.name=x: benchmark=mini does not read it"),
        (
            ["benchmark=beir", "benchmark.path=x", "benchmark.revision=y"],
            "benchmark.revision=y: benchmark=beir does not",
        ),
        (
            ["benchmark=hf", "benchmark.name=x", "+benchmark.columns.querry=y"],
            "benchmark.columns.querry: unknown; name",
        ),
        (
            ["benchmark=hf", "benchmark.name=x", "+benchmark.parts.qrel=y"],
            "benchmark.parts.qrel: unknown; name some of",
        ),
    ],
)
def test_keys_of_one_benchmark_are_refused_for_another(
    compose: Callable[..., Any], overrides: list[str], fault: str
) -> None:
    (told,) = rules.faults(compose("train", *overrides))

    assert fault in told
