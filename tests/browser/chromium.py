"""Debian's Chromium without a window, driven by chromedriver.

It starts with an empty profile, asks nobody on the Internet for anything, and trusts the servers of the
ground by their keys, so that every other certificate fault stays a fault.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from ground import NAMES, Ground
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service


@contextmanager
def chromium(ground: Ground, width: int = 1280, height: int = 900, scale: float = 1) -> Iterator[Chrome]:
    """A browser that ends with the block."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        raise RuntimeError("Chromium or chromedriver is not installed: run `make setup`")
    profile = ground.folder / "profile"
    options = ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless",
        "--no-sandbox",  # the tests run as root
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--disable-sync",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        f"--force-device-scale-factor={scale}",
        f"--window-size={width},{height}",
        f"--user-data-dir={profile}",
        f"--ignore-certificate-errors-spki-list={','.join(ground.pin(host) for host in NAMES)}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = Chrome(options, Service(driver, log_output=str(ground.folder / "chromedriver.log")))
    try:
        window.set_page_load_timeout(30)
        yield window
    finally:
        window.quit()
