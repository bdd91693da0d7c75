"""Pairs of texts, one misspelt and one right, to pairs of words. Knows no corpus, no keyboard and no profile.

What a writer and a corrector disagree about is not all spelling: `misspellings` leaves out grammar, wording and the
like, and counts what it left out. Texts of scripts without spaces between words have to come as single words.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import regex
from rapidfuzz.distance import OSA, Levenshtein

from typoglot.typos.casing import lower

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

GAP = 0.6  # cost of a word left out or put in; two cost more than any substitution: a replaced word is one difference
BREAK = 0.15  # cost of a boundary between words lost or gained
CLOSE = 0.34  # words joined or split may differ by this share of their letters as well
FAR = 0.4  # another word: more than this share of the letters differ, and more than
NEAR = 2  # letters
STRETCHED = 2  # a letter repeated this many times more than in the right word was held down for emphasis
STEM = 4  # fewest letters before an ending: a slip behind "the" (ther) is likelier than a form of it
OVERLOOKED = 5  # a word corrected this many times as often as it was left alone is none
STEPS = ((1, 1), (1, 0), (0, 1), (2, 1), (1, 2), (3, 1), (1, 3))  # words of the right text that meet words of the wrong

_APOSTROPHE = regex.compile(r"(?<=[\p{L}\p{N}]\s?)[’ʼ`´′](?=\p{L})")
_CLITIC = regex.compile(r"(?i)(?<=\p{L}) (?=(?:n't|'(?:s|re|ve|ll|d|m))(?![\p{L}\p{M}]))")  # as treebanks part them
_LETTERS, _JOINER = r"[\p{L}\p{M}\p{N}\u200c\u200d]+", r"['\-‐‑·׳״]"
_WORD = regex.compile(rf"{_LETTERS}(?:{_JOINER}{_LETTERS})*")
_INNER = regex.compile(_JOINER)
_MARKS = regex.compile(r"\p{Inherited}+")  # not \p{M}: vowel signs of Indic scripts and Thai are no diacritics
_STROKED = str.maketrans("đøłħŧı", "dolhti")  # letters with a mark that Unicode does not take apart
_NUMBER = regex.compile(r"\p{N}")
_RUN = regex.compile(r"(\p{L})\1*")


class WordPair(NamedTuple):
    """A word and another form of it, in NFC. One of them has a space in it where a word was split or two were joined.

    >>> WordPair(right="a lot", wrong="alot").wrong
    'alot'
    """

    right: str
    wrong: str


class Rules(NamedTuple):
    """What a language counts as no misspelling.

    A form made by adding one of the endings to a word is grammar; spellings that the variants (pattern and
    replacement, in NFD) make equal are both right. Where real words are kept, a wrong form may be a word, and nothing
    is taken for grammar.
    """

    endings: tuple[str, ...] = ()
    variants: tuple[tuple[str, str], ...] = ()
    real_words: bool = False


BRITISH = (  # rewritten as American
    (r"(?<=arb|arm|behavi|clam|col|endeav|fav|flav|glam|harb|hon|hum|lab|neighb|od|parl|rig|rum|sav|savi|tum|vap)our",
     "or"),
    (r"(?<=\p{L}\p{L}[^aeiouw])(?<!advert|comprom|compr|conc|de?sp|exerc|expert|franch|merchand|parad|prec|prem|prom"
     r"|surpr|enterpr|superv|telev|improv|adv|rev|dev)is(?=e[drs]?$|ers$|ing$|ations?$|able$)", "iz"),
    (r"(?<=anal|catal|paral)ys(?=e|ing)", "yz"),
    (r"(?<=cancel|channel|counsel|dial|fuel|label|level|marvel|model|quarrel|signal|total|travel)l(?=e[dr]|ing)", ""),
    (r"(?<=\b(?:cent|fib|lit|theat|(?:kilo|centi|milli)?met))re(?=s?$)", "er"),
    (r"(?<=\b(?:def|lic|off|pret))ence", "ense"),
    (r"(?<=cyclop|orthop|\bp)ae(?=d)|(?<=\barch)ae", "e"),
    (r"(?<=\b(?:cata|dia|ana)log)ue|(?<=\bprogram)me(?=s?$)|(?<=\b(?:ag|judg))e(?=ing$|ment)", ""),
    (r"(?<=\bgr)e(?=y)", "a"),
)  # fmt: skip
_TONE = "[\u0300\u0301\u0303\u0309\u0323]"
RULES = {
    "en": Rules(("s", "es", "ed", "d", "ing", "ly", "er", "r", "'s"), BRITISH),
    "ru": Rules(variants=(("\u0435\u0308", "\u0435"),)),  # ё is mostly written е
    "vi": Rules(
        variants=(  # mỹ and mĩ, quý and quí, hoà and hòa, thuỷ and thủy are disputed, not misspelt
            (rf"(?<=\b(?:[hklmst]|qu))y(?={_TONE}?$)", "i"),
            (rf"(?<=o)([ae])({_TONE})$|(?<=(?<!q)u)(y)({_TONE})$", r"\2\4\1\3"),
        ),
        real_words=True,  # nearly every misspelt syllable is another syllable
    ),
}


def words(text: str) -> list[str]:
    """The words of a text in NFC, without its punctuation; what a treebank parted is put together again.

    >>> words("I do n't know : it’s a T-shirt .")
    ['I', "don't", 'know', "it's", 'a', 'T-shirt']
    """
    plain = _APOSTROPHE.sub("'", unicodedata.normalize("NFC", text))
    return [match[0] for match in _WORD.finditer(_CLITIC.sub("", plain))]


def align(right: str, wrong: str) -> list[WordPair]:
    """The words in which two texts of one sentence differ by more than case; words left out or put in are no pairs.

    >>> align("There are a lot of problems.", "Ther are alot of problemes")
    [WordPair(right='There', wrong='Ther'), WordPair(right='a lot', wrong='alot'), WordPair(right='problems', \
wrong='problemes')]
    """
    return [
        WordPair(" ".join(meant), " ".join(written))
        for meant, written in _differences(words(right), words(wrong))
        if meant and written and len(meant) + len(written) <= 3 and _fold(meant) != _fold(written)
    ]


def known_words(texts: Iterable[tuple[str, str]], language: str = "") -> frozenset[str]:
    """The lower-case words of the right texts, but for those that a corrector overlooked now and then.

    >>> sorted(known_words([("very good", "verry good"), ("very", "very")]))
    ['good', 'very']
    """
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for text, misspelt in texts:
        right.update(lower(word, language) for word in words(text))
        wrong.update(lower(pair.wrong, language) for pair in align(text, misspelt))
    return frozenset(word for word in right if right[word] * OVERLOOKED > wrong[word])


def misspellings(
    texts: Iterable[tuple[str, str]],
    vocabulary: Collection[str],
    *,
    language: str = "",
    real_words: bool | None = None,
) -> tuple[list[WordPair], Counter[str]]:
    """The misspellings in pairs of (right, wrong) texts, in lower case, and counts of what was left out.

    Counted by text: "same" where nothing differs, "punctuation" where no word does. By word: "case"; "variant", both
    spellings are right; "number", it has digits; "stretched", letters repeated for emphasis; "wording", another word,
    or one too many or missing; "grammar", another form of the word, or another word of the vocabulary.

    A pair that differs in nothing but diacritics, hyphens and apostrophes is always a misspelling.

    Args:
        texts: (right, wrong) sentences or single words.
        vocabulary: words known to be right, in lower case, as of `known_words`.
        language: chooses the rules; a language without any has no endings and no variants.
        real_words: keeps misspellings that are words, as where every error was marked by hand; else the language says.

    >>> texts = [("I believe that.", "I beleive that!"), ("some information", "some informations"), ("then", "than")]
    >>> pairs, left_out = misspellings(texts, {"information", "then", "than"}, language="en")
    >>> pairs, sorted(left_out.items())
    ([WordPair(right='believe', wrong='beleive')], [('grammar', 2)])
    """
    rules = RULES.get(language, Rules())
    if real_words is not None:
        rules = rules._replace(real_words=real_words)
    vocabulary = frozenset(vocabulary)
    found: list[WordPair] = []
    left_out: Counter[str] = Counter()
    for right, wrong in texts:
        differences = _differences(words(right), words(wrong))
        if not differences:
            left_out["same" if right == wrong else "punctuation"] += 1
        for meant, written in differences:
            pair = _without_genitive(WordPair(*(lower(" ".join(side), language) for side in (meant, written))))
            if reason := _objection(pair, vocabulary, rules):
                left_out[reason] += 1
            else:
                found.append(pair)
    return found, left_out


def _objection(pair: WordPair, vocabulary: frozenset[str], rules: Rules) -> str | None:
    """Why the pair is no misspelling, or None."""
    right, wrong = pair
    if not right or not wrong or right.count(" ") + wrong.count(" ") > 1:
        return "wording"
    if right == wrong:
        return "case"
    if _normal_spelling(right, rules) == _normal_spelling(wrong, rules):
        return "variant"
    if _NUMBER.search(right + wrong):
        return "number"
    if _longest_run(wrong) >= _longest_run(right) + STRETCHED:
        return "stretched"
    if _INNER.sub("", _bare(right)) == _INNER.sub("", _bare(wrong)):
        return None
    if _is_far(_bare(right), _bare(wrong)):
        return "wording"
    # A split or a joint is spelling even where it gives words: "what ever", "maybe".
    is_grammar = not rules.real_words and " " not in right + wrong and _is_form(pair, vocabulary, rules)
    return "grammar" if is_grammar else None


def _is_far(right: str, wrong: str) -> bool:
    """Whether the bare words are too unlike for one to be meant by the other; ñ for não is an abbreviation."""
    distance = OSA.distance(right, wrong)
    shorter, longer = sorted((len(right), len(wrong)))
    return distance > max(NEAR, FAR * len(right)) or distance > shorter or distance >= longer


def _is_form(pair: WordPair, vocabulary: frozenset[str], rules: Rules) -> bool:
    """Whether the wrong word is a word, or made by an ending of which the right word shows no trace.

    stoped and childs both end as stop and child would, but only stopped ends alike: childs is grammar.
    """
    right, wrong = pair
    added = [end for end in rules.endings if wrong.endswith(end) and len(wrong) >= len(end) + STEM]
    return wrong in vocabulary or any(wrong.removesuffix(end) in vocabulary and right[-1] != end[-1] for end in added)


def _without_genitive(pair: WordPair) -> WordPair:
    both = all(word.endswith("'s") for word in pair)
    return WordPair(*(word.removesuffix("'s") for word in pair)) if both else pair


def _normal_spelling(word: str, rules: Rules) -> str:
    word = unicodedata.normalize("NFD", word)
    for pattern, replacement in rules.variants:
        word = str(regex.sub(pattern, replacement, word))
    return word


def _longest_run(word: str) -> int:
    return max((len(run[0]) for run in _RUN.finditer(word)), default=0)


def _bare(word: str) -> str:
    """The word without diacritics."""
    return str(_MARKS.sub("", unicodedata.normalize("NFD", word))).translate(_STROKED)


def _fold(side: Sequence[str]) -> str:
    return " ".join(side).lower()  # not casefold, to which Strasse and Straße are equal


def _differences(right: Sequence[str], wrong: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What stands in one text where something else stands in the other, in order."""
    meant, written = ([_INNER.sub("", word).lower() for word in side] for side in (right, wrong))
    sides = ((tuple(right[a:b]), tuple(wrong[c:d])) for a, b, c, d in _meetings(meant, written))
    return [(one, other) for one, other in sides if one != other]


