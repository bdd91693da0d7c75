"""What may be written where others read it: values without the user's home, keys and tokens. Knows no file's meaning.

A run's folder, a page and a tracker are handed on; the home is written `~` there, and a secret by its variable's name.
"""

from __future__ import annotations

import os
import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(_|\d|$)", re.IGNORECASE)
_SHORTEST = 8  # characters; ours: a shorter value may stand in a text by chance


def public(value: T) -> T:
    """The value (texts, lists and dictionaries in any depth) without the home's path and without secrets.

    The home becomes `~`, as itself and where its links lead to. The content of an environment variable that is named
    like a secret becomes `$NAME`: an override such as `${oc.env:HF_TOKEN}` brings it into a configuration.

    >>> os.environ["SOME_TOKEN"] = "hf_0123456789"
    >>> public({"path": f"{Path.home()}/data", "notes": ["by hf_0123456789"], "seed": 42})
    {'path': '~/data', 'notes': ['by $SOME_TOKEN'], 'seed': 42}
    >>> del os.environ["SOME_TOKEN"]
    """
    return _public(value, _homes(), _secrets())  # type: ignore[no-any-return]


def _public(value: Any, homes: list[re.Pattern[str]], secrets: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {_public(key, homes, secrets): _public(one, homes, secrets) for key, one in value.items()}
    if isinstance(value, list):
        return [_public(one, homes, secrets) for one in value]
    if not isinstance(value, str):
        return value
    for content, name in secrets.items():
        value = value.replace(content, f"${name}")
    for home in homes:
        value = home.sub("~", value)
    return value


def _homes() -> list[re.Pattern[str]]:
    """The home as a whole path: ann's is no part of anna's, nor of a folder of that name on another disk."""
    try:
        home = Path.home()
    except RuntimeError:  # a user without an entry, in some containers
        return []
    places = sorted({str(home), str(home.resolve())} - {"/", "."}, key=len, reverse=True)
    return [re.compile(rf"(?<![\w.-]){re.escape(place.rstrip('/'))}(?![\w-]|\.\w)") for place in places]


def _secrets() -> dict[str, str]:
    """The names of secrets by their content, the longest first."""
    found = {value: name for name, value in os.environ.items() if _SECRET.search(name) and len(value) >= _SHORTEST}
    kept = [value for value in found if not Path(value).is_absolute()]  # HF_TOKEN_PATH is a place
    return {value: found[value] for value in sorted(kept, key=len, reverse=True)}


def at_home(settings: T) -> T:
    """The settings (a dataclass) with `~/…` as this user's home: what `public` wrote is understood again."""
    return _expanded(settings)  # type: ignore[no-any-return]


def _expanded(value: Any) -> Any:
    if isinstance(value, str):
        return str(Path(value).expanduser()) if value == "~" or value.startswith("~/") else value
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _expanded(getattr(value, one.name)) for one in fields(value)})
    if isinstance(value, dict):
        return {key: _expanded(one) for key, one in value.items()}
    return [_expanded(one) for one in value] if isinstance(value, list) else value
