"""The surface against fusing and sorting each point alone in fp64, and against ExactIndex."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from typoglot.config import Mixing
from typoglot.search import ExactIndex, HeldCorpus, Surface
from typoglot.search.lines import Cosines, Lines

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COUNTS = [1, 2, 5]
Seed = np.random.default_rng


class World(NamedTuple):
    corpus: HeldCorpus
    queries: NDArray[np.float32]


def world(seed: int, passages: int = 300, width: int = 8, *, exact: bool = False, dtype: type = np.float32) -> World:
    """Passages and generated queries of two languages near them; copies of both; some without generated queries.

    exact: all numbers are quarters, so that scores of the linear mixings are exact at α in quarters, and many tie.
    """
    rng = Seed(seed)
    plain = rng.integers(-3, 4, (passages, width)) / 4 if exact else rng.standard_normal((passages, width)) / width**0.5
    noise = rng.integers(-2, 3, (10, passages, width)) / 4 if exact else rng.standard_normal((10, passages, width)) / 4
    generated = np.cumsum(plain + noise, axis=0)
    generated[:, rng.random(passages) < 0.1] = 0
    copied = rng.integers(0, passages, passages // 4)
    copies = rng.integers(0, passages, passages // 4)
    plain[copies], generated[:, copies] = plain[copied], generated[:, copied]
    sums = {count: generated[2 * count - 1].astype(dtype) for count in COUNTS}
    sizes = {count: np.where((sums[count] == 0).all(1), 0, 2 * count) for count in COUNTS}
    ids = [str(number) for number in rng.permutation(passages)]
    queries = rng.integers(-3, 4, (7, width)) / 4 if exact else rng.standard_normal((7, width))
    return World(HeldCorpus(ids, plain.astype(dtype), sums, sizes), queries.astype(np.float32))


def mixed(corpus: HeldCorpus, count: int, alpha: float, mixing: Mixing) -> NDArray[np.float64]:
    """The judge's vectors, in fp64."""
    plain = corpus.passages.astype(np.float64)
    sums = corpus.sums[count].astype(np.float64) if count else np.zeros_like(plain)
    if count and mixing is Mixing.mean:
        sums = sums / np.maximum(corpus.sizes[count], 1)[:, None]
    vectors = (1 - alpha) * plain + alpha * sums
    if mixing is not Mixing.normalised:
        return vectors
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 1e-9, vectors / np.where(lengths > 1e-9, lengths, 1), 0)


def judged(scene: World, count: int, alpha: float, depth: int, mixing: Mixing) -> tuple[list[list[str]], NDArray]:
    """Fuse, score, round to fp32, sort by score and then id: ids and scores."""
    scores = (scene.queries.astype(np.float64) @ mixed(scene.corpus, count, alpha, mixing).T).astype(np.float32)
    orders = [
        sorted(range(len(row)), key=lambda place: (-row[place], scene.corpus.ids[place]))[:depth] for row in scores
    ]
    names = [[scene.corpus.ids[place] for place in order] for order in orders]
    return names, np.take_along_axis(scores, np.array(orders), axis=1)


def check(scene: World, surface: Surface, count: int, alpha: float) -> None:
    """Same ids in the same order; scores within 1e-5 of the largest."""
    names, scores = judged(scene, count, alpha, surface.depth, surface.mixing)
    ranking = surface.at(count, alpha)
    place = f"{surface.mixing.value} count {count} alpha {alpha}"

    assert [[scene.corpus.ids[position] for position in row] for row in ranking.positions] == names, place
    assert np.abs(ranking.scores - scores).max() <= 1e-5 * max(1e-30, np.abs(scores).max()), place


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that floors are raised, and tiles end unevenly, within corpora of a test's size."""
    for name, value in {"_TILE": 48, "_FIRST_TILE": 16, "_ROWS": 3, "_GROUP": 2}.items():
        monkeypatch.setattr(f"typoglot.search.screening.{name}", value)


# Against the judge


@pytest.mark.parametrize("mixing", list(Mixing))
@pytest.mark.parametrize("seed", range(5))
def test_random_points_are_what_fusing_and_sorting_finds(mixing: Mixing, seed: int) -> None:
    scene = world(seed)
    rng = Seed(seed)
    surface = Surface(scene.corpus, scene.queries, [0, *COUNTS], 20, mixing)

    for alpha in [0.0, 1.0, *rng.random(12)]:
        check(scene, surface, int(rng.choice([0, *COUNTS])), alpha)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [0, *COUNTS])
