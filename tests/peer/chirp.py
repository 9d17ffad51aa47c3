"""Runs chirp, in any language, with federation behind TLS, and visits its pages as a person would.

    with Chirp.start(ground, language="ruby") as chirp:
        alice = chirp.sign_up("alice")
        path = alice.post("hello @fred@fedify.test")
        alice.react(path, "boost")

The web server and the delivery worker are processes of their own. Everything goes through the pages; nothing
here reads chirp's database.
"""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import mechanicalsoup
import pytest
from bs4 import BeautifulSoup, Tag
from ground import NAMES, Ground, clean_environment, wait_for
from languages import LANGUAGES

BIN = Path(sys.executable).parent
HOST = "chirp.test"
IN_EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES, indirect=True, scope="module")
"""On a module or a test with the fixture ``chirp``: it runs with the chirp of each language."""
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Commands:
    """How a chirp is run: once, then beside each other."""

    prepare: list[str]
    web: list[str]
    worker: list[str]

    @classmethod
    def of(cls, language: str, listen: str, certificate: str) -> Commands:
        """For one language; ``certificate`` is a PEM file with the key and the chain."""
        if language == "python":  # as on a real machine: two processes, threads, connections kept open
            flask = [str(BIN / "flask"), "--app", "federate"]
            gunicorn = [
                str(BIN / "gunicorn"),
                "federate:app",
                "--workers=2",
                "--threads=8",
                "--keep-alive=75",
            ]
            web = [f"--bind={listen}", f"--certfile={certificate}", f"--keyfile={certificate}"]
            return cls(
                prepare=[*flask, "init-db"],
                web=[*gunicorn, *web, "--graceful-timeout=1"],
                worker=[*flask, "federation-worker"],
            )
        chirp = LANGUAGES[language].chirp
        return cls(
            prepare=[*chirp, "init-db"],
            web=[*chirp, "serve", "--listen", listen, "--cert", certificate, "--key", certificate],
            worker=[*chirp, "work"],
        )


