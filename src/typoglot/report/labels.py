"""Settings of runs to names that tell them apart. Knows settings only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typoglot.config import NOT_PART_OF_THE_RESULT
from typoglot.confounds import may_matter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NO_NAMES = (*NOT_PART_OF_THE_RESULT, "checkpoint", "backbone.label")
_TRAINED, _UNTRAINED = "train.label", "untrained"


def labels(names: Sequence[str], settings: Sequence[Mapping[str, object]]) -> list[str]:
    """What each run is called: its backbone, then the settings in which runs of that backbone differ.

    A part's label (`xqg.label`) stands for those of the part's other settings that are alike wherever it is, unless
    runs would have one name; so does `untrained` for all that only trainings have. A key loses its part's name where
    no other key ends like it.

    Args:
        names: of the runs' folders; they tell apart what settings do not.
        settings: of each run by dotted key, such as `backbone.label`.
    """
    backbones = [str(made.get("backbone.label") or name) for name, made in zip(names, settings, strict=True)]
    found: list[str] = [""] * len(names)
    for backbone in dict.fromkeys(backbones):
        like = [i for i, own in enumerate(backbones) if own == backbone]
        own = [settings[i] for i in like]
        keys = _differing(own)
        brief = [key for key in keys if not _implied(key, keys, own)]
        for chosen in (brief, keys):
            told = [_told(backbone, settings[i], chosen) for i in like]
            if len(set(told)) == len(told):
                break
        for i, label in zip(like, told, strict=True):
            found[i] = label
    named = [label if found.count(label) == 1 else f"{label} · {names[i]}" for i, label in enumerate(found)]
    # The same run of two machines, or before and after a change of the code, has one name by design.
    places = [named[: i + 1].count(label) for i, label in enumerate(named)]
    return [one if named.count(one) == 1 else f"{one} ({place})" for one, place in zip(named, places, strict=True)]


SEEDS = 10  # of a system that are told one by one


def seeds(values: Sequence[str]) -> str:
    """How many runs of a system there are, and their seeds.

    >>> seeds(["13", "2", "7"]), seeds(["42"])
    ('3 seeds: 2, 7, 13', 'seed 42')
    """
    if len(values) == 1:
        return f"seed {values[0]}"
    told = sorted(values, key=lambda value: (len(value), value))
    shown = told if len(told) <= SEEDS else [*told[: SEEDS - 1], "…", told[-1]]
    return f"{len(told)} seeds: {', '.join(shown)}".replace(", …,", " …")


def _differing(settings: Sequence[Mapping[str, object]]) -> list[str]:
    """The keys whose values differ among the runs that have them; what was trained on comes first."""
    keys = {key for made in settings for key in made if may_matter(key, _NO_NAMES)}
    seen = {key: {str(made[key]) for made in settings if key in made} for key in keys}
    found = {key for key in keys if len(seen[key]) > 1}
    if len({_TRAINED in made for made in settings}) > 1:
        found.add(_TRAINED)
    return sorted(found, key=lambda key: (key != _TRAINED, key))


def _implied(key: str, keys: Sequence[str], settings: Sequence[Mapping[str, object]]) -> bool:
    """Whether the label of the key's part, one of the keys, says what its value is."""
    label = f"{key.rpartition('.')[0]}.label"
    if key == label or label not in keys:
        return False
    values = {(made.get(label), str(made[key])) for made in settings if key in made}
    return len(values) == len({name for name, _ in values})


def _told(backbone: str, made: Mapping[str, object], keys: Sequence[str]) -> str:
    ends = [_end(key) for key in keys]
    told = [
        f"{_end(key) if ends.count(_end(key)) == 1 else key.removesuffix('.label')}={made[key]}"
        for key in keys if key in made
    ]  # fmt: skip
    if _TRAINED in keys and _TRAINED not in made:
        told.insert(0, _UNTRAINED)
    return " · ".join([backbone, *([", ".join(told)] if told else [])])


def _end(key: str) -> str:
    return key.removesuffix(".label").rpartition(".")[2]
