"""What a comparison of runs found, to tables and sentences. Knows the numbers only, not how they were got."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.table import Table

from typoglot.results import POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot.measures import Difference, Interaction, Interval, Robustness


class Compared(NamedTuple):
    """Two systems at one rate, on the queries of one language: A - B, and its p corrected for the family.

    `trainings`: whether all but `p` and the effect speak of other trainings too, not only of other questions and slips.
    """

    a: str
    b: str
    language: str
    n: int
    questions: int
    value_a: Interval
    value_b: Interval
    difference: Difference
    p_corrected: float
    trainings: bool = False


class Interacted(NamedTuple):
    """Whether A loses less than B, on the queries of one language, and its p corrected for the family."""

    a: str
    b: str
    language: str
    interaction: Interaction
    p_corrected: float
    trainings: bool = False


class Curved(NamedTuple):
    """The robustness of one system on the queries of one language."""

    run: str
    language: str
    robustness: Robustness


class Told(NamedTuple):
    """What every title and sentence names: the measure, the rate compared, and the family's correction and level."""

    measure: str
    rate: float
    correction: str
    level: float


class Comparison(NamedTuple):
    """All that was found, and what to bear in mind. `slope` of the curves is told for one `step` of rate."""

    told: Told
    step: float
    compared: list[Compared]
    interacted: list[Interacted]
    curved: list[Curved]
    notes: list[str]

    @property
    def sentences(self) -> list[str]:
        """The pooled findings in plain words (of one language, if there is only one)."""
        last = (self.interacted or self.compared)[-1].language
        answers = [interaction_sentence(row, self.told) for row in self.interacted if row.language == last]
        return [compared_sentence(row, self.told) for row in self.compared if row.language == last] + answers

    def as_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists; what is not defined, or infinite, is null."""
        found: dict[str, Any] = plain_json(self)
        return {**found, "sentences": self.sentences}


CORRECTED = {"holm": "Holm-corrected p", "bh": "Benjamini-Hochberg-corrected p", "none": "uncorrected p"}
CLAIM = 0.05


def comparison_tables(found: Comparison) -> list[Table]:
    """A table for each pair of systems; then, where it was asked, one of their losses; then the curves' numbers."""
    pairs = list(dict.fromkeys((row.a, row.b) for row in found.compared))
    tables = [compared_table([row for row in found.compared if (row.a, row.b) == pair], found.told) for pair in pairs]
    for pair in pairs if found.interacted else ():
        rows = [row for row in found.interacted if (row.a, row.b) == pair]
        tables += [interaction_table(rows, found.told), scales_table(rows, found.told)]
    return tables + ([robustness_table(found.curved, found.told, found.step)] if found.curved else [])


def compared_table(rows: Sequence[Compared], told: Told) -> Table:
    """One pair of systems, a row a language: scores and difference in points, tests, effect, counts."""
    title = f"{told.measure} at rate {told.rate:g}: A = {rows[0].a}, B = {rows[0].b}; in %, differences in points"
    names = ("language", "n", "A", "B", "A − B", "p", "p corr.", "t", "p of t", "d", "A>B", "B>A", "MDD")
    table = empty_table(title, names)
    table.caption = (
        f"p: randomisation test over questions; p corr.: {told.correction} over all pairs and languages; d: Cohen's "
        f"d_z; MDD: detectable with a power of 80 % at level {told.level:.2g}; A>B: queries on which A scores higher. "
        f"{_covered(rows[0].trainings)}"
    )
    for row in rows:
        found = row.difference
        table.add_row(
            row.language, str(row.n), _percent(row.value_a.value), _percent(row.value_b.value), _points(found),
            _p(found.p), _p(row.p_corrected), _plain(found.t), _p(found.p_t), _plain(found.effect),
            str(found.better), str(found.worse), _percent(found.detectable), style=_style(row.language),
        )  # fmt: skip
    return table


def interaction_table(rows: Sequence[Interacted], told: Told) -> Table:
    """One pair of systems, a row a language: what each loses, and the difference in differences with its tests."""
    title = f"Loss of {told.measure} from clean to rate {told.rate:g}: A = {rows[0].a}, B = {rows[0].b}; in points"
    table = empty_table(
        title, ("language", "n", "clean A", "clean B", "loss A", "loss B", "A − B", "p", "p corr.", "d", "MDD")
    )
    table.caption = (
        f"A − B: negative where A loses less; p corr.: {told.correction} over all pairs and languages. "
        f"{_covered(rows[0].trainings)}"
    )
    for row in rows:
        found, tested = row.interaction, row.interaction.absolute
        scores = (found.clean_a, found.clean_b, found.loss_a, found.loss_b)
        table.add_row(
            row.language, str(found.n), *(_percent(score.value) for score in scores), _points(tested), _p(tested.p),
            _p(row.p_corrected), _plain(tested.effect), _percent(tested.detectable), style=_style(row.language),
        )  # fmt: skip
    return table


def scales_table(rows: Sequence[Interacted], told: Told) -> Table:
    """The same question on two other scales: shares of the clean score, and the queries that both find when clean."""
    title = f"The same as shares of the clean score, and on queries that both find: A = {rows[0].a}, B = {rows[0].b}"
    both = ("A − B where both find", "found by both", "p of found")
    table = empty_table(title, ("language", "share A", "share B", "A − B of shares", *both))
    table.caption = (
        f"In %, differences in points, negative where A loses less; found: {told.measure} above 0 when clean."
    )
    for row in rows:
        found = row.interaction
        table.add_row(
            row.language, _percent(found.relative_a.value), _percent(found.relative_b.value), _points(found.relative),
            _points(found.found) if found.found else "–", f"{found.n_found} of {found.n}",
            _p(found.found.p) if found.found else "–", style=_style(row.language),
        )  # fmt: skip
    return table


