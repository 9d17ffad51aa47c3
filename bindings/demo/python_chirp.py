"""The Python chirp as one process with its worker, by the commands that chirp has in the other languages.

    python_chirp.py init-db
    python_chirp.py serve --listen HOST:PORT --worker

Flask and fedigraft are all it needs; on a real machine chirp runs under gunicorn (its README).
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of chirp


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init-db")
    serve = commands.add_parser("serve")
    serve.add_argument("--listen", required=True, metavar="HOST:PORT")
    serve.add_argument("--worker", action="store_true")
    asked = parser.parse_args()

    import federate
    from werkzeug.serving import make_server

    if asked.command == "init-db":
        federate.db.prepare(federate.app.config["CHIRP_DATABASE"])
        return
    host, _, port = asked.listen.rpartition(":")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = make_server(host, int(port), federate.app, threaded=True)
    with federate.fed.worker(poll=0.2) if asked.worker else contextlib.nullcontext():
        server.serve_forever()


if __name__ == "__main__":
    main()