def test_ties_are_broken_by_id(seed: int, count: int) -> None:
    scene = world(seed, width=3, exact=True)  # few distinct scores: most passages tie with others
    surface = Surface(scene.corpus, scene.queries, [0, *COUNTS], 20)

    for alpha in (0.0, 0.25, 0.5, 0.75, 1.0):
        check(scene, surface, count, alpha)


@pytest.mark.parametrize("mixing", list(Mixing))
@pytest.mark.parametrize("block_size", [1, 17, 100, 1000])
def test_blocks_change_nothing(mixing: Mixing, block_size: int) -> None:
    scene = world(5, passages=60)
    surface = Surface(replace(scene.corpus, block_size=block_size), scene.queries, COUNTS, 10, mixing)

    for alpha in (0.0, 0.01, 0.3, 1.0):
        check(scene, surface, 2, alpha)


@pytest.mark.parametrize("mixing", list(Mixing))
@pytest.mark.parametrize("seed", range(3))
def test_negative_scores_are_ranked_like_others(mixing: Mixing, seed: int) -> None:
    rng = Seed(seed)
    plain, sums = (rng.exponential(size=(200, 8)).astype(np.float32) ** 2 for _ in range(2))
    plain[0] = sums[0] = 0  # the best of all
    corpus = HeldCorpus([str(place) for place in rng.permutation(200)], plain, {2: sums}, {2: np.full(200, 4)})
    scene = World(corpus, -rng.exponential(size=(9, 8)).astype(np.float32))
    surface = Surface(corpus, scene.queries, [2], 10, mixing)

    for alpha in (0.0, 0.02, 0.4, 0.6, 1.0):
        check(scene, surface, 2, alpha)


def test_a_mixture_may_face_a_query_that_both_its_parts_pass_by() -> None:
    rng = Seed(3)
    facing, aside = np.eye(2, 8)
    plain = rng.standard_normal((100, 8)) + 0.5 * facing
    sums = {1: plain + rng.standard_normal((100, 8)) / 4}
    plain[90], sums[1][90] = facing + 40 * aside, facing - 40 * aside
    corpus = HeldCorpus([str(place) for place in range(100)], plain.astype(np.float32), sums)
    scene = World(corpus, facing[None].astype(np.float32))
    surface = Surface(corpus, scene.queries, [1], 3, Mixing.normalised)

    assert surface.at(1, 0.5).positions[0, 0] == 90
    for alpha in (0.0, 0.5, 1.0):
        check(scene, surface, 1, alpha)


def test_where_all_scores_are_negative_a_turning_mixture_is_still_found() -> None:
    query = np.array([-0.6, -0.6, -np.sqrt(0.28)])
    side = np.array([1, -1, 0]) / np.sqrt(2)
    plain = np.tile(-0.7 * query + np.sqrt(0.51) * side, (60, 1))  # scores -0.7 at every alpha
    sums = plain.copy()
    plain[50], sums[50] = np.eye(3)[:2]  # -0.6, -0.85 half way, -0.6
    corpus = HeldCorpus([f"{place:02}" for place in range(60)], plain, {1: sums})
    surface = Surface(corpus, query[None].astype(np.float32), [1], 1, Mixing.normalised)

    assert [surface.at(1, alpha).positions.item() for alpha in (0.0, 0.5, 1.0)] == [50, 0, 50]


def test_a_negative_score_may_fall_below_both_its_ends() -> None:
    turning, steady = (-0.5, -0.5, 1.0, 0.0, 1.0), (-0.6, -0.6, 1.0, 1.0, 1.0)
    cosines = Cosines(*(np.array([pair]) for pair in zip(turning, steady, strict=True)))

    assert cosines.at(0.5)[0].tolist() == pytest.approx([-0.5 * np.sqrt(2), -0.6])
    assert cosines.reach(0.0, 1.0, 1, np.zeros(1)).mask.tolist() == [[True, True]]


def test_scores_too_small_for_fp32_tie() -> None:
    corpus = HeldCorpus(["c", "a", "b"], np.array([[1e-25], [-1e-25], [1e-25]], np.float32))
    surface = Surface(corpus, np.array([[1e-25]], np.float32), [0], 3)

    assert surface.at(0, 0.5).positions.tolist() == [[1, 2, 0]]


@pytest.mark.parametrize("mixing", list(Mixing))
@pytest.mark.parametrize("passages", [1, 2, 9])
def test_all_passages_are_ranked_where_they_are_fewer_than_k(mixing: Mixing, passages: int) -> None:
    scene = world(7, passages=passages)
    surface = Surface(scene.corpus, scene.queries, [0, 1], 10, mixing)

    assert surface.at(1, 0.5).positions.shape == (7, passages)
    for alpha in (0.0, 0.5, 1.0):
        check(scene, surface, 1, alpha)


