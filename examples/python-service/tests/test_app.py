import json

import pytest

from quotes.app import QUOTES, Quotes


def get(path: str):
    said = {}

    def start_response(status, headers):
        said.update(status=status, headers=dict(headers))

    body = b"".join(Quotes("v1.2.3", "3f2a91c", "https://api.example.com")({"PATH_INFO": path}, start_response))
    assert said["headers"]["Content-Length"] == str(len(body))
    return said["status"], json.loads(body)


def test_health_says_which_release_is_live():
    assert get("/health") == (
        "200 OK",
        {"status": "ok", "version": "v1.2.3", "sha": "3f2a91c", "api": "https://api.example.com"},
    )


def test_all_quotes():
    assert get("/quotes") == ("200 OK", list(QUOTES))


@pytest.mark.parametrize("number", range(1, len(QUOTES) + 1))
def test_one_quote(number):
    assert get(f"/quotes/{number}") == ("200 OK", QUOTES[number - 1])


@pytest.mark.parametrize("path", ["/", "/quotes/", "/quotes/0", "/quotes/4", "/quotes/x", "/quotes/²", "/health/x"])
def test_everything_else_is_not_found(path):
    assert get(path)[0] == "404 Not Found"
