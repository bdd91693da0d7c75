"""How a tokenizer cut misspelt queries, beside what was lost. Knows a run's per-query table only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typoglot.measures import intervals
from typoglot.report.folders import PIECES
from typoglot.report.groups import own_queries

if TYPE_CHECKING:
    import polars as pl

    from typoglot.report.groups import Row

BINS = ((0, "0"), (1, "1"), (2, "2"), (3, "3–4"), (5, "5–8"), (9, "9+"))
"""The least number of edited pieces of each bin, and its name."""
REPLICATES = 1_000
RARE = 5  # queries: a bin of fewer has no interval that says anything


def fragments(row: Row, measure: str) -> dict[str, Any] | None:
    """By language at the highest rate, and by the number of edited pieces at all rates above 0: what was lost.

    Returns:
        `rate`; `languages`: code, more pieces (share), unknown pieces (share), truncated queries (share), loss;
        `bins`: name, queries, loss, low, high. None where the run has no such columns, no clean queries, or no typos.
    """
    import polars as pl

    frame = own_queries(row)
    rates = sorted(frame["rate"].unique())
    if not set(PIECES) <= set(frame.columns) or measure not in frame.columns or rates[0] > 0 or len(rates) < 2:
        return None
    clean = frame.filter(pl.col("rate") == 0).select("query", clean=pl.col(measure), whole=pl.col("pieces"))
    noisy = frame.filter(pl.col("rate") > 0).join(clean, on="query")
    lost = noisy.with_columns(loss=pl.col("clean") - pl.col(measure))
    worst = lost.filter(pl.col("rate") == rates[-1]).group_by("language").agg(
        more=pl.col("pieces").sum() / pl.col("whole").sum() - 1,
        unknown=pl.col("unknown").sum() / pl.col("pieces").sum(),
        truncated=(pl.col("truncated") > 0).mean(),
        loss=pl.col("loss").mean(),
    )  # fmt: skip
    languages = [[_rounded(value) for value in one] for one in worst.sort("language").iter_rows()]
    return {"rate": rates[-1], "languages": languages, "bins": _bins(lost, f"{row.label}|{measure}")}


def _bins(lost: pl.DataFrame, name: str) -> list[list[Any]]:
    import polars as pl

    found = []
    for (least, label), (above, _) in zip(BINS, [*BINS[1:], (1 << 30, "")], strict=True):
        own = lost.filter(pl.col("token_edits").is_between(least, above - 1)).sort("query", "rate", "draw")
        if len(own) >= RARE:
            scores = own["loss"].cast(pl.Float64).to_numpy()[:, None]
            (loss,) = intervals(scores, own["parallel_id"].to_list(), REPLICATES, f"{name}|{label}")
            found.append([label, len(own), *map(_rounded, loss)])
    return found


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
