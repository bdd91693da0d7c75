"""The contrastive loss against a plain loop in Python floats, and against torch where no passage has a copy."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from typoglot.losses import contrastive

quick = settings(max_examples=60, deadline=None, database=None)


@st.composite
def batches(draw: st.DrawFn) -> tuple[Tensor, Tensor, list[int], list[int], float]:
    """Queries, passages, each query's row, the passages' keys (some of them alike), and a temperature."""
    width, many = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 10**6)))
    queries = torch.randn(draw(st.integers(1, 6)), width, generator=generator)
    passages = torch.randn(many, width, generator=generator)
    rows = draw(st.lists(st.integers(0, many - 1), min_size=len(queries), max_size=len(queries)))
    keys = draw(st.lists(st.integers(0, 3), min_size=many, max_size=many))
    return queries, passages, rows, keys, draw(st.sampled_from([0.05, 0.2, 1.0]))


def loss(queries: Tensor, passages: Tensor, rows: list[int], keys: list[int], temperature: float = 1.0) -> Tensor:
    """The loss, rows and keys given as lists."""
    return contrastive(
        queries,
        passages,
        positives=torch.tensor(rows),
        passage_keys=torch.tensor(keys),
        owners=torch.arange(len(keys)),  # no two passages answer one query
        temperature=temperature,
    )


def plain(queries: Tensor, passages: Tensor, rows: list[int], keys: list[int], temperature: float) -> float:
    """The definition in a loop: -log of the positive's share among itself and all passages that are not its copies."""
    losses = []
    for query, row in zip(queries.tolist(), rows, strict=True):
        scores = [sum(map(float.__mul__, query, passage)) / temperature for passage in passages.tolist()]
        others = [score for score, key in zip(scores, keys, strict=True) if key != keys[row]]
        highest = max([scores[row], *others])
        total = sum(math.exp(score - highest) for score in [scores[row], *others])
        losses.append(highest + math.log(total) - scores[row])
    return sum(losses) / len(losses)


def test_two_passages_scored_alike_cost_log_2() -> None:
    queries, passages = torch.tensor([[1.0, 1.0]]), torch.eye(2)

    assert loss(queries, passages, [0], [0, 1]).item() == pytest.approx(math.log(2))


def test_a_passage_scored_one_higher_costs_log_of_1_plus_1_over_e() -> None:
    queries, passages = torch.tensor([[1.0, 0.0]]), torch.eye(2)

    assert loss(queries, passages, [0], [0, 1]).item() == pytest.approx(math.log(1 + math.exp(-1)))


def test_the_temperature_divides_the_scores() -> None:
    queries, passages = torch.tensor([[1.0, 0.0]]), torch.eye(2)

    found = loss(queries, passages, [0], [0, 1], temperature=0.5).item()
    assert found == pytest.approx(math.log(1 + math.exp(-2)))


def test_a_batch_of_one_passage_costs_nothing() -> None:
    assert loss(torch.randn(1, 3), torch.randn(1, 3), [0], [0]).item() == 0


def test_copies_of_one_s_own_passage_cost_nothing() -> None:
    queries, passages = torch.ones(2, 2), torch.ones(2, 2)

    assert loss(queries, passages, [0, 1], [7, 7]).item() == 0


def test_a_copy_is_known_by_its_key_and_not_by_its_vector() -> None:
    queries, passages = torch.ones(1, 2), torch.ones(2, 2)

    assert loss(queries, passages, [0], [7, 8]).item() == pytest.approx(math.log(2))


def test_a_copy_is_still_a_negative_of_the_other_queries() -> None:
    # Query 2 has two copies of the other's passage against it: log(1 + 1 + 1).
    queries, passages = torch.zeros(1, 2), torch.eye(3, 2)

    assert loss(queries, passages, [2], [7, 7, 8]).item() == pytest.approx(math.log(3))


def test_two_queries_may_share_one_row() -> None:
    queries, passages = torch.zeros(2, 2), torch.eye(2)

    assert loss(queries, passages, [1, 1], [0, 1]).item() == pytest.approx(math.log(2))


