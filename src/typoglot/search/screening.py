"""One pass over a corpus: every passage that can be among the k best of a query at some α, for any of several counts.

A corpus and queries go in, candidates with fp32 products come out. Knows no ids; the products are not the law's.

Each tile of passages is multiplied with all queries once a layer (plain vectors, and the sums of each count) and read
once: a passage is kept where its product reaches a floor in any layer. The floors say what k candidates found so far
keep above all along 0 ≤ α ≤ 1; they rise each time that the number of passages seen has doubled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from typoglot.config import Mixing
from typoglot.search.law import require_finite, screen_error
from typoglot.search.lines import PADDING, Cosines, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from typoglot.search.corpus import Block

_TILE = 4096  # passages multiplied at a time …
_ROWS = 512  # … with so many queries
_FIRST_TILE = 512  # nothing is known yet: every one of its passages is a candidate
_GROUP = 64  # queries whose candidates are weighed at a time: their arrays stay in the cache


class Candidates(NamedTuple):
    """M pairs of a query and a passage, sorted by query."""

    rows: NDArray[np.int64]
    """(M,) queries."""
    positions: NDArray[np.int64]
    """(M,) passages."""
    products: NDArray[np.floating]
    """(1 + counts, M) products with the plain vector and with the sum of each count."""
    lengths: NDArray[np.float64]
    """(1 + 2·counts, M) |d|², then d·C and |C|² of each count; (0, M) where vectors are not normalised."""

    def where(self, kept: NDArray[np.bool_]) -> Candidates:
        """Those of a mask (M,)."""
        return Candidates(self.rows[kept], self.positions[kept], self.products[:, kept], self.lengths[:, kept])


def curves(
    found: Candidates, layer: int, places: NDArray[np.int64], none: NDArray[np.bool_], scales: NDArray[np.float64]
) -> Lines | Cosines:
    """Scores in a layer (0: C is 0) at (B, M) places of candidates, padded where there is none."""
    plain = np.where(none, PADDING, found.products[0][places])
    sums = np.where(none, PADDING, found.products[layer][places]) if layer else np.zeros_like(plain)
    if not len(found.lengths):
        return Lines(plain, sums, (float(scales[0]), float(scales[layer]) if layer else 0.0))
    rows = (0, 2 * layer - 1, 2 * layer) if layer else (0,)
    lengths = [np.where(none, 1.0, found.lengths[row][places]) for row in rows]
    return Cosines(plain, sums, *(lengths if layer else (*lengths, np.zeros_like(plain), np.zeros_like(plain))))


def grouped(rows: NDArray[np.int64], number: int) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.bool_]]]:
    """Groups of queries: their slice, (B, M) places in sorted `rows`, and where the padding is."""
    ends = np.searchsorted(rows, np.arange(number + 1))
    for start in range(0, number, _GROUP):
        part = ends[start : start + _GROUP + 1]
        places = part[:-1, None] + np.arange(np.diff(part).max(initial=0))
        none = places >= part[1:, None]
        yield slice(start, start + len(part) - 1), np.where(none, 0, places), none


class Screen:
    """Candidates of all queries among the passages seen so far.

    Args:
        queries: (B, D) fp32.
        counts: above 0; the layers after the first.
        depth: k.
        mixing: of vectors.
    """

    def __init__(self, queries: NDArray[np.float32], counts: Sequence[int], depth: int, mixing: Mixing) -> None:
        self._queries = torch.from_numpy(queries)
        self.counts, self._depth, self._mixing = list(counts), depth, mixing
        self.error = screen_error(queries.shape[1]) * np.linalg.norm(queries.astype(np.float64), axis=1)
        self.scales = np.zeros(1 + len(counts))  # the largest length in each layer
        self._floors = np.full((1 + len(counts), len(queries)), -np.inf)
        self.seen = self._weighed = 0
        self._new: list[Candidates] = []
        self._buffers = [torch.empty(_ROWS * _TILE) for _ in self._floors]
        self._marks, self._reached = torch.zeros(2, _ROWS * _TILE, dtype=torch.bool)

    def add(self, block: Block) -> None:
        """Sees a block, tile by tile."""
        start = 0
        while start < len(block.passages):
            stop = min(start + min(_TILE, max(_FIRST_TILE, self.seen)), len(block.passages))
            layers, lengths = self._load(block, slice(start, stop))
            self._compare(layers, lengths, block.start + start)
            self.seen += stop - start
            start = stop
            if self.seen >= max(2 * self._weighed, self._depth):
                self._weigh()

    def candidates(self) -> Candidates:
        """All that can still be among the k best, by query."""
        rows = np.concatenate([new.rows for new in self._new])
        order = np.argsort(rows, kind="stable")
        products, lengths = (
            np.concatenate([getattr(new, name) for new in self._new], axis=1)[:, order]
            for name in ("products", "lengths")
        )
        positions = np.concatenate([new.positions for new in self._new])[order]
        self._new = [Candidates(rows[order], positions, products, lengths)]
        return self._new[0]

    def _load(self, block: Block, part: slice) -> tuple[list[torch.Tensor], NDArray[np.float64]]:
        """A tile's layers in fp32, and the lengths that its scores are divided by."""
        layers = [_fp32(block.passages[part])]
        for count in self.counts:
            layers.append(_fp32(block.sums[count][part]))
            if self._mixing is Mixing.mean:
                layers[-1] *= torch.from_numpy(share(block.sizes[count][part])).float()[:, None]
        for number, layer in enumerate(layers):
            longest = float(torch.linalg.vector_norm(layer, dim=1).max())
            require_finite(np.isfinite(longest), "generated query" if number else "passage")
            self.scales[number] = max(self.scales[number], longest)
        if self._mixing is not Mixing.normalised:
            return layers, np.empty((0, len(layers[0])))
        return layers, _lengths(layers)

    def _compare(self, layers: list[torch.Tensor], lengths: NDArray[np.float64], offset: int) -> None:
        """Keeps the pairs that reach a floor in any layer."""
        scales = np.ones((len(layers), len(layers[0])))
        floors = self._floors - self.error * self.scales[:, None]
        always = None
        if len(lengths):
            scales, chord = _cosine_scales(lengths)
            always = torch.from_numpy(chord == 0)
            least = chord[chord > 0].min(initial=1.0)
            floors = np.where(self._floors < 0, self._floors / least, self._floors) - self.error / least
            layers = [
                layer * torch.from_numpy(scale).float()[:, None] for layer, scale in zip(layers, scales, strict=True)
            ]
        limits = torch.from_numpy(np.nextafter(floors.astype(np.float32), np.float32(-np.inf)))
        width = len(layers[0])
        for start in range(0, len(self._queries), _ROWS):
            part = slice(start, start + _ROWS)
            found, products = self._reaching(self._queries[part], layers, limits[:, part], always)
            rows, columns = np.divmod(found, width)
            raw = (products / scales[:, columns]).astype(np.float32)
            self._new.append(Candidates(rows + start, columns + offset, raw, lengths[:, columns]))

    def _reaching(
        self,
        queries: torch.Tensor,
        layers: list[torch.Tensor],
        limits: torch.Tensor,
        always: torch.Tensor | None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Flat places of the products that reach a limit in any layer, and the products (layers, found) there."""
        shape = (len(queries), len(layers[0]))
        size = shape[0] * shape[1]
        marks, reached = (flags[:size].view(shape) for flags in (self._marks, self._reached))
        marks.copy_(always.expand(shape)) if always is not None else marks.zero_()
        products = [buffer[:size] for buffer in self._buffers]
        for layer, limit, product in zip(layers, limits, products, strict=True):
            torch.mm(queries, layer.T, out=product.view(shape))
            marks |= torch.ge(product.view(shape), limit[:, None], out=reached)
        self._marks[size : -(-size // 8) * 8] = False
        found = _marked(self._marks[: -(-size // 8) * 8].numpy())
        return found, np.stack([product.numpy()[found] for product in products])

    def _weigh(self) -> None:
        """Raises the floors to what k candidates keep above, and drops candidates that do not reach them."""
        found = self.candidates()
        kept = np.zeros(len(found.rows), np.bool_)
        for part, places, none in grouped(found.rows, len(self._queries)):
            reached = np.zeros(places.shape, np.bool_)
            floors = []
            for layer in range(1, len(self._floors)) if self.counts else (0,):
                lines = curves(found, layer, places, none, self.scales)
                bound = lines.reach(0.0, 1.0 if layer else 0.0, self._depth, self.error[part])
                reached |= bound.mask
                floors.append((bound.left_floor, bound.right_floor))
            kept[places[reached & ~none]] = True
            own = 0.0 if len(found.lengths) else self.error[part]
            self._floors[0, part] = np.min([left for left, _ in floors], axis=0) + own * self.scales[0]
            for layer, (_, right) in enumerate(floors[: len(self.counts)], 1):
                self._floors[layer, part] = right + own * self.scales[layer]
        self._new = [found.where(kept)]
        self._weighed = self.seen


def share(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """What one vector counts for in a mean of so many; 0 in a mean of none."""
    return np.where(sizes > 0, 1 / np.maximum(sizes, 1), 0.0)


def _fp32(vectors: NDArray[np.floating]) -> torch.Tensor:
    # torch turns fp16 into fp32 several times as fast as numpy does.
    return torch.from_numpy(np.array(vectors)).float()


def _lengths(layers: list[torch.Tensor]) -> NDArray[np.float64]:
    """(1 + 2·counts, n) |d|², then d·C and |C|² of each count."""
    plain = layers[0].double()
    rows = [(plain * plain).sum(1)]
    for layer in layers[1:]:
        sums = layer.double()
        rows += [(plain * sums).sum(1), (sums * sums).sum(1)]
    return torch.stack(rows).numpy()


def _cosine_scales(lengths: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What turns each layer's products (layers, n) into bounds of the cosines, and the least chord of any count (n,).

    A chord of 0: nothing is known of the passage's scores between the ends.
    """
    counts = range(1, len(lengths) // 2 + 1)
    nothing = np.zeros_like(lengths[0])
    chords = [
        Cosines(nothing, nothing, lengths[0], lengths[2 * count - 1], lengths[2 * count]).chord(0.0, 1.0)
        for count in counts
    ]
    least = np.min([np.ones_like(nothing), *chords], axis=0)
    squares = lengths[[0, *(2 * count for count in counts)]]
    scales = np.array([least, *chords])
    scales = np.where(scales > 0, scales, 1.0) * np.sqrt(np.where(squares > 0, squares, 1.0))
    return 1 / scales, least


def _marked(marks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The places of what is true, looking at eight at a time: nearly all are false."""
    words = np.flatnonzero(marks.view(np.int64))
    word, place = np.nonzero(marks.reshape(-1, 8)[words])
    return words[word] * 8 + place
