"""The languages the harness speaks of: code, English name and script. Knows nothing of texts."""

from __future__ import annotations

from enum import Enum


class Language(Enum):
    """A language code as MKQA, XOR-TyDi and XQuAD write it.

    An Enum, because YAML reads a bare `no` as false: as text the mistake would pass in silence.
    `zh` is XQuAD's and mini's simplified Chinese, which MKQA calls `zh_cn`.
    """

    ar = "ar"
    bn = "bn"
    da = "da"
    de = "de"
    el = "el"
    en = "en"
    es = "es"
    fi = "fi"
    fr = "fr"
    he = "he"
    hi = "hi"
    hu = "hu"
    it = "it"
    ja = "ja"
    km = "km"
    ko = "ko"
    ms = "ms"
    nl = "nl"
    no = "no"
    pl = "pl"
    pt = "pt"
    ro = "ro"
    ru = "ru"
    sv = "sv"
    te = "te"
    th = "th"
    tr = "tr"
    vi = "vi"
    zh = "zh"
    zh_cn = "zh_cn"
    zh_hk = "zh_hk"
    zh_tw = "zh_tw"

    @property
    def english_name(self) -> str:
        """The name in English, e.g. `Telugu`."""
        return _NAMES[self.value]

    @property
    def scripts(self) -> tuple[str, ...]:
        """The Unicode script names its words are written in, the commonest first."""
        return _SCRIPTS.get(self.value, ("Latin",))

    @property
    def locale(self) -> str:
        """The ICU locale whose word boundaries fit, e.g. `zh_TW`."""
        base, _, region = self.value.partition("_")
        return f"{base}_{region.upper()}" if region else base


_NAMES = {
    "ar": "Arabic", "bn": "Bengali", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "it": "Italian", "ja": "Japanese", "km": "Khmer", "ko": "Korean", "ms": "Malay", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sv": "Swedish", "te": "Telugu", "th": "Thai", "tr": "Turkish", "vi": "Vietnamese", "zh": "Chinese",
    "zh_cn": "Chinese (simplified)", "zh_hk": "Chinese (Hong Kong)", "zh_tw": "Chinese (traditional)",
}  # fmt: skip

_SCRIPTS = {
    "ar": ("Arabic",), "bn": ("Bengali",), "el": ("Greek",), "he": ("Hebrew",), "hi": ("Devanagari",),
    "ja": ("Hiragana", "Katakana", "Han"), "km": ("Khmer",), "ko": ("Hangul",), "ru": ("Cyrillic",),
    "te": ("Telugu",), "th": ("Thai",), "zh": ("Han",), "zh_cn": ("Han",), "zh_hk": ("Han",), "zh_tw": ("Han",),
}  # fmt: skip