@dataclass
class Chirp:
    """A running chirp at ``origin``."""

    origin: str
    authority: Path
    log: Path

    @classmethod
    @contextmanager
    def start(
        cls, ground: Ground, host: str = HOST, *, language: str = "python", worker: str = ""
    ) -> Iterator[Chirp]:
        """Prepares a database, starts the web server and the worker; they end with the block.

        ``host`` is a name of the ground, ``language`` a key of the demo's ``LANGUAGES``; so is ``worker``,
        when the worker is of another language.
        """
        data = Path(tempfile.mkdtemp(prefix=f"{host}-{language}-", dir=ground.folder))
        log, folder = data / "log", LANGUAGES[language].folder
        worker = worker or language
        chirp = cls(f"https://{host}", ground.authority, log)
        environment = clean_environment(
            CHIRP_ORIGIN=chirp.origin,
            CHIRP_DATABASE=str(data / "chirp.sqlite"),
            CHIRP_MEDIA=str(data / "media"),
            CHIRP_POLICY="development",  # the addresses are loopback
            SECRET_KEY="for this run only",
            SSL_CERT_FILE=str(ground.authority),  # what outgoing requests trust
            PYTHONUNBUFFERED="1",
        )
        listen, certificate = f"{NAMES[host]}:443", str(ground.certificate(host))
        run, work = Commands.of(language, listen, certificate), Commands.of(worker, listen, certificate)
        with ExitStack() as running, log.open("ab") as output:
            prepared = subprocess.run(run.prepare, cwd=folder, env=environment, stdout=output, stderr=output)
            assert prepared.returncode == 0, f"{run.prepare} failed:\n{log.read_text()}"
            running.enter_context(_process(run.web, folder, environment, log))
            running.enter_context(_process(work.worker, LANGUAGES[worker].folder, environment, log))
            wait_for(chirp.answers, 20, f"{host} answering")
            yield chirp

    def answers(self) -> bool:
        """Whether the web server is up."""
        try:
            self.get("/login").close()
        except OSError:
            return False
        return True

    def get(self, path: str, accept: str = "*/*") -> Any:
        """A GET by nobody in particular; raises HTTPError from status 400 on."""
        return self.request("GET", path, Accept=accept)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
        """A request as it is, unsigned unless the headers say otherwise."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.origin + path, body, named, method=method)
        trust = ssl.create_default_context(cafile=str(self.authority))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        return opener.open(request, timeout=10)

    def sign_up(self, name: str) -> Visitor:
        """A new person who agrees to be reachable from other sites, logged in."""
        visitor = Visitor(self, name)
        form = visitor.form("/signup", "/signup")
        form["name"], form["password"] = name, PASSWORD
        form.set_checkbox({"federated": True})
        visitor.send()
        return visitor

    def story(self) -> str:
        """What the servers printed last, for the message of a test that fails."""
        return "\n".join(["chirp printed:", *self.log.read_text().splitlines()[-40:]])


class Visitor:
    """A person with a browser without scripts, logged in at chirp."""

    def __init__(self, chirp: Chirp, name: str) -> None:
        self.chirp = chirp
        self.name = name
        self.browser = mechanicalsoup.StatefulBrowser()
        self.browser.session.verify = str(chirp.authority)
        self.browser.session.trust_env = False

    @property
    def handle(self) -> str:
        """``@name@host``"""
        return f"@{self.name}@{self.chirp.origin.removeprefix('https://')}"

    # Pages and forms.

    def open(self, path: str) -> BeautifulSoup:
        """The page at ``path``; anything but a page is a failure."""
        status = self.status(path)
        assert status == 200, f"GET {path}: {status}\n{self.chirp.story()}"
        page: BeautifulSoup = self.browser.page
        return page

    def status(self, path: str) -> int:
        """The HTTP status of a page."""
        return int(self.browser.open(self.chirp.origin + path).status_code)

    def form(self, path: str, action: str) -> Any:
        """The form with this action on the page at ``path``, ready to be filled in."""
        self.open(path)
        return self.browser.select_form(f'form[method="post"][action="{action}"]')

    def send(self) -> str:
        """Submits the form that was selected; gives the path one lands on."""
        answer = self.browser.submit_selected()
        assert answer.status_code == 200, f"{answer.request.url}: {answer.status_code}\n{self.chirp.story()}"
        return str(answer.url).removeprefix(self.chirp.origin)

    def press(self, path: str, action: str) -> str:
        """Presses the button of a form that has nothing to fill in."""
        self.form(path, action)
        return self.send()

    # What a person does.

    def post(
        self, text: str, *, reply_to: str | None = None, picture: Path | None = None, **fields: str
    ) -> str:
        """Writes a post and gives the path of its page.

        ``reply_to`` is the path of a post; ``fields``: warning, language, visibility, picture_alt_0.
        """
        page = "/compose" + (f"?reply_to={_number(reply_to)}" if reply_to else "")
        form = self.form(page, "/posts")
        form["text"] = text
        for name, value in fields.items():
            form[name] = value
        if picture:
            with picture.open("rb") as file:
                form.set("picture_0", file)
                return self._landed(self.send())
        return self._landed(self.send())

    def edit(self, path: str, text: str) -> None:
        """Changes the words of an own post."""
        self.form(f"{path}/edit", f"{path}/edit")["text"] = text
        self.send()

    def delete(self, path: str) -> None:
        """Deletes an own post."""
        self.press(f"{path}/delete", f"{path}/delete")

    def react(self, path: str, action: str) -> None:
        """``like``, ``unlike``, ``boost`` or ``unboost`` a post."""
        self.press(path, f"{path}/{action}")

    def find(self, query: str) -> str:
        """Searches for a handle or an address elsewhere and gives the path of the page that shows it."""
        self.open("/search?" + urlencode({"q": query}))
        path = str(self.browser.url).removeprefix(self.chirp.origin)
        assert not path.startswith("/search"), f"nothing found for {query}\n{self.chirp.story()}"
        return path

    def follow(self, handle: str) -> None:
        """Finds somebody by handle and follows them, or asks to."""
        path = self.find(handle)
        self.press(path, f"{path}/follow")

    def unfollow(self, handle: str) -> None:
        """Follows them no longer."""
        self.press(f"/{handle}", f"/{handle}/unfollow")

    # What a person sees.

    def sees(self, path: str, text: str) -> bool:
        """Whether the page shows this text."""
        return text in self.open(path).get_text(" ", strip=True)

    def reactions(self, path: str) -> set[str]:
        """The handles of those who liked or boosted a post."""
        return {str(link["href"]).removeprefix("/") for link in self.open(path).select(".reactions a")}

    def post_with(self, text: str, page: str = "/") -> str | None:
        """The path of the post with this text on a page, if it is there."""
        for found in self.open(page).find_all(id=re.compile(r"^post-\d+$")):
            if isinstance(found, Tag) and text in found.get_text(" ", strip=True):
                return "/posts/" + str(found["id"]).removeprefix("post-")
        return None

    def wait_for_post(self, text: str, page: str = "/", seconds: float = 20) -> str:
        """Waits until a post with this text stands on a page, and gives its path."""
        return str(self._wait(lambda: self.post_with(text, page), seconds, f"a post with “{text}” on {page}"))

    def wait_to_see(self, path: str, text: str, seconds: float = 20) -> None:
        """Waits until a page shows the text."""
        self._wait(lambda: self.sees(path, text), seconds, f"“{text}” on {path}")

    def wait_not_to_see(self, path: str, text: str, seconds: float = 20) -> None:
        """Waits until a page no longer shows the text."""
        self._wait(lambda: not self.sees(path, text), seconds, f"no “{text}” on {path}")

    def _wait(self, condition: Any, seconds: float, what: str) -> Any:
        try:
            return wait_for(condition, seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.chirp.story()}") from error

    def _landed(self, path: str) -> str:
        assert re.fullmatch(r"/posts/\d+", path), f"expected the page of the new post, not {path}"
        return path


def _number(path: str) -> str:
    return path.removeprefix("/posts/")


@contextmanager
def _process(command: list[str], folder: Path, environment: dict[str, str], log: Path) -> Iterator[None]:
    """A process that ends with the block; one that ended before is a failure."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        time.sleep(0.2)
        assert process.poll() is None, f"{command} ended at once:\n{log.read_text()}"
        yield
        assert process.poll() is None, f"{command} ended:\n{log.read_text()}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
