from __future__ import annotations

from typoglot.report import labels


def made(**settings: object) -> dict[str, object]:
    return {"backbone.label": "mbert", **{key.replace("__", "."): value for key, value in settings.items()}}


def test_runs_are_told_apart_by_what_differs_within_their_backbone() -> None:
    other = {"backbone.label": "xlmr", "seed": 3}

    assert labels(["a", "b", "c"], [made(seed=1), made(seed=2), other]) == ["mbert · seed=1", "mbert · seed=2", "xlmr"]


def test_a_key_keeps_its_parts_name_where_another_ends_alike() -> None:
    both = [made(typos__seed=1, xqg__seed=1), made(typos__seed=2, xqg__seed=2)]

    assert labels(["a", "b"], both)[0] == "mbert · typos.seed=1, xqg.seed=1"


def test_an_untrained_run_is_called_so_and_spared_the_settings_of_trainings() -> None:
    trained = made(train__label="qed", trainer__epochs=3, train__limit=5)

    assert labels(["a", "b"], [trained, made()]) == ["mbert · train=qed", "mbert · untrained"]


def test_a_label_stands_for_its_part_unless_names_would_be_alike() -> None:
    three = [made(xqg__label=label, xqg__seed=seed) for label, seed in [("file", 1), ("file", 2), ("none", 1)]]

    assert labels(["a", "c"], three[::2]) == ["mbert · xqg=file", "mbert · xqg=none"]
    assert labels(["a", "b", "c"], three)[:2] == ["mbert · xqg=file, seed=1", "mbert · xqg=file, seed=2"]


def test_a_label_does_not_hide_what_differs_between_runs_that_have_it() -> None:
    four = [made(train__label="qed", train__typo_rate=rate, seed=seed) for rate in (0.0, 0.5) for seed in (1, 2)]
    other = made(train__label="mix", train__typo_rate=0.0, seed=1)

    assert labels(list("abcde"), [*four, other])[1] == "mbert · train=qed, seed=2, typo_rate=0.0"


def test_where_a_run_is_kept_and_told_of_is_no_name() -> None:
    places = [made(seed=seed, output=f"o{seed}", tracker__group=f"g{seed}", sweep__on_failure=seed) for seed in (1, 2)]

    assert labels(["a", "b"], places) == ["mbert · seed=1", "mbert · seed=2"]


def test_runs_without_any_difference_have_their_folders_names() -> None:
    assert labels(["a", "b"], [made(output="x"), made(output="y")]) == ["mbert · a", "mbert · b"]


def test_runs_of_one_name_are_numbered() -> None:
    assert labels(["a", "a"], [made(), made()]) == ["mbert · a (1)", "mbert · a (2)"]