@pytest.mark.parametrize("mixing", list(Mixing))
def test_scores_that_fp32_cannot_tell_apart_are_told_apart(mixing: Mixing) -> None:
    rng = Seed(8)
    plain, query = rng.standard_normal((2, 256)).astype(np.float32)
    # Two hundred passages that differ in the last bits of fp32.
    near = (plain * (1 + rng.integers(-2, 3, (200, 256)) * 2.0**-23)).astype(np.float32)
    corpus = HeldCorpus([f"p{place:03}" for place in range(200)], near, {1: near[::-1].copy()}, {1: np.full(200, 1)})
    scene = World(corpus, query[None])
    surface = Surface(corpus, scene.queries, [1], 5, mixing)

    for alpha in (0.0, 0.3, 1.0):
        check(scene, surface, 1, alpha)


@pytest.mark.parametrize("mixing", list(Mixing))
def test_passages_without_generated_queries_keep_their_own_vector(mixing: Mixing) -> None:
    scene = world(9, passages=150)
    none = np.zeros_like(scene.corpus.passages)
    corpus = replace(scene.corpus, sums={1: none}, sizes={1: np.zeros(150, np.int64)})
    scene = World(corpus, scene.queries)
    surface = Surface(corpus, scene.queries, [0, 1], 10, mixing)

    for alpha in (0.0, 0.5, 0.99, 1.0):
        check(scene, surface, 1, alpha)
        check(scene, surface, 0, alpha)


def test_vectors_that_cancel_score_nothing() -> None:
    scene = world(10, passages=100, exact=True)
    plain = scene.corpus.passages.copy()
    plain[:20] = 0  # and some have no vector of their own
    corpus = replace(scene.corpus, passages=plain, sums={1: np.where(np.arange(100)[:, None] % 2, -plain, plain)})
    scene = World(corpus, scene.queries)
    surface = Surface(corpus, scene.queries, [1], 30, Mixing.normalised)

    for alpha in (0.0, 0.25, 0.5, 0.75, 1.0):
        ranking = surface.at(1, alpha)
        _, scores = judged(scene, 1, alpha, 30, Mixing.normalised)
        assert np.abs(ranking.scores - scores).max() < 1e-6


