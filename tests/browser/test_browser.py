"""A person opens chirp in Chromium, logs in, posts through the page and sees a remote reply arrive."""

from __future__ import annotations

from chirp import IN_EACH_LANGUAGE, PASSWORD, Chirp, Visitor
from chromium import chromium
from fedify import Fedify
from ground import Ground, wait_for
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

pytestmark = IN_EACH_LANGUAGE


def test_a_person_posts_and_sees_a_remote_reply(
    ground: Ground, chirp: Chirp, fedify: Fedify, alice: Visitor
) -> None:
    fedify.follow("fred", alice.handle)
    (alice_uri,) = wait_for(lambda: fedify.following("fred"), what="chirp accepting Fred")
    with chromium(ground) as window:
        log_in(window, chirp, alice)

        composer = window.find_element(By.CSS_SELECTOR, 'form[action="/posts"]')
        composer.find_element(By.NAME, "text").send_keys("Good morning from a browser")
        press(composer)
        own = shown(window, "Good morning from a browser")

        create = fedify.wait_for_activity("Create", actor=alice_uri)
        assert "Good morning from a browser" in create["object"]["content"]
        fedify.post(
            "fred",
            "<p>Good morning from afar</p>",
            in_reply_to=create["object"]["id"],
            mentions=[alice.handle],
        )

        open_post(window, own)
        reply = shown(window, "Good morning from afar", reload=True)
        assert "@fred@fedify.test" in reply.text
        # The picture of the remote person comes from where they live; the page allows it.
        face = reply.find_element(By.CSS_SELECTOR, "img.avatar")
        WebDriverWait(window, 10).until(
            lambda _: window.execute_script("return arguments[0].complete && arguments[0].naturalWidth", face)
        )
        log = window.get_log("browser")  # type: ignore[no-untyped-call]
        assert [entry["message"] for entry in log if entry["level"] == "SEVERE"] == []


def log_in(window: Chrome, chirp: Chirp, person: Visitor) -> None:
    """By the login page, as anyone would."""
    window.get(f"{chirp.origin}/login")
    form = window.find_element(By.CSS_SELECTOR, 'form[action="/login"]')
    form.find_element(By.NAME, "name").send_keys(person.name)
    form.find_element(By.NAME, "password").send_keys(PASSWORD)
    press(form)
    WebDriverWait(window, 10).until(lambda _: not window.current_url.endswith("/login"))


def press(form: WebElement) -> None:
    """Its one button."""
    form.find_element(By.CSS_SELECTOR, "button.primary").click()


def shown(window: Chrome, text: str, *, reload: bool = False) -> WebElement:
    """The post with this text, as soon as a page shows it; `reload` asks for the page again and again."""

    def look(_: Chrome) -> WebElement | None:
        if reload:
            window.refresh()
        found = window.find_elements(By.CSS_SELECTOR, 'article[id^="post-"]')
        return next((post for post in found if text in post.text), None)

    # An article of the page before goes while the next one loads.
    post = WebDriverWait(window, 20, 0.3, [StaleElementReferenceException]).until(look)
    assert post is not None
    return post


def open_post(window: Chrome, post: WebElement) -> None:
    """The page of a post, by the link on its time."""
    post.find_element(By.CSS_SELECTOR, "time").click()
    WebDriverWait(window, 10).until(lambda _: "/posts/" in window.current_url)
