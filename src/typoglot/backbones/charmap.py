"""Builds SentencePiece's compiled character map, which the `Precompiled` normalizer of `tokenizers` reads.

The map is a double-array trie over UTF-8 bytes and a blob of replacements ended by zero bytes. Layout of a unit (32
bits), as darts-clone defines it: bit 8 says that a leaf follows, bits 10-30 hold the unit's own position XOR the base
of its
children, the low byte is the label of the edge that leads here. A child stands at (base XOR its label); a leaf, label
0, has bit 31 set and holds a
position in the blob.
"""

from __future__ import annotations

import struct

_HAS_LEAF = 1 << 8
_LEAF = 1 << 31
_Node = dict[int, "_Node | int"]


def compile_charmap(replacements: dict[str, str]) -> bytes:
    """The compiled map of these replacements.

    Args:
        replacements: what each character (or sequence) becomes; may be empty text. No key may hold U+0000.
    """
    blob = b""
    root: _Node = {}
    for text in sorted(replacements):
        node = root
        for byte in text.encode():
            node = node.setdefault(byte, {})  # type: ignore[assignment]
        node[0] = len(blob)
        blob += replacements[text].encode() + b"\0"
    units = _double_array(root)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + blob


def _double_array(root: _Node) -> list[int]:
    units: dict[int, int] = {0: 0}
    bases: set[int] = set()
    waiting: list[tuple[int, _Node]] = [(0, root)]
    base = 1  # only grows: holes stay behind, but no stretch is searched twice
    while waiting:
        position, node = waiting.pop()
        # Two nodes must not share a base: a label that only one of them has would be found from the other.
        while base in bases or any(base ^ label in units for label in node):
            base += 1
        bases.add(base)
        units[position] |= (base ^ position) << 10 | (_HAS_LEAF if 0 in node else 0)
        for label, child in node.items():
            units[base ^ label] = label if isinstance(child, dict) else _LEAF | child
            if isinstance(child, dict):
                waiting.append((base ^ label, child))
    size = (max(units) | 255) + 1  # any byte leads to a unit that exists
    return [units.get(position, 0) for position in range(size)]
