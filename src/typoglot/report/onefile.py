"""The page's data to one HTML file that loads nothing. Knows how its parts fit together, not what they show."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from typoglot.files import atomic_text
from typoglot.privacy import public

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCRIPTS = (
    "dom", "data", "state", "save", "figure", "chart", "heat", "headline", "curves", "loss", "surface", "fragments",
    "training", "examples", "tables", "main",
)  # fmt: skip
"""The page's scripts in the order of their reading: each uses only those before it, until the last starts the page."""


def write_page(path: Path, data: Mapping[str, Any]) -> None:
    """Writes the page.

    Raises:
        OutputError: the file cannot be written.
    """
    with atomic_text(path) as out:
        out.write(html(data))


def html(data: Mapping[str, Any]) -> str:
    """The page as text. Its policy lets the browser run this very script, and ask no one for anything."""
    style = _part("style.css")
    script = '"use strict";\n' + "".join(_part(f"{name}.js").replace('"use strict";\n', "", 1) for name in SCRIPTS)
    values = {
        "style": style, "style-hash": _hash(style), "script": script, "script-hash": _hash(script),
        "data": embedded(public(dict(data))),
    }  # fmt: skip
    return re.sub(r"\{\{([a-z-]+)\}\}", lambda match: values[match[1]], _part("page.html"))


def embedded(value: object) -> str:
    r"""JSON that may stand in an HTML script element: no text in it can end the element, or begin another.

    >>> embedded("</script>")
    '"\\u003c/script>"'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _part(name: str) -> str:
    return files("typoglot.report").joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
