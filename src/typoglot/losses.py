"""Training objectives as pure functions of vectors. Knows no network and no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from torch import Tensor


def contrastive(
    queries: Tensor, passages: Tensor, *, positives: Tensor, passage_keys: Tensor, owners: Tensor, temperature: float
) -> Tensor:
    """Cross-entropy of each query's passage against all passages of the batch (Karpukhin et al. 2020, eq. 2).

    What answers a query is no negative of it: other copies of its passage (two queries may share one), and the passages
    of other pairs with the same query, are left out of the sum.

    Args:
        queries: (B, D).
        passages: (N, D), positives and hard negatives of the whole batch, N ≥ B.
        positives: (B,) row of each query's passage in `passages`.
        passage_keys: (N,) equal numbers mark copies of one passage.
        owners: (N,) equal numbers mark passages that answer one query; -1 for hard negatives.
        temperature: divides the scores.

    Returns:
        () the mean over queries, computed in fp32.
    """
    scores = queries.float() @ passages.float().T / temperature  # (B, N)
    answers = passage_keys[positives, None] == passage_keys[None, :]  # (B, N)
    answers |= owners[positives, None] == owners[None, :]
    answers[torch.arange(len(queries), device=scores.device), positives] = False
    return F.cross_entropy(scores.masked_fill(answers, -torch.inf), positives)
