"""Backbones: from a name to a network and its tokenizer. Knows transformers; knows nothing of pooling or training."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.backbones.availability import backbone_faults, package_file
from typoglot.config import Backbone, Kind, Loader
from typoglot.errors import CheckpointError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "Loaded",
    "backbone_faults",
    "load",
    "load_network",
    "load_seq2seq",
    "load_shape",
    "load_tokenizer",
    "locate",
    "silent_transformers",
]


class Loaded(NamedTuple):
    """A network that turns token ids into hidden states, and the tokenizer that makes them."""

    network: Any  # transformers.PreTrainedModel
    tokenizer: Any  # transformers.PreTrainedTokenizerBase


def locate(backbone: Backbone) -> str:
    """The directory or hub name that transformers loads; a packaged 4-bit file is converted first.

    Raises:
        ConfigError: the package that carries it is not installed.
    """
    if backbone.loader is Loader.hub:
        local = Path(backbone.name).expanduser()
        return str(local) if local.is_dir() else backbone.name
    path = package_file(backbone)
    if path is None:
        raise ConfigError(backbone_faults([backbone]))
    if backbone.loader is Loader.package:
        return str(path)
    from typoglot.backbones.cache import (
        converted,
    )  # brings torch, which a faulty configuration must not wait for

    return str(converted(path))


def load(backbone: Backbone) -> Loaded:
    """The pretrained network in fp32 and its tokenizer.

    Raises:
        CheckpointError: the files are there but cannot be loaded, or lack weights of the network.
    """
    place = locate(backbone)
    revision = {"revision": backbone.revision} if backbone.revision and backbone.loader is Loader.hub else {}
    tokenizer = load_tokenizer(place, **revision)  # first: it is quick to say what it lacks
    network = load_seq2seq if backbone.kind is Kind.seq2seq else load_network
    return Loaded(network(place, **revision), tokenizer)


def load_shape(backbone: Backbone) -> Any:
    """The network's configuration, without its weights.

    Raises:
        CheckpointError: it cannot be loaded.
    """
    from transformers import AutoConfig

    place = locate(backbone)
    try:
        return AutoConfig.from_pretrained(place)
    except Exception as error:  # as in load_network
        raise CheckpointError(
            f"Cannot load a configuration from '{place}' ({_first_line(error)}): leave backbone out."
        ) from error


def load_network(place: str, **options: Any) -> Any:
    """The encoder at `place` in fp32, with every weight it needs.

    Raises:
        CheckpointError: it cannot be loaded, or weights are missing.
    """
    return _load(place, _encoder_class, "has no text encoder in transformers: give an encoder", options)


def load_seq2seq(place: str, **options: Any) -> Any:
    """The encoder-decoder at `place` in fp32, with every weight it needs.

    Raises:
        CheckpointError: it cannot be loaded, is no encoder-decoder, or weights are missing.
    """
    return _load(place, _seq2seq_class, "writes no text in transformers: give an encoder-decoder, such as mT5", options)


def _load(place: str, class_of: Callable[[Any], Any], lack: str, options: dict[str, Any]) -> Any:
    """The network of that class at `place`; the lack is what is said of an architecture without one."""
    import torch
    from transformers import AutoConfig

    try:
        with silent_transformers():
            shape = AutoConfig.from_pretrained(place, **options)
            kind = class_of(shape)
            if kind is None:
                raise CheckpointError(f"'{place}' is a {shape.model_type}, which {lack}.")
            # A pooling layer is not part of these checkpoints: asked for, it would be made of random weights.
            pooler = (
                {"add_pooling_layer": False}
                if "add_pooling_layer" in inspect.signature(kind.__init__).parameters
                else {}
            )
            network, report = kind.from_pretrained(
                place, dtype=torch.float32, output_loading_info=True, **pooler, **options
            )
    except CheckpointError:
        raise
    except Exception as error:  # whatever the loaders of weights and configurations throw, the way out is one
        raise CheckpointError(
            f"Cannot load a network from '{place}' ({_first_line(error)}): "
            "give a directory written by save_pretrained, or a hub name."
        ) from error
    missing = sorted(report["missing_keys"])
    if missing:
        raise CheckpointError(
            f"'{place}' lacks {len(missing)} weights of a {type(network).__name__} (first: {missing[0]}): "
            "they would be random; give a checkpoint of that architecture."
        )
    return network


def load_tokenizer(place: str, **options: Any) -> Any:
    """The tokenizer at `place`.

    Raises:
        CheckpointError: it cannot be loaded.
    """
    from transformers import AutoTokenizer

    try:
        with silent_transformers():
            return AutoTokenizer.from_pretrained(place, **options)
    except Exception as error:  # as above
        # Without the package, transformers takes a SentencePiece file for a tiktoken one and asks for that package.
        lacks = "tiktoken" in str(error) and importlib.util.find_spec("sentencepiece") is None
        way_out = 'run: pip install "typoglot[generator]"' if lacks else "save one there with save_pretrained"
        what = "its SentencePiece file needs the package sentencepiece" if lacks else _first_line(error)
        raise CheckpointError(f"Cannot load a tokenizer from '{place}' ({what}): {way_out}.") from error


def _encoder_class(shape: Any) -> Any:
    """The class that encodes text in this configuration (of an encoder-decoder: its encoder), or None."""
    from transformers import AutoModel, AutoModelForTextEncoding

    # transformers keeps the table private; its public factories give no way to pass add_pooling_layer only where it
    # exists.
    kind = AutoModelForTextEncoding._model_mapping.get(type(shape), None)
    if kind is None and not shape.is_encoder_decoder:
        kind = AutoModel._model_mapping.get(type(shape), None)
    return kind


def _seq2seq_class(shape: Any) -> Any:
    """The class that writes a text for a text in this configuration, or None."""
    from transformers import AutoModelForSeq2SeqLM

    return AutoModelForSeq2SeqLM._model_mapping.get(type(shape), None)


@contextlib.contextmanager
def silent_transformers() -> Iterator[None]:
    """Keeps transformers' bars and reports off the terminal; what matters in them is checked and raised here."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
