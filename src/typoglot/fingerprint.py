"""An encoder's passage side to the plain values that name its vectors in the store. Knows no texts and no paths."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from typoglot.files import sha256

if TYPE_CHECKING:
    from typoglot.encoder import Encoder

# Of a network's configuration: where it came from and who wrote it, which change no number.
_NO_MATTER = frozenset({"_name_or_path", "transformers_version", "architectures", "dtype", "use_cache"})


def passage_side(encoder: Encoder) -> dict[str, object]:
    """What decides the vectors of `encoder.encode_passages`, besides texts, their length and the precision.

    Equal weights have equal fingerprints, whatever they were loaded from; no path is among the values.
    """
    network = encoder.query_network if encoder.passage_network is None else encoder.passage_network
    recipe = encoder.recipe
    return {
        "model_type": network.config.model_type,
        "weights": _weights(network),
        "shape": _digest({k: v for k, v in network.config.to_dict().items() if k not in _NO_MATTER}),
        "tokenizer": _tokenizer(encoder.tokenizer),
        "pooling": recipe.pooling.value,
        "normalise": recipe.normalise,
        "prefix": recipe.passage_prefix,
    }


def _weights(network: Any) -> str:
    """The SHA-256 of all tensors in the order of their names."""
    found = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        found.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return found.hexdigest()


def _tokenizer(tokenizer: Any) -> str:
    if tokenizer.is_fast:
        whole = json.loads(tokenizer.backend_tokenizer.to_str())
        # How the last call cut and padded; ours says both each time.
        del whole["truncation"], whole["padding"]
    else:
        options = {name: value for name, value in tokenizer.init_kwargs.items() if _matters(name, value)}
        with tempfile.TemporaryDirectory() as folder:
            files = [sha256(Path(path)) for path in tokenizer.save_vocabulary(folder)]
        whole = {"class": type(tokenizer).__name__, "vocabulary": files, "options": options}
    return _digest([whole, tokenizer.get_added_vocab(), tokenizer.special_tokens_map])


def _matters(name: str, value: object) -> bool:
    """Whether an option of a tokenizer may change how it cuts; special tokens are asked for by themselves."""
    place = name.endswith("_file") or name in {"name_or_path", "is_local", "local_files_only", "model_max_length"}
    return isinstance(value, bool | int | str | dict) and not place and not name.endswith("_token")


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
