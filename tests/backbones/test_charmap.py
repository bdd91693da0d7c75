from __future__ import annotations

import pytest
from tokenizers import normalizers

from typoglot.backbones.charmap import compile_charmap


def normalised(replacements: dict[str, str], text: str) -> str:
    return str(normalizers.Precompiled(compile_charmap(replacements)).normalize_str(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "b"), ("Ⅷ", "VIII"), ("xａx", "xax"), ("\u0001", ""), ("c", "c"), ("日本", "日本"), ("", "")],
)
def test_a_character_becomes_its_replacement(text: str, expected: str) -> None:
    assert normalised({"a": "b", "Ⅷ": "VIII", "ａ": "a", "\u0001": ""}, text) == expected


def test_characters_that_share_their_first_bytes_are_told_apart() -> None:
    replacements = {chr(point): str(point) for point in range(0x3040, 0x3100, 2)}

    assert [normalised(replacements, chr(point)) for point in (0x3040, 0x3042, 0x30FE)] == ["12352", "12354", "12542"]
    assert normalised(replacements, chr(0x3041)) == chr(0x3041)


def test_every_one_of_thousands_is_found_and_nothing_else() -> None:
    replacements = {chr(point): "x" for point in range(0x4E00, 0x5600, 3)}
    normalizer = normalizers.Precompiled(compile_charmap(replacements))

    for point in range(0x4E00, 0x5600):
        assert normalizer.normalize_str(chr(point)) == replacements.get(chr(point), chr(point))