def test_half_precision_vectors_are_read_as_what_they_hold(tmp_path: Path) -> None:
    scene = world(11, dtype=np.float16)
    arrays = {}
    for name, array in {"plain": scene.corpus.passages, "sums": scene.corpus.sums[2]}.items():
        np.save(tmp_path / f"{name}.npy", array)
        arrays[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    corpus = replace(scene.corpus, passages=arrays["plain"], sums={2: arrays["sums"]})

    check(scene, Surface(corpus, scene.queries, [2], 10), 2, 0.3)


def test_a_run_is_what_exact_search_finds_among_the_mixed_vectors() -> None:
    scene = world(12)
    names = [f"q{row}" for row in range(len(scene.queries))]
    run = Surface(scene.corpus, scene.queries, [2], 15).run(2, 0.25, names)
    vectors = mixed(scene.corpus, 2, 0.25, Mixing.sum).astype(np.float32)
    expected = ExactIndex(vectors, scene.corpus.ids).search(scene.queries, names, 15)

    for query, hits in expected.items():
        assert [hit.passage_id for hit in run[query]] == [hit.passage_id for hit in hits]
        assert [hit.score for hit in run[query]] == pytest.approx([hit.score for hit in hits], rel=1e-5, abs=1e-6)


# Bounds


@pytest.mark.parametrize("kind", ["linear", "normalised"])
@pytest.mark.parametrize("seed", range(30))
def test_whoever_is_ranked_somewhere_on_an_interval_is_kept(kind: str, seed: int) -> None:
    rng = Seed(seed)
    queries, plain = rng.standard_normal((3, 4)), rng.standard_normal((60, 4))
    sums = plain * rng.uniform(0, 3) + rng.standard_normal((60, 4))
    sums[:5], plain[5:8], sums[8:11] = 0, 0, -2 * plain[8:11]
    if seed % 3 == 0:  # every score is negative
        queries, plain, sums = -np.abs(queries), np.abs(plain), np.abs(rng.standard_normal((60, 4)))
    ones = np.ones((3, 1))
    squares = ((plain * plain).sum(1) * ones, (plain * sums).sum(1) * ones, (sums * sums).sum(1) * ones)
    products = queries @ plain.T, queries @ sums.T
    lines = Cosines(*products, *squares) if kind == "normalised" else Lines(*products, (3.0, 3.0))
    low, high = [(0.0, 1.0), np.sort(rng.random(2))][seed % 2]
    kept = lines.reach(low, high, 5, np.full(3, 1e-12)).mask

    for alpha in np.linspace(low, high, 101):
        best = np.argsort(-lines.at(alpha), axis=1)[:, :5]
        assert np.take_along_axis(kept, best, axis=1).all(), alpha


def test_a_vector_that_cancels_scores_exactly_0() -> None:
    one = np.ones((1, 1))
    assert Cosines(one, -one * (1 + 1e-9), one, -one, one).at(0.5) == 0


def test_few_passages_are_candidates() -> None:
    scene = world(13, passages=5000)
    surface = Surface(scene.corpus, scene.queries, COUNTS, 5)

    assert all(len(members) < 40 * len(scene.queries) for cells in surface._members.values() for members in cells)


# Where rankings change


def test_lines_that_cross_change_places() -> None:
    corpus = HeldCorpus(["a", "b", "c"], np.array([[3.0], [1], [0]]), {1: np.array([[0.0], [2], [0.5]])})
    surface = Surface(corpus, np.ones((1, 1), np.float32), [1], 2)
    stretches = surface.breakpoints(1, 0)

    assert [stretch.positions.tolist() for stretch in stretches] == [[0, 1], [1, 0], [1, 2]]
    assert [stretch.end for stretch in stretches] == pytest.approx([0.5, 3 / 3.5, 1])  # 3-3α = 1+α, 3-3α = α/2


def test_stretches_cover_every_alpha_with_its_ranking() -> None:
    scene = world(14, passages=100)
    surface = Surface(scene.corpus, scene.queries, [2], 10)
    stretches = surface.breakpoints(2, 3)

    assert stretches[0].start == 0
    assert stretches[-1].end == 1
    for one, other in pairwise(stretches):
        assert one.end == other.start
        assert one.positions.tolist() != other.positions.tolist()
    for stretch in stretches:
        middle = (stretch.start + stretch.end) / 2
        if stretch.end - stretch.start > 1e-5:
            assert surface.at(2, middle).positions[3].tolist() == stretch.positions.tolist()


# What is refused


def damaged(scene: World, **changes: object) -> World:
    return World(replace(scene.corpus, **changes), scene.queries)  # type: ignore[arg-type]


def test_vectors_that_are_not_finite_are_refused() -> None:
    scene = world(15)
    hole = scene.corpus.passages.copy()
    hole[7, 2] = np.nan
    for name, bad in {
        "passage": damaged(scene, passages=hole),
        "generated query": damaged(scene, sums={1: np.where(np.isnan(hole), np.inf, hole)}),
        "query": World(scene.corpus, np.full_like(scene.queries, np.nan)),
    }.items():
        with pytest.raises(ValueError, match=f"A {name} vector is not finite"):
            Surface(bad.corpus, bad.queries, [1], 5)


def test_what_does_not_fit_is_refused() -> None:
    scene = world(16)
    ids = scene.corpus.ids
    cases = [
        (damaged(scene, ids=[ids[1], *ids[1:]]), [1], Mixing.sum, "each passage needs its own id"),
        (damaged(scene, ids=ids[1:]), [1], Mixing.sum, "each passage needs its own id"),
        (World(HeldCorpus([], scene.corpus.passages[:0]), scene.queries), [0], Mixing.sum, "No passages"),
        (scene, [1, 4], Mixing.sum, r"counts=\[4\]: the corpus has sums of \[1, 2, 5\]"),
        (damaged(scene, sizes={}), [1], Mixing.mean, "does not say how many queries"),
        (damaged(scene, sums={1: scene.corpus.sums[1][:, :5]}), [1], Mixing.sum, "all of one width"),
        (World(scene.corpus, scene.queries[:, :5]), [1], Mixing.sum, "all of one width"),
    ]
    for bad, counts, mixing, message in cases:
        with pytest.raises(ValueError, match=message):
            Surface(bad.corpus, bad.queries, counts, 5, mixing)


def test_points_that_a_surface_has_not_are_refused() -> None:
    scene = world(17)
    surface = Surface(scene.corpus, scene.queries, [1], 5, Mixing.normalised)

    with pytest.raises(ValueError, match=r"count=2: this surface has \[1\]"):
        surface.at(2, 0.5)
    with pytest.raises(ValueError, match=r"alpha=1.5: a weight lies in 0-1"):
        surface.at(1, 1.5)
    with pytest.raises(ValueError, match="each query needs its own id"):
        surface.run(1, 0.5, ["q"] * len(scene.queries))
    with pytest.raises(ValueError, match="scores are not lines"):
        surface.breakpoints(1, 0)
