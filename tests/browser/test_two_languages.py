"""Two people in one Chromium, at the chirp in Ruby and at the chirp in Go: the same pages, one network."""

from __future__ import annotations

from chirp import Chirp, Visitor
from chromium import chromium
from ground import Ground
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from test_browser import log_in, open_post, press, shown


def test_they_follow_each_other_and_talk(ground: Ground) -> None:
    with (
        Chirp.start(ground, "chirp.test", language="ruby") as here,
        Chirp.start(ground, "other.test", language="go") as there,
        chromium(ground) as window,
    ):
        rita, gus = here.sign_up("rita"), there.sign_up("gus")
        for chirp, person, other in ((here, rita, gus), (there, gus, rita)):
            log_in(window, chirp, person)
            follow(window, chirp, other)
        wait_for_page(window, here, "/@rita/followers", gus.handle)

        window.get(f"{here.origin}/")
        write(window, "Good morning from the rubies")
        window.get(f"{there.origin}/")
        arrived = shown(window, "Good morning from the rubies", reload=True)
        open_post(window, arrived)
        write(window, "And good morning from the gophers")

        window.get(f"{here.origin}/")
        own = shown(window, "Good morning from the rubies", reload=True)
        open_post(window, own)
        reply = shown(window, "And good morning from the gophers", reload=True)
        assert gus.handle in reply.text
        log = window.get_log("browser")  # type: ignore[no-untyped-call]
        assert [entry["message"] for entry in log if entry["level"] == "SEVERE"] == []


def follow(window: Chrome, chirp: Chirp, other: Visitor) -> None:
    """By the search field, as anyone would; waits until the other side has said yes."""
    window.get(f"{chirp.origin}/search")
    form = window.find_element(By.CSS_SELECTOR, "main form.search")
    form.find_element(By.NAME, "q").send_keys(other.handle)
    press(form)
    path = f"/{other.handle}"
    WebDriverWait(window, 20).until(lambda _: window.current_url == chirp.origin + path)
    press(window.find_element(By.CSS_SELECTOR, f'form[action="{path}/follow"]'))
    wait_for_page(window, chirp, path, "Following")


def wait_for_page(window: Chrome, chirp: Chirp, path: str, text: str) -> None:
    """Loads a page until it shows the text."""

    def there(_: Chrome) -> bool:
        window.get(chirp.origin + path)
        return text in window.find_element(By.TAG_NAME, "main").text

    WebDriverWait(window, 20, 0.3).until(there)


def write(window: Chrome, text: str) -> None:
    """Into the composer of the page; ends when the post is shown."""
    composer = window.find_element(By.CSS_SELECTOR, 'form[action="/posts"]')
    composer.find_element(By.NAME, "text").send_keys(text)
    press(composer)
    shown(window, text)
