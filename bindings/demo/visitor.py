"""A person with a browser at a chirp, in a few lines: cookies, forms, and patience."""

from __future__ import annotations

import re
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urlsplit


class Visitor:
    """Somebody called ``name`` at the chirp with this ``origin``."""

    def __init__(self, origin: str, name: str) -> None:
        self.origin = origin
        self.name = name
        self.handle = f"@{name}@{urlsplit(origin).netloc}"
        self._browser = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self._path = "/"

    def page(self, path: str) -> str:
        """The HTML of a page. Raises HTTPError from status 400 on."""
        with self._browser.open(self.origin + path, timeout=30) as answer:
            self._path = str(answer.url).removeprefix(self.origin)
            return str(answer.read().decode())

    def send(self, page: str, action: str, **fields: str | bytes) -> str:
        """Fills in and submits the form with this action; gives the path one lands on. Bytes are a PNG file."""
        forms = _Forms()
        forms.feed(self.page(page))
        values: dict[str, str | bytes] = {**forms.found[action], **fields}
        boundary = secrets.token_hex(16)
        body = b""
        for name, value in values.items():
            kind = f'; filename="{name}.png"\r\nContent-Type: image/png' if isinstance(value, bytes) else ""
            data = value if isinstance(value, bytes) else value.encode()
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{kind}\r\n\r\n'
            body += head.encode() + data + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Referer": self.origin + page}
        request = urllib.request.Request(self.origin + action, body, headers)  # noqa: S310  an http address
        with self._browser.open(request, timeout=30) as answer:
            return str(answer.url).removeprefix(self.origin)

    # What a person does.

    def sign_up(self, password: str) -> None:
        """A new person who agrees to be reachable from other sites."""
        self.send("/signup", "/signup", name=self.name, password=password, federated="1")

    def follow(self, handle: str) -> None:
        """Looks somebody up and follows them."""
        self.page("/search?" + urlencode({"q": handle}))
        path = self._path
        if path.startswith("/search"):
            raise AssertionError(f"nobody was found for {handle}")
        self.send(path, f"{path}/follow")

    def post(self, text: str, *, reply_to: str = "", picture: bytes | None = None, alt: str = "") -> str:
        """Writes a post; gives the path of its page."""
        page = "/compose" + (f"?reply_to={reply_to.removeprefix('/posts/')}" if reply_to else "")
        if picture:
            return self.send(page, "/posts", text=text, picture_0=picture, picture_alt_0=alt)
        return self.send(page, "/posts", text=text)

    def edit(self, path: str, text: str) -> None:
        """Changes the words of an own post."""
        self.send(f"{path}/edit", f"{path}/edit", text=text)

    def press(self, page: str, action: str) -> None:
        """Presses a button."""
        self.send(page, action)

    # What a person sees.

    def wait_to_see(self, path: str, text: str) -> None:
        """Waits until a page shows the text."""
        wait_until(lambda: text in _text(self.page(path)), f"{text!r} on {self.origin}{path}")

    def wait_for_post(self, text: str) -> str:
        """Waits until a post with this text stands on the home page; gives the path of its page."""
        return str(wait_until(lambda: self._post_with(text), f"a post with {text!r} on {self.origin}/"))

    def wait_to_be_gone(self, path: str) -> None:
        """Waits until a page is no longer there."""
        wait_until(lambda: self._is_gone(path), f"{self.origin}{path} gone")

    def _post_with(self, text: str) -> str | None:
        for part in re.split(r'(?=id="post-\d+")', self.page("/")):
            number = re.match(r'id="post-(\d+)"', part)
            if number and text in _text("<" + part):
                return f"/posts/{number[1]}"
        return None

    def _is_gone(self, path: str) -> bool:
        try:
            self.page(path)
        except urllib.error.HTTPError as error:
            return error.code in (404, 410)
        return False


class _Forms(HTMLParser):
    """The forms of a page: action -> the values they hold before anybody fills them in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "form":
            self._form = self.found.setdefault(has.get("action") or "", {})
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in self._form or "selected" in has):
            self._form[self._select] = value
        elif tag == "input" and name and has.get("type") not in ("file", "submit"):
            chosen = has.get("type") not in ("checkbox", "radio") or "checked" in has
            self._form |= {name: value} if chosen else {}


def _text(html: str) -> str:
    """What a reader sees: tags gone, white space single."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> object:
    """What ``condition`` answers, once it is something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"expected {what} within {seconds:.0f} s")
