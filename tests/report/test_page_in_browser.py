"""The page in a real browser, opened from disk."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.made_runs import Made, make_run
from tests.report.conftest import Page

from typoglot.files import locked
from typoglot.report import Wanted, averaged, gather, page_data, write_page

pytestmark = pytest.mark.browser

SMALL = Made(questions=12, languages=("ar", "de", "en"), steps=30)
SURFACE = ((0, 0.0), *((count, alpha) for count in (1, 3) for alpha in (0.1, 0.2, 0.4)))
SECTIONS = (
    "scores",
    "curves",
    "loss",
    "surface",
    "fragments",
    "training",
    "examples",
    "cost",
    "differences",
    "commands",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs with everything, one of them with a name that wants to be a script, one damaged."""
    folder = tmp_path_factory.mktemp("runs")
    make_run(folder / "one", 1, replace(SMALL, mixes=SURFACE))
    make_run(folder / "two", 2, replace(SMALL, settings={"backbone": {"label": "<script>window.hurt = 1</script>"}}))
    (make_run(folder / "old", 3, SMALL) / "points.jsonl").write_text('{"value": 1}\n')
    write_page(folder / "report.html", page_data(gather([folder]), Wanted("recall@1")))
    return folder / "report.html"


@pytest.fixture
def page(driver: Any, written: Path) -> Page:
    return Page(driver, written)


def see_all(page: Page) -> None:
    for section in SECTIONS:
        page.see(section)


def test_it_asks_no_one_and_makes_no_error(page: Page) -> None:
    see_all(page)

    assert page.errors() == []
    assert page.requests() == []
    assert {section: page.count(f"#{section} .body > *") > 0 for section in SECTIONS} == dict.fromkeys(SECTIONS, True)


