"""How long the report of a large sweep takes to write, how large it is, and how soon it stands in a browser.

    python benchmarks/report_speed.py [RUNS]

The runs are made, not measured: 200 by default, each of 2,880 queries in 12 languages at 4 rates. Needs chromium and
the extra `dev`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.made_runs import Made, make_run
from typoglot.report import Wanted, gather, page_data, write_page

REPEATS = 7
PAINTED = """
const done = arguments[0];
const there = () => document.querySelectorAll(".headline tbody tr").length;
const look = () => (there() ? setTimeout(done) : requestAnimationFrame(look));
requestAnimationFrame(look);
"""


def main(count: int) -> None:
    """Makes the runs, writes the page, opens it some times."""
    with tempfile.TemporaryDirectory() as name:
        folder, page = Path(name), Path(name) / "report.html"
        for seed in range(count):
            make_run(folder / f"run{seed:03}", seed, Made(questions=240, steps=600, examples=12))
        start = time.perf_counter()
        gathered = gather([folder])
        read = time.perf_counter()
        write_page(page, page_data(gathered, Wanted("recall@1")))
        written = time.perf_counter()
        print(f"{count} runs: read in {read - start:.1f} s, tested and written in {written - read:.1f} s")
        print(f"size: {page.stat().st_size / 1e6:.2f} MB")
        times = [opening(page) for _ in range(REPEATS)]
        print(f"opened in {median(times):.2f} s (median of {REPEATS}; {min(times):.2f}-{max(times):.2f})")


def opening(page: Path) -> float:
    """Seconds from the navigation until the first table stands and the browser has painted it."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        start = time.perf_counter()
        driver.get(page.as_uri())
        driver.execute_async_script(PAINTED)
        return time.perf_counter() - start
    finally:
        driver.quit()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
