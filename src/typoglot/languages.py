"""The languages the harness speaks of: code, English name and script. Knows nothing of texts."""

from __future__ import annotations

from enum import Enum


class Language(Enum):
    """A language code as MKQA, XOR-TyDi and XQuAD write it; those that only LibreOffice's help has, in the same way.

    An Enum, because YAML reads a bare `no` as false: as text the mistake would pass in silence.
    `zh` is XQuAD's and mini's simplified Chinese, which MKQA calls `zh_cn`. Where a language's other variants have
    codes of their own, the bare one is LibreOffice's: `en` American, `pt` European.
    """

    ar = "ar"
    bn = "bn"
    ca = "ca"
    cs = "cs"
    da = "da"
    de = "de"
    dz = "dz"
    el = "el"
    en = "en"
    en_gb = "en_gb"
    es = "es"
    et = "et"
    eu = "eu"
    fi = "fi"
    fr = "fr"
    gl = "gl"
    he = "he"
    hi = "hi"
    hu = "hu"
    id = "id"
    it = "it"
    ja = "ja"
    km = "km"
    ko = "ko"
    ms = "ms"
    nl = "nl"
    no = "no"
    om = "om"
    pl = "pl"
    pt = "pt"
    pt_br = "pt_br"
    ro = "ro"
    ru = "ru"
    sl = "sl"
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
    "ar": "Arabic", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "dz": "Dzongkha", "el": "Greek", "en": "English", "en_gb": "English (British)", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fi": "Finnish", "fr": "French", "gl": "Galician", "he": "Hebrew",
    "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "km": "Khmer",
    "ko": "Korean", "ms": "Malay", "nl": "Dutch", "no": "Norwegian", "om": "Oromo", "pl": "Polish",
    "pt": "Portuguese", "pt_br": "Portuguese (Brazilian)", "ro": "Romanian", "ru": "Russian", "sl": "Slovenian",
    "sv": "Swedish", "te": "Telugu", "th": "Thai", "tr": "Turkish", "vi": "Vietnamese", "zh": "Chinese",
    "zh_cn": "Chinese (simplified)", "zh_hk": "Chinese (Hong Kong)", "zh_tw": "Chinese (traditional)",
}  # fmt: skip

_SCRIPTS = {
    "ar": ("Arabic",), "bn": ("Bengali",), "dz": ("Tibetan",), "el": ("Greek",), "he": ("Hebrew",),
    "hi": ("Devanagari",), "ja": ("Hiragana", "Katakana", "Han"), "km": ("Khmer",), "ko": ("Hangul",),
    "ru": ("Cyrillic",), "te": ("Telugu",), "th": ("Thai",), "zh": ("Han",), "zh_cn": ("Han",),
    "zh_hk": ("Han",), "zh_tw": ("Han",),
}  # fmt: skip
