from __future__ import annotations

from pathlib import Path

import pytest

from typoglot import backbones
from typoglot.batches import Pick, Schedule
from typoglot.config import Backbone, Loader, Pooling
from typoglot.datamodule import PairDataModule, TrainTypos
from typoglot.encoder import Encoder, Recipe
from typoglot.errors import DataError
from typoglot.records import Pair, Passage

HARD = tuple(Passage(f"h{i}", f"hard {i}") for i in range(3))


@pytest.fixture
def encoder(tiny_bert: Path) -> Encoder:
    network, tokenizer = backbones.load(Backbone("tiny", Loader.hub, str(tiny_bert)))
    return Encoder(network, None, tokenizer, Recipe(Pooling.mean, True, "", "", 24, 48))


def data(
    encoder: Encoder, negatives: tuple[Passage, ...], hard_negatives: int, typos: TrainTypos | None = None
) -> PairDataModule:
    pairs = [Pair(f"question {i}", "en", Passage(f"p{i // 2}", f"passage {i // 2}"), negatives) for i in range(6)]
    return PairDataModule({"a": pairs}, encoder, Schedule({"a": 6}, {"a": 1.0}, 4, 1), 3, hard_negatives, typos)


def test_a_batch_holds_its_passages_first_and_then_the_hard_negatives(encoder: Encoder) -> None:
    import numpy as np

    batch = data(encoder, HARD, 2).batch(Pick("a", np.array([0, 1, 4]), 0))

    assert batch.queries["input_ids"].shape[0] == 3
    assert batch.passages["input_ids"].shape[0] == 3 + 3 * 2
    keys = batch.passage_keys.tolist()
    assert keys[0] == keys[1] != keys[2]
    assert not set(keys[:3]) & set(keys[3:])
    assert all(len(set(keys[3 + 2 * i : 5 + 2 * i])) == 2 for i in range(3))


def test_too_few_hard_negatives_are_repeated(encoder: Encoder) -> None:
    import numpy as np

    batch = data(encoder, HARD[:1], 2).batch(Pick("a", np.array([0]), 0))

    assert len(set(batch.passage_keys.tolist()[1:])) == 1


def test_hard_negatives_that_are_not_there_are_an_error(encoder: Encoder) -> None:
    with pytest.raises(DataError, match=r"train source 'a': 6 of 6 pairs have no hard negative"):
        data(encoder, (), 1)


def test_two_devices_share_a_batch_without_overlap(encoder: Encoder) -> None:
    module = data(encoder, (), 0)
    pick = module.schedule.pick(0)
    whole = module.batch(pick).queries["input_ids"].shape[0]
    parts = [module.batch(pick, rank, 2).passage_keys.tolist() for rank in (0, 1)]

    assert sum(map(len, parts)) == whole
    assert sorted(parts[0] + parts[1]) == sorted(module.batch(pick).passage_keys.tolist())


def test_the_loader_goes_on_behind_the_batches_that_are_done(encoder: Encoder) -> None:
    module = data(encoder, (), 0)
    all_batches = [batch.passage_keys.tolist() for batch in module.train_dataloader()]
    module.load_state_dict({"batches": 2})

    assert [batch.passage_keys.tolist() for batch in module.train_dataloader()] == all_batches[2:]
    assert len(module.train_dataloader()) == 3


def queries(module: PairDataModule) -> list[list[list[int]]]:
    return [batch.queries["input_ids"].tolist() for batch in module.train_dataloader()]


@pytest.mark.parametrize(("rate", "least", "most"), [(0.0, 0, 0), (0.5, 400, 600), (1.0, 1000, 1000)])
def test_a_training_query_is_misspelt_by_chance_in_each_epoch(rate: float, least: int, most: int) -> None:
    typos = TrainTypos(rate, "uniform", seed=1)
    changed = sum(typos.misspell("how far is the moon", "en", epoch) != "how far is the moon" for epoch in range(1000))

    assert least <= changed <= most


def test_a_misspelt_training_query_has_one_slip_and_each_epoch_its_own() -> None:
    from rapidfuzz.distance import OSA

    typos = TrainTypos(1.0, "uniform", seed=1)
    found = [typos.misspell("how far is the moon", "en", epoch) for epoch in range(50)]

    assert {OSA.distance(text, "how far is the moon") for text in found} == {1}
    assert len(set(found)) > 20
    assert found == [typos.misspell("how far is the moon", "en", epoch) for epoch in range(50)]
    assert found != [TrainTypos(1.0, "uniform", 2).misspell("how far is the moon", "en", epoch) for epoch in range(50)]


def test_batches_hold_the_misspelt_queries_of_their_epoch(encoder: Encoder) -> None:
    module = data(encoder, (), 0, TrainTypos(1.0, "uniform", seed=1))
    (pick, other) = (module.schedule.pick(number) for number in (0, 1))
    shown = module.batch(pick).queries["input_ids"].tolist()

    texts = [module.typos.misspell(f"question {i}", "en", 0) for i in pick.pairs] if module.typos else []
    rows = encoder.query_ids(texts)
    assert [[token for token in row if token] for row in shown] == rows
    assert module.schedule.batches_per_epoch() == 1
    assert module.batch(other._replace(pairs=pick.pairs)).queries["input_ids"].tolist() != shown


def test_misspelt_batches_depend_on_their_number_alone(encoder: Encoder) -> None:
    typos = TrainTypos(0.5, "human", seed=1)
    whole, resumed = data(encoder, (), 0, typos), data(encoder, (), 0, typos)
    resumed.load_state_dict({"batches": 2})

    assert queries(resumed) == queries(whole)[2:]


def test_rate_0_is_training_without_typos(encoder: Encoder) -> None:
    assert queries(data(encoder, (), 0, TrainTypos(0.0, "uniform", 1))) == queries(data(encoder, (), 0))