def test_the_logs_would_notice_an_error_and_a_request(driver: Any, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("<img src='http://127.0.0.1:9/x.png'><script>throw Error('hm')</script>")
    page = Page(driver, tmp_path / "x.html")

    assert page.requests() == ["http://127.0.0.1:9/x.png"]
    assert any("hm" in error for error in page.errors())


def test_its_policy_stops_what_it_did_not_bring(page: Page) -> None:
    page.run(
        "const script = document.createElement('script'); script.textContent = 'window.hurt = 2'; document.body.append(script);"
        "const image = document.createElement('img'); image.src = 'http://127.0.0.1:9/x.png'; document.body.append(image)"
    )

    assert page.run("return window.hurt") is None
    assert page.requests() == []
    assert sum("Content Security Policy" in error for error in page.errors()) == 2


def test_names_and_queries_are_texts_and_nothing_else(page: Page) -> None:
    see_all(page)

    assert page.run("return window.hurt") is None
    assert "<script>window.hurt = 1</script>" in page.text("#scores")
    assert "<script>alert(1)</script>" in page.text("#examples")
    assert page.count("body script") == 2


def test_a_text_from_right_to_left_stands_so(page: Page) -> None:
    page.see("examples")

    directions = page.run(
        "return [...document.querySelectorAll('#examples .query')].map((one) => [one.lang, getComputedStyle(one).direction])"
    )
    assert {tuple(one) for one in directions} == {("ar", "rtl"), ("en", "ltr")}


def test_only_what_is_in_sight_is_drawn(page: Page) -> None:
    assert page.count("#examples .example") == 0
    assert page.count("#loss svg") == 0

    page.see("loss")
    assert page.count("#loss svg.cell, #loss svg .cell") > 0


def test_a_link_to_a_section_leads_to_its_heading(page: Page) -> None:
    page.run(
        "document.documentElement.style.scrollBehavior = 'auto'; document.querySelector('#contents a[href=\"#examples\"]').click()"
    )
    page.run("")

    top = page.run("return document.querySelector('#examples h2').getBoundingClientRect().top")
    bar = page.run("return document.getElementById('controls').getBoundingClientRect().bottom")
    assert bar - 5 <= top < bar + 80


def test_a_damaged_run_is_named_with_its_reason(page: Page) -> None:
    assert "old: points.jsonl:1: not a point" in page.text("#banners")


def test_another_language_measure_and_baseline_change_the_table(page: Page) -> None:
    def choose(label: str, text: str) -> str:
        page.run(
            f"const select = [...document.querySelectorAll('#controls label')].find((one) => one.textContent.startsWith('{label}')).querySelector('select');"
            f"select.selectedIndex = [...select.options].findIndex((one) => one.text.includes('{text}')); select.dispatchEvent(new Event('change'))"
        )
        return page.text("#scores")

    seen = [
        page.text("#scores"),
        choose("Measure", "mrr@10"),
        choose("Language", "German"),
        choose("Baseline", "<script>"),
    ]
    assert len(set(seen)) == 4
    assert "mrr@10 in %, German, 12 queries" in seen[2]
    assert "<script>" in page.text("tr.base")
    assert page.errors() == []


def test_a_ticked_row_is_drawn_and_an_unticked_one_is_not(page: Page) -> None:
    page.see("curves")
    before = page.count("#curves [data-series]")
    page.run("document.querySelector('#scores tbody input').click()")

    assert page.count("#curves [data-series]") == before - 1
    page.run("document.querySelector('#scores tbody input').click()")
    assert page.count("#curves [data-series]") == before


def test_the_toggles_of_the_curves_work(page: Page) -> None:
    page.see("curves")
    bands = page.count("#curves .band")
    page.run("document.querySelector('#curves .bar input').click()")
    assert (bands > 0, page.count("#curves .band")) == (True, 0)

    page.run("[...document.querySelectorAll('#curves .bar button')].at(-1).click()")
    assert page.count("#curves figure") == 4


def test_rows_are_sorted_by_a_click_on_a_heading(page: Page) -> None:
    def values() -> list[float]:
        page.run("document.querySelectorAll('#scores thead button')[2].click()")
        cells = page.run(
            "return [...document.querySelectorAll('#scores tbody tr')].map((row) => row.cells[2].firstChild.data)"
        )
        return [float(cell) for cell in cells]

    assert values() == sorted(values(), reverse=True)
    assert page.run("return document.querySelectorAll('#scores thead th')[2].ariaSort") == "ascending"


def test_it_can_be_walked_by_the_keyboard(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    page.see("curves")
    seen = []
    for _ in range(40):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(page.run(
            "const one = document.activeElement; const style = getComputedStyle(one); one.scrollIntoView();"
            "return [one.tagName, style.outlineStyle, parseFloat(style.outlineWidth)]"
        ))  # fmt: skip
    assert {name for name, *_ in seen} >= {"A", "BUTTON", "SELECT", "INPUT", "DIV"}  # DIV: a table that scrolls
    assert all(style != "none" and width >= 2 for _, style, width in seen), seen


def test_the_arrow_keys_read_a_figure_aloud(page: Page) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    page.see("curves")
    figure = page.driver.find_element(By.CSS_SELECTOR, "#curves figure svg")
    page.run("document.querySelector('#curves figure svg').focus()")
    figure.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)

    assert "typo rate 0.1" in page.text("#curves [role=status]")
    figure.send_keys(Keys.ESCAPE)
    assert page.count("#curves .tip") == 0


def test_the_focus_stays_where_it_was_when_the_page_is_drawn_anew(page: Page) -> None:
    page.run("document.querySelector('#scores tbody tr:nth-child(2) input').focus()")
    page.run("document.activeElement.click()")

    assert page.run("return document.activeElement.closest('tr').rowIndex") == 2


def test_every_figure_and_table_has_a_name(page: Page) -> None:
    see_all(page)

    unnamed = "[...document.querySelectorAll('svg[role=img], figure, [role=region], [role=group], section')].filter((one) => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')))"
    assert page.run(f"return {unnamed}.map((one) => one.outerHTML.slice(0, 200))") == []
    nameless = "[...document.querySelectorAll('button, select, input')].filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.[0]?.textContent.trim()))"
    assert page.run(f"return {nameless}.map((one) => one.outerHTML.slice(0, 200))") == []


CONTRAST = """
const brush = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true});
const light = (colour) => {
  brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...brush.getImageData(0, 0, 1, 1).data].map((one) => one / 255).map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const ground = (one) => { for (; one; one = one.parentElement) { const colour = getComputedStyle(one).backgroundColor; if (!/, 0\\)$|transparent/.test(colour)) return colour; } };
const texts = [...document.querySelectorAll('main p, main td, main th, main li, main button, .lede, .hint')].filter((one) => one.offsetParent && one.textContent.trim());
const cells = [...document.querySelectorAll('.cell')].filter((one) => one.nextElementSibling?.tagName === 'text' && one.style.fill !== 'none');
return [
  Math.min(...texts.map((one) => ratio(getComputedStyle(one).color, ground(one)))),
  Math.min(...cells.map((one) => ratio(getComputedStyle(one.nextElementSibling).fill, getComputedStyle(one).fill))),
  getComputedStyle(document.body).backgroundColor,
];
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_stand_out_in_both_themes(theme: str, page: Page) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    )
    see_all(page)
    texts, cells, ground = page.run(CONTRAST)

    assert (ground == "rgb(19, 23, 27)") == (theme == "dark")
    assert texts >= 4.5  # WCAG 2.2, 1.4.3
    assert cells >= 4.5


def test_the_button_turns_the_page_dark_whatever_the_system_says(page: Page) -> None:
    page.run("document.querySelector('[data-theme=dark]').click()")
    assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(19, 23, 27)"

    page.run("document.querySelector('button[data-theme=light]').click()")
    assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(252, 252, 250)"


def test_a_phone_scrolls_down_and_not_across(page: Page) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    )
    see_all(page)

    wide = "[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 361 && !one.closest('.scroll') && !one.closest('.skip, .hidden'))"
    assert page.run("return [document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    assert page.run(f"return {wide}.map((one) => one.outerHTML.slice(0, 100))") == []


def test_paper_gets_every_section_and_no_controls(page: Page) -> None:
    page.run("dispatchEvent(new Event('beforeprint'))")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})

    assert all(page.count(f"#{section} .body > *") for section in SECTIONS)
    assert page.run("return getComputedStyle(document.getElementById('controls')).display") == "none"
    assert page.run("return getComputedStyle(document.querySelector('.scroll')).overflow") == "visible"


def test_a_figure_is_saved_as_svg_and_its_numbers_as_csv(page: Page) -> None:
    import xml.etree.ElementTree as ET

    page.driver.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(page.driver.downloads)}
    )
    page.see("loss")
    page.run("document.querySelectorAll('#loss figure .saves button').forEach((one, i) => i < 2 && one.click())")
    svg, table = (saved(page, ending) for ending in ("svg", "csv"))

    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in svg
    assert "color-mix" not in svg
    fills = {one.get("fill") for one in root.iter("{http://www.w3.org/2000/svg}rect")}
    assert len(fills) > 3
    assert table.splitlines()[0] == "language,lost at 0.1,lost at 0.2,lost at 0.3"
    assert len(table.splitlines()) == 5


def saved(page: Page, ending: str) -> str:
    for _ in range(100):
        found = list(page.driver.downloads.glob(f"loss*.{ending}"))
        if found:
            return str(found[0].read_text())
        time.sleep(0.05)
    raise AssertionError(f"no .{ending} was saved")


def test_a_page_of_200_runs_is_small_and_draws_little_at_first(driver: Any, tmp_path: Path) -> None:
    made = Made(questions=3, languages=("ar", "de", "en", "zh"), steps=20)
    for seed in range(200):
        make_run(tmp_path / f"run{seed:03}", seed, made)
    write_page(tmp_path / "report.html", page_data(gather([tmp_path]), Wanted("recall@1")))
    page = Page(driver, tmp_path / "report.html")

    assert (tmp_path / "report.html").stat().st_size < 15e6
    assert page.count("#scores tbody tr") == 200
    assert page.count("*") < 12_000
    assert page.count("#curves [data-series], #loss .cell, #examples .example") == 0
    page.see("curves")
    assert page.count("#curves [data-series]") == 8
    assert page.errors() == []


def test_a_page_that_waits_for_runs_loads_itself_again_and_keeps_what_was_chosen(driver: Any, tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, SMALL)
    write_page(tmp_path / "report.html", page_data(gather([tmp_path]), Wanted("recall@1", every=1)))
    page = Page(driver, tmp_path / "report.html")
    page.run("change({measure: 'mrr@10'}); window.first = true")
    for _ in range(60):
        if page.run("return window.first") is None:
            break
        time.sleep(0.1)

    assert page.run("return window.first") is None
    assert "mrr@10 in %" in page.text("#scores")


def test_a_page_without_a_finished_run_says_so_and_shows_it_once_there_is_one(driver: Any, tmp_path: Path) -> None:
    run = make_run(tmp_path / "one", 1, SMALL)
    (run / "done.json").rename(run / "later.json")
    with locked(run):
        write_page(tmp_path / "report.html", page_data(gather([tmp_path]), Wanted("recall@1", every=60)))
    page = Page(driver, tmp_path / "report.html")

    assert page.text("#lede") == "No run has finished yet."
    assert "this page loads itself again every 60 s" in page.text("#banners")
    assert "one: still running" in page.text("#banners")

    (run / "later.json").rename(run / "done.json")
    write_page(tmp_path / "report.html", page_data(gather([tmp_path]), Wanted("recall@1")))
    driver.refresh()

    assert page.count("#scores tbody tr") == 1
    assert page.text("#banners") == ""
    assert page.errors() == []


def test_a_last_page_without_a_run_says_that_there_is_none(driver: Any, tmp_path: Path) -> None:
    (make_run(tmp_path / "one", 1, SMALL) / "done.json").unlink()
    write_page(tmp_path / "report.html", page_data(gather([tmp_path]), Wanted("recall@1")))
    page = Page(driver, tmp_path / "report.html")

    assert page.text("#lede") == "There is no run to show."
    assert "one: broken off: it has no done.json" in page.text("#banners")
    assert page.errors() == []


def test_the_page_shows_the_numbers_that_it_was_given(page: Page, written: Path) -> None:
    data = json.loads(page.text("#data"))
    shown = page.run(
        "return [...document.querySelectorAll('#scores tbody tr')].map((row) => row.cells[1].firstChild.data)"
    )

    assert len(shown) == len(data["groups"][0]["rows"])
    assert shown[0] == page.run("return fixed(score(group(), group().rows[0], 'all', 'recall@1', 0).value)")


def test_seeds_are_one_row_and_one_curve_with_the_single_runs_beside_it(driver: Any, tmp_path: Path) -> None:
    for label, count in (("one", 3), ("two", 4)):
        for seed in range(count):
            own = {"backbone": {"label": label, "name": label}, "seed": seed}
            make_run(tmp_path / f"{label}{seed}", 10 * count + seed, replace(SMALL, settings=own))
    make_run(tmp_path / "two9", 9, replace(SMALL, rates=(0.0, 0.1), settings={**own, "seed": 9}))
    write_page(tmp_path / "report.html", page_data(averaged(gather([tmp_path])), Wanted("recall@1")))
    page = Page(driver, tmp_path / "report.html")
    for section in (one for one in SECTIONS if one != "surface"):
        page.see(section)

    assert page.run("return [...document.querySelectorAll('#scores tbody th')].map((one) => one.textContent)") == [
        "one · 3 seeds: 0, 1, 2", "two · 4 seeds: 0, 1, 2, 3", "two · seed 9",
    ]  # fmt: skip
    assert page.text("#scores tbody tr").count("runs ") == 4
    assert page.count("#curves [data-series]") == 3
    assert page.count("#curves .each") == (3 + 4) * 4
    assert page.count("#training [data-series]") == 8
    assert page.count("#commands .command") == 8
    assert "two9: has other typo rates than the runs of seeds 0, 1, 2, 3" in page.text("#banners")
    assert "speak of other trainings too" in page.text("#scores")
    page.run("change({compared: 0})")
    told = [page.text(f"#scores tbody tr:nth-child({row})").count("these runs") for row in (2, 3)]
    assert told == [0, 1]
    assert page.errors() == []


def test_between_two_single_runs_beside_a_system_it_is_said_that_these_runs_are_meant(
    driver: Any, tmp_path: Path
) -> None:
    for label, count in (("one", 1), ("two", 1), ("three", 3)):
        for seed in range(count):
            own = {"backbone": {"label": label, "name": label}, "seed": seed}
            make_run(tmp_path / f"{label}{seed}", 10 * count + seed, replace(SMALL, settings=own))
    wanted = Wanted("recall@1", str((tmp_path / "one0").resolve()))
    write_page(tmp_path / "report.html", page_data(averaged(gather([tmp_path])), wanted))
    page = Page(driver, tmp_path / "report.html")

    told = page.run("return [...document.querySelectorAll('#scores tbody tr')].map((one) => one.textContent)")
    assert [row.count("these runs") for row in told] == [0, 1, 1]


def test_of_one_question_the_page_shows_no_interval_over_trainings(driver: Any, tmp_path: Path) -> None:
    for label in "ab":
        for seed in range(3):
            own = {"backbone": {"label": label, "name": label}, "seed": seed}
            made = replace(SMALL, questions=1, languages=("en",), settings=own)
            make_run(tmp_path / f"{label}{seed}", 100 * ord(label) + seed, made)
    write_page(tmp_path / "report.html", page_data(averaged(gather([tmp_path])), Wanted("recall@1")))
    page = Page(driver, tmp_path / "report.html")
    for section in ("scores", "curves"):
        page.see(section)

    assert page.count("#scores tbody tr") == 2
    assert page.count("#scores .whisker") == 0
    spans = "[...document.querySelectorAll('#scores tbody .between')].map((one) => one.textContent)"
    assert all(text.startswith(("runs ", "p ")) for text in page.run(f"return {spans}"))
    assert "intervals" not in page.text("#lede")
    assert page.errors() == []