def robustness_table(rows: Sequence[Curved], told: Told, step: float) -> Table:
    """A row for each system and language: area, retained share, slope, rate of half loss, each with its interval."""
    names = ("run", "language", "area in %", "retained in %", f"points per {step:g} of rate", "rate of half loss")
    table = empty_table(f"Robustness of {told.measure}", names)
    table.caption = (
        "95 % bootstrap intervals over questions and slips, not over trainings; ∞: half of the clean score is lost at "
        "no rate that was tried."
    )
    for row in rows:
        numbers = row.robustness
        cells = (_points(numbers.area, sign=""), _points(numbers.retained, sign=""), _points(numbers.slope))
        half = f"{_plain(numbers.half.value)} [{_plain(numbers.half.low)}, {_plain(numbers.half.high)}]"
        table.add_row(row.run, row.language, *cells, half, style=_style(row.language))
    return table


def _covered(trainings: bool) -> str:
    """What chance the intervals and tests of a pair are about."""
    if trainings:
        return "Intervals, t, p corr. (of t) and MDD cover questions, slips and trainings; p: these very trainings."
    return "Intervals and tests cover questions and slips, not other trainings."


def empty_table(title: str, names: Sequence[str]) -> Table:
    """A table without rows: words to the left, numbers to the right; only a run's name may be broken, never away."""
    table = Table(title=title, title_justify="left", title_style="bold", caption_justify="left")
    for name in names:
        if name == "run":
            table.add_column(name, overflow="fold", min_width=12)
        else:
            table.add_column(name, justify="left" if name == "language" else "right", no_wrap=True)
    return table


def compared_sentence(row: Compared, told: Told) -> str:
    """The comparison in plain words."""
    found = row.difference
    where = f"At typo rate {told.rate:g}{_where(row.language)}, "
    evidence = _evidence(found, row, told)
    if row.p_corrected < CLAIM:
        first, second = (row.a, row.b) if found.value > 0 else (row.b, row.a)
        points, evidence = _percent(abs(found.value)), _evidence(_turned(found), row, told)
        return f"{where}{first} scores {points} points of {told.measure} more than {second} {evidence}."
    return (
        f"{where}no difference in {told.measure} between {row.a} and {row.b} is shown: {_signed(found.value)} points "
        f"{evidence}.{_missed(found)}"
    )


def interaction_sentence(row: Interacted, told: Told) -> str:
    """The answer to whether A loses less than B, in plain words."""
    found = row.interaction
    lost = (
        f"From clean to typo rate {told.rate:g}{_where(row.language)}, {row.a} loses {_percent(found.loss_a.value)} "
        f"points of {told.measure} and {row.b} {_percent(found.loss_b.value)}: "
    )
    evidence = _evidence(found.absolute, row, told)
    if row.p_corrected < CLAIM:
        less = "less" if found.absolute.value < 0 else "more"
        evidence = _evidence(_turned(found.absolute), row, told)
        lost += f"{row.a} loses {_percent(abs(found.absolute.value))} points {less} {evidence}."
    else:
        lost += f"that one loses less than the other is not shown {evidence}.{_missed(found.absolute)}"
    if not math.isnan(found.relative.value):
        shares = f"{_percent(found.relative_a.value)} % and {_percent(found.relative_b.value)} %"
        between = f"{_signed(found.relative.low)} to {_signed(found.relative.high)}"
        lost += f" As shares of their clean scores they lose {shares} (95 % interval of the difference {between})."
    if found.scales_disagree:
        lost += (
            " Points and shares point in opposite directions: who loses less depends on the scale, so no claim stands."
        )
    return lost


def _evidence(found: Difference, row: Compared | Interacted, told: Told) -> str:
    number = _p(row.p_corrected)
    relation = f"< {number[1:]}" if number.startswith("<") else f"= {number}"
    interval = f"{_signed(found.low)} to {_signed(found.high)}"
    over = " over questions and trainings" if row.trainings else ""
    return f"(95 % interval{over} {interval}; {CORRECTED[told.correction]} {relation})"


def _turned(found: Difference) -> Difference:
    """The same difference, told from the side of the larger."""
    if found.value >= 0:
        return found
    return found._replace(value=-found.value, low=-found.high, high=-found.low)


def _missed(found: Difference) -> str:
    if math.isnan(found.detectable):
        return ""
    return f" A difference under {_percent(found.detectable)} points would be missed more than one time in five."


def _where(language: str) -> str:
    return " over all languages" if language == POOLED else f" in '{language}'"


def _style(language: str) -> str:
    return "bold" if language == POOLED else ""


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


def _signed(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:+.1f}".replace("-", "−")


def _points(found: Interval | Difference, sign: str = "+") -> str:
    """A value in percent with the ends of its interval."""
    text = _signed if sign else _percent
    return f"{text(found.value)} [{text(found.low)}, {text(found.high)}]"


def _plain(value: float) -> str:
    if math.isinf(value):
        return "∞"
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def _p(value: float) -> str:
    if math.isnan(value):
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def plain_json(value: object) -> Any:
    """Named tuples as dictionaries; what is not defined, or infinite, as null."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: plain_json(own) for key, own in value._asdict().items()}
    if isinstance(value, list):
        return [plain_json(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