def _meetings(right: list[str], wrong: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """What meets what, as bounds in both texts: equal words each other, and between them as `_steps` finds best."""
    i = j = 0
    for block in Levenshtein.opcodes(right, wrong).as_matching_blocks():  # the last is empty and ends both texts
        for a, b, c, d in _steps(right[i : block.a], wrong[j : block.b]):
            yield i + a, i + b, j + c, j + d
        i, j = block.a + block.size, block.b + block.size
        for k in range(block.size, 0, -1):
            yield i - k, i - k + 1, j - k, j - k + 1


def _steps(right: list[str], wrong: list[str]) -> list[tuple[int, int, int, int]]:
    """The cheapest way through two texts, as bounds in both. Among equals, the first of STEPS wins."""
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for i in range(len(right) + 1):
        for j in range(len(wrong) + 1):
            ways = [
                (best[i - m, j - n][0] + _cost(right[i - m : i], wrong[j - n : j]), (m, n))
                for m, n in STEPS
                if m <= i and n <= j
            ]
            if ways:
                best[i, j] = min(ways, key=lambda way: way[0])
    i, j = len(right), len(wrong)
    steps = []
    while i or j:
        m, n = best[i, j][1]
        steps.append((i - m, i, j - n, j))
        i, j = i - m, j - n
    return steps[::-1]


def _cost(right: list[str], wrong: list[str]) -> float:
    """Of these words meeting those: 0 for equal words, infinite for those that are no joint or split of each other."""
    if not right or not wrong:
        return GAP
    if len(right) == len(wrong):
        return OSA.normalized_distance(right[0], wrong[0])
    one, parts = (right[0], wrong) if len(right) == 1 else (wrong[0], right)
    joined = "".join(parts)
    apart = OSA.distance(one, joined)
    # "in London" is no split of "London": the longest part must not explain the word better than the whole.
    if apart > CLOSE * len(joined) or apart >= OSA.distance(one, max(parts, key=len)):
        return float("inf")
    return BREAK * (len(parts) - 1) + apart / len(joined)
