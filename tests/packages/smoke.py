"""Uses the installed package as a stranger would: signs, verifies, serves an actor. Prints ``smoke: ok``."""

import json
import shutil
import sys
import time
from wsgiref.util import setup_testing_defaults

import fedigraft
from fedigraft import Content, Federation, Instance, Key, Posts, Profile, Request

assert shutil.which("cargo") is None, "the point is that no Rust toolchain is needed"

key = Key.generate()
now = int(time.time())
sent = fedigraft.sign(key, "https://me.example/u/1#main-key", "POST", "https://you.example/inbox", body=b"{}")
received = Request("POST", "/inbox", sent, b"{}")
assert fedigraft.verify(Instance("https://you.example"), received, key.public(), now=now)

fed = Federation("https://chirp.example", database=sys.argv[1])
fed.profile(lambda db, key: Profile(id="1", username="ann", bio=Content("Hello"), federated=True))
fed.post(lambda db, key: None)
fed.posts(lambda db, author, cursor: Posts(()))

environ = {
    "HTTP_HOST": "chirp.example",
    "PATH_INFO": "/ap/users/1",
    "HTTP_ACCEPT": "application/activity+json",
}
setup_testing_defaults(environ)
statuses: list[str] = []
app = fed.wsgi(lambda environ, start: [b"not federation"])
body = b"".join(app(environ, lambda status, headers: statuses.append(status)))  # type: ignore
actor = json.loads(body)
assert statuses == ["200 OK"], statuses
assert actor["id"] == "https://chirp.example/ap/users/1"
assert "BEGIN PUBLIC KEY" in actor["publicKey"]["publicKeyPem"]
print("smoke: ok", fedigraft.__version__, fedigraft.library_version())
