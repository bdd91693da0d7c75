from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from scipy import stats
from torch.nn.functional import cross_entropy

from typoglot import config
from typoglot.backbones import load_seq2seq, load_tokenizer
from typoglot.config import Decoding, Precision
from typoglot.errors import CheckpointError
from typoglot.records import Pair, Passage
from typoglot.sources import mini
from typoglot.xqg.generator import IGNORED, Ask, Generator, NamedSampling, gumbel, load_generator, row_seed

SATURN = Passage("p1", "It has rings.", "Saturn")
# Random weights are sure of themselves: at this temperature they say something else each time.
WILD = Decoding(per_language=3, temperature=30.0, question_max_length=12, seed=1)
ASKS = [Ask(entry.passage, language) for entry in mini.entries()[:6] for language in ("ar", "ko")]


@pytest.fixture(scope="module")
def generator(tiny_mt5: Path) -> Generator:
    return Generator(load_seq2seq(str(tiny_mt5)), load_tokenizer(str(tiny_mt5)), config.Generator(), ["ar", "ko"])


def sample(generator: Generator, asks: list[Ask], decoding: Decoding = WILD) -> list[tuple[str, ...]]:
    return generator.sample(asks, decoding, Precision.fp32)


def test_the_prompt_names_the_language_in_english(generator: Generator) -> None:
    assert generator.prompt(Ask(SATURN, "te")) == ("Generate a Telugu question for this passage: Saturn It has rings.")


def test_a_passage_without_a_title_leaves_no_gap_and_braces_are_text(generator: Generator) -> None:
    passage = Passage("p1", "{title} is\na set.")

    assert generator.prompt(Ask(passage, "ar")) == "Generate a Arabic question for this passage: {title} is a set."


def test_a_long_prompt_is_cut_at_the_passages_end(generator: Generator) -> None:
    ask = Ask(Passage("p1", "moon " * 500), "ko")
    (ids,) = generator.prompt_ids([ask], 20)

    assert len(ids) == 20
    assert ids[-1] == generator.tokenizer.eos_token_id
    assert generator.tokenizer.decode(ids).startswith("Generate a Korean question for this passage: moon")


def test_the_loss_is_the_mean_cross_entropy_of_the_questions_tokens(generator: Generator) -> None:
    batch = generator.batch([[5, 6, 7, 1], [8, 1]], [[9, 10, 1], [11, 1]])
    starts = torch.tensor([[0, 9, 10], [0, 11, 1]])
    generator.eval()
    with torch.no_grad():
        logits = generator.network(**batch.prompts, decoder_input_ids=starts).logits  # (2, 3, V)
        told = generator.loss(batch)

    assert batch.labels.tolist() == [[9, 10, 1], [11, 1, IGNORED]]
    places = torch.tensor([0, 1, 2, 3, 4])
    by_hand = cross_entropy(logits.flatten(0, 1)[places], torch.tensor([9, 10, 1, 11, 1]))
    assert float(told) == pytest.approx(float(by_hand), abs=1e-6)


