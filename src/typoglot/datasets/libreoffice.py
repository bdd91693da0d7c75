"""LibreOffice's help, a language at a time: as an installed LibreOffice has it, or in Debian's packages.

A language has an index, bookmarks.js, and pages, text/**/*.html. Packages (libreoffice-help-XX, .deb) are downloaded
by this machine's apt-get and read as they are. Knows where the files are; knows nothing of what is in them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from typoglot.datasets.debian import files_in
from typoglot.errors import ConfigError, DataError, OutputError
from typoglot.files import files_below, make_folder
from typoglot.lines import decode_lines, read_lines
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

INDEX = "bookmarks.js"
FOLDERS = {
    code: {"en": "en-US", "en_gb": "en-GB", "pt_br": "pt-BR", "zh_cn": "zh-CN", "zh_tw": "zh-TW"}.get(code, code)
    for code in (
        "ca", "cs", "da", "de", "dz", "el", "en", "en_gb", "es", "et", "eu", "fi", "fr", "gl", "hi", "hu", "id", "it",
        "ja", "km", "ko", "nl", "om", "pl", "pt", "pt_br", "ru", "sl", "sv", "tr", "vi", "zh_cn", "zh_tw",
    )
}  # fmt: skip
"""The folder of each language's help. Slovak is not there: its package is a link to the Czech pages."""


class Files:
    """The files of one language, in a folder `XX` of the folder that is given, or in a package there.

    Raises:
        DataError: it has neither.
    """

    def __init__(self, folder: Path, language: str) -> None:
        self._packed: dict[str, bytes] = {}
        home = _home(folder, language)
        if home is None:
            expected = f"{FOLDERS[language]}/{INDEX} or {_package(language)}_*.deb is expected; fetch the language"
            raise DataError(folder, None, f"no help in '{language}'", expected)
        self._unpacked = home
        if home == folder / FOLDERS[language]:
            return
        own = re.compile(rf"usr/share/libreoffice/help/{FOLDERS[language]}/({re.escape(INDEX)}|text/.+\.html)")
        self._packed = files_in(home, lambda name: found[1] if (found := own.fullmatch(name)) else None)

    def place(self, name: str) -> Path:
        """What messages call a file."""
        return self._unpacked / name

    def names(self) -> list[str]:
        """The files there are, e.g. `text/swriter/guide/indenting.html`."""
        if self._packed:
            return sorted(self._packed)
        found = [self._unpacked / INDEX, *(self._unpacked / "text").rglob("*.html")]
        return sorted(path.relative_to(self._unpacked).as_posix() for path in found)

    def lines(self, name: str) -> Iterator[tuple[int, str]]:
        """The numbered lines of a file; raises as `lines.read_lines` does."""
        if not self._packed:
            return read_lines(self.place(name))
        if name not in self._packed:
            raise DataError(self.place(name), None, "is not in the package", "take all languages from one release")
        return decode_lines(self.place(name), self._packed[name].splitlines(keepends=True))


def present(folder: Path) -> list[str]:
    """The languages that the folder has."""
    return [language for language in FOLDERS if _home(folder, language)]


def opened(folder: Path, language: str) -> list[Path]:
    """The files that the language's `Files` may open: its package; or its index and its pages, behind links too."""
    home = _home(folder, language)
    if home is None:
        return []
    if home != folder / FOLDERS[language]:
        return [home]
    return [home / INDEX, *(file for file in files_below(home / "text") if file.name.endswith(".html"))]


def all_opened(folder: Path) -> list[Path]:
    """As `opened`, of every language."""
    return [path for language in FOLDERS for path in opened(folder, language)]


def languages_of(names: Iterable[str]) -> list[str]:
    """The languages whose packages or pages have these names, below the folder.

    >>> languages_of(["libreoffice-help-pt-br_1_all.deb", "de/bookmarks.js"])
    ['de', 'pt_br']
    """
    firsts = {name.partition("/")[0].partition("_")[0] for name in names}
    return [language for language, home in FOLDERS.items() if {home, _package(language)} & firsts]


def _home(folder: Path, language: str) -> Path | None:
    """Where the language's help is in the folder: its folder, or its package; None: nowhere."""
    unpacked = folder / FOLDERS[language]
    return unpacked if (unpacked / INDEX).exists() else _package_in(folder, language)


def fetch(languages: Sequence[str] | None, folder: Path) -> None:
    """Downloads the packages of these languages (None: all that Debian has) and of English into the folder.

    They come from where this machine's apt has its packages, which checks them; no root is needed. What the folder
    has already stays as it is.

    Raises:
        ConfigError: there is no help in a language, or no apt-get on this machine.
        DataError: a package cannot be had.
        OutputError: the disk refused the write.
    """
    wanted = list(FOLDERS) if languages is None else list(dict.fromkeys(["en", *languages]))
    unknown = [language for language in wanted if language not in FOLDERS]
    if unknown:
        raise ConfigError([f"libreoffice_help: has no {', '.join(unknown)}; choose among {', '.join(FOLDERS)}."])
    for left in make_folder(folder).glob(f"{_APT}*"):
        shutil.rmtree(left, ignore_errors=True)  # of a fetch that was killed
    here = present(folder)
    missing = [language for language in wanted if language not in here]
    if missing:
        with tempfile.TemporaryDirectory(dir=folder, prefix=_APT) as place:
            _download([_package(language) for language in missing], Path(place))
            for language in missing:
                _take(Path(place), language, folder)


_APT = ".apt."  # begins the names of the folders that apt-get fills


def _package(language: str) -> str:
    return f"libreoffice-help-{FOLDERS[language].lower()}"


def _package_in(folder: Path, language: str) -> Path | None:
    """The package of a language in the folder; of several, the last by name."""
    return max(folder.glob(f"{_package(language)}_*.deb"), default=None)


def _take(source: Path, language: str, folder: Path) -> None:
    package = _package_in(source, language)
    if package is None:
        raise DataError(source, None, f"apt-get brought no {_package(language)}", "fetch again")
    try:
        package.replace(folder / package.name)
    except OSError as error:
        raise OutputError(f"Cannot write '{folder / package.name}' ({error.strerror}): make room there.") from error


def _download(packages: Sequence[str], folder: Path) -> None:
    """Downloads packages; apt-get checks them against the signed lists of its sources."""
    say(f"apt-get download {' '.join(packages)}")
    command = ["apt-get", "--quiet", "--quiet", "download", *packages]
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        fault = "libreoffice_help: no apt-get on this machine; put packages libreoffice-help-*.deb into a folder, or "
        raise ConfigError([fault + "give benchmark.path the help folder of an installed LibreOffice."]) from None
    if done.returncode:
        told = next((line for line in done.stderr.splitlines() if line.startswith("E:")), "it says nothing")
        raise DataError("apt-get download", None, told, "run `apt-get update` as root, or correct apt's sources")
