"""``python quotes.pyz <port>``: serves until SIGTERM. Says when it is ready."""

import json
import os
import pkgutil
import signal
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from quotes.app import Quotes


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """A probe every two seconds is not worth a line."""


def release_sha() -> str:
    """The commit that the bundle was made of."""
    data = pkgutil.get_data("quotes", "release.json")
    assert data is not None
    return json.loads(data)["sha"]


def main() -> None:
    port = int(sys.argv[1])
    sha = release_sha()
    version = os.environ.get("QUOTES_VERSION") or sha[:7]
    app = Quotes(version, sha, os.environ.get("API_URL", ""))
    with make_server("127.0.0.1", port, app, server_class=Server, handler_class=QuietHandler) as server:
        # shutdown() waits for serve_forever(), which this very thread runs
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        print(f"ready: {version} ({sha}) on {port}", flush=True)
        if "QUOTES_READY_FD" in os.environ:
            ready = int(os.environ["QUOTES_READY_FD"])
            os.write(ready, b"ready\n")
            os.close(ready)
        server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
