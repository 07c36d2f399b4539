"""The service itself: a WSGI application, without a server and without a dependency."""

import json
from typing import Callable, Iterable, Mapping

QUOTES = (
    "A release is not done when it is deployed, but when it was seen to work.",
    "Never roll back to a guess.",
    "What was verified is what goes out, byte for byte.",
)

StartResponse = Callable[[str, "list[tuple[str, str]]"], object]


class Quotes:
    """Serves ``/health``, ``/quotes`` and ``/quotes/<number>``."""

    def __init__(self, version: str, sha: str, api_url: str = "") -> None:
        self._health = {"status": "ok", "version": version, "sha": sha, "api": api_url}

    def __call__(self, environ: Mapping[str, str], start_response: StartResponse) -> Iterable[bytes]:
        status, body = self._respond(environ.get("PATH_INFO", "/"))
        content = (json.dumps(body) + "\n").encode()
        start_response(
            status,
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(content))),
                ("Cache-Control", "no-store"),
            ],
        )
        return [content]

    def _respond(self, path: str) -> "tuple[str, object]":
        if path == "/health":
            return "200 OK", self._health
        if path == "/quotes":
            return "200 OK", list(QUOTES)
        number = path[len("/quotes/") :] if path.startswith("/quotes/") else ""
        if number.isascii() and number.isdigit() and 1 <= int(number) <= len(QUOTES):
            return "200 OK", QUOTES[int(number) - 1]
        return "404 Not Found", {"status": "not found"}
