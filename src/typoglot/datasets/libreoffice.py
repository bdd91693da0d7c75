"""LibreOffice's help in a folder: from Debian's packages libreoffice-help-XX, downloaded by apt-get or lying there.

The folder becomes what an installed LibreOffice has as /usr/share/libreoffice/help: XX/bookmarks.js, the index, and
XX/text/**/*.html, the pages. Knows where they come from; knows nothing of what is in them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from typoglot.datasets.debian import unpack
from typoglot.errors import ConfigError, DataError
from typoglot.files import atomic_text, make_folder, sha256
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

INDEX = "bookmarks.js"
PACKAGE = "package.json"  # names the package that a language was unpacked from
FOLDERS = {
    code: {"en": "en-US", "en_gb": "en-GB", "pt_br": "pt-BR", "zh_cn": "zh-CN", "zh_tw": "zh-TW"}.get(code, code)
    for code in (
        "ca", "cs", "da", "de", "dz", "el", "en", "en_gb", "es", "et", "eu", "fi", "fr", "gl", "hi", "hu", "id", "it",
        "ja", "km", "ko", "nl", "om", "pl", "pt", "pt_br", "ru", "sl", "sv", "tr", "vi", "zh_cn", "zh_tw",
    )
}  # fmt: skip
"""The folder of each language's help. Slovak is not there: its package is a link to the Czech pages."""


def fetch(languages: Sequence[str] | None, folder: Path) -> None:
    """Unpacks the help of these languages (None: all that Debian has) and of English into the folder.

    A language that is there stays as it is. Packages (.deb) that lie in the folder are taken; the others are
    downloaded from where this machine's apt gets its packages, and checked by it. No root is needed.

    Raises:
        ConfigError: there is no help in a language, or no apt-get on this machine.
        DataError: a package cannot be had, or is broken.
        OutputError: the disk refused the write.
    """
    wanted = list(FOLDERS) if languages is None else list(dict.fromkeys(["en", *languages]))
    unknown = [language for language in wanted if language not in FOLDERS]
    if unknown:
        raise ConfigError([f"--languages {', '.join(unknown)}: has no help; choose among {', '.join(FOLDERS)}."])
    make_folder(folder)
    missing = [code for code in wanted if not (folder / FOLDERS[code] / INDEX).exists()]
    lying = {code: package for code in missing if (package := _lying(folder, code))}
    for code, package in lying.items():
        _unpack(package, folder, code)
    rest = [code for code in missing if code not in lying]
    if rest:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".apt.") as place:
            _download([_package(code) for code in rest], Path(place))
            for code in rest:
                if (package := _lying(Path(place), code)) is None:
                    raise DataError(place, None, f"apt-get brought no {_package(code)}", "fetch again")
                _unpack(package, folder, code)


def _package(code: str) -> str:
    return f"libreoffice-help-{FOLDERS[code].lower()}"


def _lying(folder: Path, code: str) -> Path | None:
    """The package of a language in the folder; of several, the last by name."""
    return max(folder.glob(f"{_package(code)}_*.deb"), default=None)


def _download(packages: Sequence[str], folder: Path) -> None:
    """Downloads packages; apt-get checks them against the signed lists of its sources."""
    say(f"apt-get download {' '.join(packages)}")
    command = ["apt-get", "--quiet", "--quiet", "download", *packages]
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        fault = "libreoffice_help: no apt-get on this machine; put packages libreoffice-help-*.deb into the folder, or "
        raise ConfigError([fault + "give benchmark.path the help folder of an installed LibreOffice."]) from None
    if done.returncode:
        told = next((line for line in done.stderr.splitlines() if line.startswith("E:")), "it says nothing")
        raise DataError("apt-get download", None, told, "run `apt-get update` as root, or correct apt's sources")


def _unpack(package: Path, folder: Path, code: str) -> None:
    own = re.compile(rf"usr/share/libreoffice/help/{FOLDERS[code]}/({re.escape(INDEX)}|text/[\w./-]+\.html)", re.ASCII)

    def place(name: str) -> str | None:
        found = own.fullmatch(name)
        return found[1] if found and ".." not in name.split("/") else None

    number = unpack(package, folder / FOLDERS[code], place)
    made = {"package": package.name, "sha256": sha256(package)}
    with atomic_text(folder / FOLDERS[code] / PACKAGE) as out:
        out.write(json.dumps(made) + "\n")
    say(f"{code}: {number:,} files of {package.name}")
