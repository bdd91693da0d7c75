"""Folders of made runs, and a browser that opens pages from disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's chromium without a window; it keeps a log of what it asks the network for, and of errors."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not here (extra dev)")
    chromium, service = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or service is None:
        pytest.skip("Debian's chromium and chromium-driver are not here")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    downloads = tmp_path_factory.mktemp("downloads")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(service))
    made.downloads = downloads
    yield made
    made.quit()


class Page:
    """An opened page."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver = driver
        driver.get(path.as_uri())
        driver.execute_script("sessionStorage.clear()")  # what the test before had chosen
        self._forget()
        driver.get("about:blank")
        driver.get(path.as_uri())

    def _forget(self) -> None:
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def run(self, script: str) -> Any:
        """What the script returns, after all that it set going was drawn."""
        found = self.driver.execute_script(script)
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))"
        )
        return found

    def see(self, section: str) -> None:
        """Scrolls a section into sight, which draws it."""
        self.run(f"document.getElementById('{section}').scrollIntoView({{behavior: 'instant'}})")
        self.run("")

    def text(self, selector: str) -> str:
        return str(self.run(f"return document.querySelector({selector!r}).textContent"))

    def count(self, selector: str) -> int:
        return int(self.run(f"return document.querySelectorAll({selector!r}).length"))

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for, but for the page's own and data in it, and what its policy stopped."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        stopped = {one["params"]["requestId"] for one in events if one["params"].get("blockedReason") == "csp"}
        sent = [one["params"] for one in events if one["method"] == "Network.requestWillBeSent"]
        urls = [one["request"]["url"] for one in sent if one["requestId"] not in stopped]
        return [url for url in urls if not url.startswith(("file://", "data:", "blob:", "about:"))]