def test_the_mean_loss_does_not_depend_on_batches(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [Pair(entry.questions["ko"], "ko", entry.passage) for entry in mini.entries()[:12]]
    whole = generator.mean_loss(pairs, Precision.fp32)
    monkeypatch.setattr("typoglot.xqg.generator._TOKENS_CPU", 1)

    assert generator.mean_loss(pairs, Precision.fp32) == pytest.approx(whole, rel=1e-5)


def test_measuring_and_sampling_leave_dropout_as_it_was(generator: Generator) -> None:
    generator.train()
    sample(generator, ASKS[:1])
    generator.mean_loss([Pair("q", "ko", SATURN)], Precision.fp32)

    assert generator.network.training
    assert sample(generator, ASKS[:1]) == sample(generator, ASKS[:1])


def test_the_same_passage_gets_the_same_questions_whatever_else_is_in_the_batch(generator: Generator) -> None:
    together = dict(zip(ASKS, sample(generator, ASKS), strict=True))
    backwards = dict(zip(ASKS[::-1], sample(generator, ASKS[::-1]), strict=True))

    assert backwards == together
    assert {ask: sample(generator, [ask])[0] for ask in ASKS} == together


def test_the_global_random_state_neither_matters_nor_changes(generator: Generator) -> None:
    torch.manual_seed(1)
    one = sample(generator, ASKS[:2])
    torch.manual_seed(2)
    before = torch.get_rng_state()

    assert sample(generator, ASKS[:2]) == one
    assert torch.equal(torch.get_rng_state(), before)


def test_questions_differ_by_number_language_passage_and_seed(generator: Generator) -> None:
    ask = ASKS[0]
    several = [ask, Ask(ask.passage, "ko"), Ask(replace(ask.passage, id="other"), "ar")]
    found = [*sample(generator, several), *sample(generator, [ask], replace(WILD, seed=2))]

    assert len({question for questions in found for question in questions}) == 12


def test_the_first_questions_do_not_depend_on_how_many_there_are(generator: Generator) -> None:
    few, many = (sample(generator, ASKS[:3], replace(WILD, per_language=count)) for count in (2, 4))

    assert [questions[:2] for questions in many] == few


def empties(generator: Generator, monkeypatch: pytest.MonkeyPatch, *empty: set[int]) -> list[int]:
    """Makes these questions of each call empty; the list is filled with how many questions each call wrote."""
    decode, calls = generator.tokenizer.batch_decode, []

    def some_are_empty(rows: torch.Tensor, **options: object) -> list[str]:
        gone = empty[min(len(calls), len(empty) - 1)]
        calls.append(len(rows))
        return [" \n" if place in gone else text for place, text in enumerate(decode(rows, **options))]

    monkeypatch.setattr(generator.tokenizer, "batch_decode", some_are_empty)
    return calls


def test_a_question_without_a_character_is_drawn_again_alone(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sample(generator, ASKS[:2])
    calls = empties(generator, monkeypatch, {1, 3}, {0}, set())
    (a, b, c), (d, e, f) = sample(generator, ASKS[:2])

    assert calls == [6, 2, 1]
    assert ((a, c), (e, f)) == (before[0][::2], before[1][1:])
    assert b
    assert d
    assert not {b, d} & {*before[0], *before[1]}


def test_what_stays_empty_is_left_so_after_eight_tries(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = empties(generator, monkeypatch, {0})

    assert sample(generator, ASKS[:1])[0][0] == ""
    assert calls == [3] + [1] * 7


def test_as_many_prompts_at_most_are_read_again_as_were_read_at_first(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = empties(generator, monkeypatch, {0, 1, 2, 4, 5}, set())
    sample(generator, ASKS[:2])

    assert calls == [6, 2, 2, 1]


def test_the_one_likeliest_question_is_not_drawn_again(generator: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = empties(generator, monkeypatch, {0})
    sample(generator, ASKS[:1], replace(WILD, top_k=1))

    assert calls == [3]


def test_with_one_token_to_draw_from_it_is_greedy_decoding(generator: Generator) -> None:
    prompts = generator.prompt_ids(ASKS, WILD.passage_max_length)
    generator.eval()
    judged = []
    for ids in prompts:
        rows = generator.network.generate(
            torch.tensor([ids]), max_length=12, do_sample=False, suppress_tokens=None, begin_suppress_tokens=[1]
        )
        judged.append(generator.tokenizer.decode(rows[0], skip_special_tokens=True).strip())

    greedy = sample(generator, ASKS, replace(WILD, top_k=1, per_language=2))
    assert greedy == [(text, text) for text in judged]


def test_tokens_are_drawn_from_the_softmax_of_the_likeliest_ones() -> None:
    rows, logits = 40_000, torch.tensor([2.0, 0.5, 1.0, -1.0, 1.5, 0.0])
    seeds = [row_seed(7, Ask(SATURN, "ko"), number) for number in range(rows)]
    sampling = NamedSampling(seeds, top_k=4, temperature=0.7, end=5)
    scores = sampling(torch.zeros(rows, 3, dtype=torch.long), logits.expand(rows, -1))

    assert torch.isfinite(scores).sum(1).eq(1).all()
    counts = np.bincount(scores.argmax(1).numpy(), minlength=6)
    likeliest = [0, 1, 2, 4]
    expected = torch.softmax(logits[likeliest] / 0.7, 0).double()
    assert counts[[3, 5]].sum() == 0
    assert stats.chisquare(counts[likeliest], (expected / expected.sum() * rows).numpy()).pvalue > 0.01


def test_draws_of_two_steps_are_independent() -> None:
    seeds = [row_seed(7, Ask(SATURN, "ko"), number) for number in range(20_000)]
    sampling = NamedSampling(seeds, top_k=3, temperature=1.0, end=5)
    logits = torch.zeros(len(seeds), 3)
    one, two = (sampling(torch.zeros(len(seeds), step, dtype=torch.long), logits).argmax(1).numpy() for step in (2, 3))

    table = np.histogram2d(one, two, bins=3)[0]
    assert stats.chi2_contingency(table).pvalue > 0.01


def test_a_question_does_not_begin_with_its_end() -> None:
    sampling = NamedSampling([1, 2], top_k=10, temperature=1.0, end=0)
    logits = torch.tensor([[50.0, 0.0, 1.0]] * 2)

    assert not sampling(torch.zeros(2, 1, dtype=torch.long), logits).argmax(1).eq(0).any()
    assert sampling(torch.zeros(2, 2, dtype=torch.long), logits).argmax(1).eq(0).all()


def test_the_noise_is_gumbels_and_finite_at_every_seed() -> None:
    seeds = np.array([[0], [2**64 - 1], [2**63]], np.uint64)
    noise = gumbel(seeds, 31, np.arange(60_000)[None].repeat(3, 0))

    assert np.isfinite(noise).all()
    assert all(stats.kstest(row, "gumbel_r").pvalue > 0.01 for row in noise)


def test_a_saved_generator_writes_the_same(generator: Generator, tmp_path: Path) -> None:
    generator.save(tmp_path / "model")
    again = load_generator(tmp_path / "model")

    assert again.recipe == generator.recipe
    assert again.languages == ("ar", "ko")
    assert sample(again, ASKS[:2]) == sample(generator, ASKS[:2])


def test_a_head_of_its_own_as_mt5_has_stays_its_own(tiny_mt5: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_mt5, tmp_path / "mt5")
    weights = load_file(tmp_path / "mt5" / "model.safetensors")
    head = weights["shared.weight"].flip(0).clone()
    save_file(weights | {"lm_head.weight": head}, tmp_path / "mt5" / "model.safetensors", {"format": "pt"})
    network = load_seq2seq(str(tmp_path / "mt5"))
    Generator(network, load_tokenizer(str(tiny_mt5)), config.Generator()).save(tmp_path / "model")

    for found in (network, load_generator(tmp_path / "model").network):
        assert torch.equal(found.lm_head.weight, head)
        assert torch.equal(found.shared.weight, weights["shared.weight"])
        assert found.encoder.embed_tokens.weight is found.decoder.embed_tokens.weight is found.shared.weight


def test_a_folder_without_a_generator_is_told(tiny_bert: Path, generator: Generator, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="holds no generator"):
        load_generator(tiny_bert)
    generator.save(tmp_path / "model")
    card = tmp_path / "model" / "generator.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"format": 2}))
    with pytest.raises(CheckpointError, match="is of format 2"):
        load_generator(tmp_path / "model")


def test_an_encoder_is_refused_before_its_weights_are_read(tiny_bert: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bert, tmp_path / "bert")
    (tmp_path / "bert" / "model.safetensors").write_text("no weights")

    with pytest.raises(CheckpointError, match="is a bert, which writes no text in transformers"):
        load_seq2seq(str(tmp_path / "bert"))