@quick
@given(batches())
def test_the_loss_is_that_of_a_plain_loop(batch: tuple[Tensor, Tensor, list[int], list[int], float]) -> None:
    assert loss(*batch).item() == pytest.approx(plain(*batch), rel=1e-4, abs=1e-4)


@quick
@given(batches())
def test_without_copies_the_loss_is_torch_s_cross_entropy(
    batch: tuple[Tensor, Tensor, list[int], list[int], float],
) -> None:
    queries, passages, rows, _, temperature = batch

    judge = F.cross_entropy(queries @ passages.T / temperature, torch.tensor(rows))
    found = loss(queries, passages, rows, list(range(len(passages))), temperature)
    torch.testing.assert_close(found, judge)


def test_leaving_copies_out_is_leaving_their_columns_out() -> None:
    torch.manual_seed(0)
    queries, passages = torch.randn(1, 4), torch.randn(5, 4)

    masked = loss(queries, passages, [1], [0, 3, 3, 3, 4])
    torch.testing.assert_close(masked, loss(queries, passages[[0, 1, 4]], [1], [0, 3, 4]))


def test_the_order_of_the_passages_does_not_matter() -> None:
    torch.manual_seed(0)
    queries, passages, order = torch.randn(3, 4), torch.randn(5, 4), [4, 2, 0, 1, 3]

    mixed = loss(queries, passages[order], [order.index(row) for row in (0, 1, 2)], [order[n] % 4 for n in range(5)])
    torch.testing.assert_close(mixed, loss(queries, passages, [0, 1, 2], [0, 1, 2, 3, 0]))


def test_masked_copies_get_no_gradient_and_make_none_nan() -> None:
    torch.manual_seed(0)
    queries, passages = torch.randn(1, 4, requires_grad=True), torch.randn(3, 4, requires_grad=True)

    loss(queries, passages, [0], [5, 5, 6]).backward()
    assert passages.grad is not None
    assert torch.isfinite(passages.grad).all()
    assert passages.grad.abs().sum(dim=1).gt(0).tolist() == [True, False, True]


def test_half_precision_is_computed_in_fp32() -> None:
    torch.manual_seed(0)
    queries, passages = torch.randn(3, 8).bfloat16(), torch.randn(4, 8).bfloat16()

    found = loss(queries, passages, [0, 1, 2], [0, 1, 2, 3], 0.05)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, loss(queries.float(), passages.float(), [0, 1, 2], [0, 1, 2, 3], 0.05))


def test_large_scores_do_not_overflow() -> None:
    queries, passages = torch.tensor([[1000.0, 0.0]]), torch.eye(2)

    assert loss(queries, passages, [1], [0, 1], temperature=0.05).item() == pytest.approx(20_000)


def test_the_vectors_and_keys_stay_as_they_were() -> None:
    queries, passages, keys = torch.eye(2), torch.eye(2), torch.tensor([3, 3])
    contrastive(queries, passages, positives=torch.tensor([0, 1]), passage_keys=keys, owners=keys, temperature=1.0)

    assert torch.equal(queries, torch.eye(2))
    assert keys.tolist() == [3, 3]


def test_another_passage_of_the_same_query_is_no_negative() -> None:
    queries, passages = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.eye(2)
    marks = {"positives": torch.tensor([0, 1]), "passage_keys": torch.tensor([0, 1]), "temperature": 1.0}

    assert contrastive(queries, passages, owners=torch.tensor([5, 5]), **marks).item() == 0
    assert contrastive(queries, passages, owners=torch.tensor([5, 6]), **marks).item() > 0


def test_hard_negatives_are_negatives_of_each_query() -> None:
    queries, passages = torch.eye(2), torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.5, 0.5]])
    marks = {"positives": torch.tensor([0, 1]), "passage_keys": torch.arange(4), "temperature": 1.0}
    expected = math.log(math.e + 1 + 2 * math.exp(0.5)) - 1

    assert contrastive(queries, passages, owners=torch.tensor([0, 1, -1, -1]), **marks).item() == pytest.approx(
        expected
    )
