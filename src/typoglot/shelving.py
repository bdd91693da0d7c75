"""Texts to an encoder's vectors in the store. A block is encoded on its own: its vectors depend on no other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from typoglot.config import Dtype
from typoglot.encoder import use_bf16
from typoglot.fingerprint import passage_side
from typoglot.store import BLOCK_ROWS, digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from typoglot.config import Precision
    from typoglot.encoder import Encoder
    from typoglot.store import Maker, Shelf, Store


@dataclass(frozen=True)
class Shelving:
    """An encoder that is no longer trained, and how its vectors are kept.

    Attributes:
        encoder: makes them, by its passage side.
        store: keeps them.
        precision: of the matrix products.
        dtype: of the numbers on disk.
        block_rows: passages of a block.
    """

    encoder: Encoder
    store: Store
    precision: Precision
    dtype: Dtype = Dtype.fp16
    block_rows: int = BLOCK_ROWS

    @cached_property
    def _ingredients(self) -> dict[str, object]:
        precision = "bf16" if use_bf16(self.precision, self.encoder.device) else "fp32"
        return {**passage_side(self.encoder), "precision": precision}

    @property
    def width(self) -> int:
        """D."""
        return int(self.encoder.query_network.config.hidden_size)

    def passages(self, texts: Sequence[str]) -> Shelf:
        """The shelf of one layer with the (N, D) vectors of passages."""
        named = {"what": "passages", "texts": digest(texts), "max_length": self.encoder.recipe.passage_max_length}

        def make(rows: range) -> Iterator[NDArray[np.float32]]:
            yield self.encoder.encode_passages(texts[rows.start : rows.stop], precision=self.precision)

        return self.shelf([named], len(texts), make)

    def shelf(
        self, layers: Sequence[Mapping[str, object]], rows: int, make: Maker, dtype: Dtype | None = None
    ) -> Shelf:
        """The shelf of layers whose ingredients are these and the encoder's.

        Args:
            layers: what sets each apart, its texts and their length among it.
            rows: N.
            make: as the store wants it.
            dtype: another than usual.
        """
        named = [{**self._ingredients, **layer} for layer in layers]
        shape = {"rows": rows, "width": self.width, "block_rows": self.block_rows}
        return self.store.shelf(named, make=make, dtype=dtype or self.dtype, **shape)
