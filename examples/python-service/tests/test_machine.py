"""Real processes on loopback: bundle, deploy, replace, stop."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Machine:
    def __init__(self, folder: pathlib.Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        # pytest-cov would start in each of these processes, too: what it measures runs in none of them
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV_CORE_")}
        self.environment = {**inherited, "QUOTES_HOME": str(folder / "home"), "QUOTES_PORT": str(port)}

    def run(self, *argv: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            argv, cwd=self.folder, env={**self.environment, **variables}, capture_output=True, text=True, timeout=60
        )

    def service(self, task: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return self.run(sys.executable, str(ROOT / "machine" / "service.py"), task, **variables)

    def commit(self) -> str:
        self.run("git", "commit", "-q", "--allow-empty", "-m", "a release")
        assert self.run(sys.executable, str(ROOT / "machine" / "bundle.py")).returncode == 0
        return self.run("git", "rev-parse", "HEAD").stdout.strip()

    def health(self):
        with urllib.request.urlopen(f"{self.url}/health", timeout=5) as response:
            return json.load(response)

    def pid(self) -> int:
        return json.loads((self.folder / "home" / "service.json").read_text())["pid"]


@pytest.fixture
def machine(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Machine(tmp_path, port)
    made.run("git", "init", "-q")
    for key, value in (("user.name", "an engineer"), ("user.email", "engineer@example.com"), ("commit.gpgSign", "false")):
        made.run("git", "config", key, value)
    yield made
    assert made.service("stop").returncode == 0
    with pytest.raises(urllib.error.URLError):
        made.health()


def test_a_release_says_who_it_is_once_it_is_deployed(machine):
    sha = machine.commit()

    deployed = machine.service("deploy", DELIVERY_VERSION="v1.0.0", DELIVERY_SHA=sha, API_URL="https://api.example.com")

    assert deployed.returncode == 0, deployed.stderr
    assert machine.health() == {"status": "ok", "version": "v1.0.0", "sha": sha, "api": "https://api.example.com"}


def test_the_same_commit_gives_the_same_bytes(machine):
    machine.commit()
    bundle = machine.folder / "dist" / "quotes.pyz"
    before = bundle.read_bytes()
    os.utime(ROOT / "quotes" / "app.py", (1_000_000_000, 1_000_000_000))

    assert machine.run(sys.executable, str(ROOT / "machine" / "bundle.py"), TZ="Asia/Tokyo").returncode == 0

    assert bundle.read_bytes() == before


def test_deploying_twice_changes_nothing_and_another_release_replaces_the_first(machine):
    first = machine.commit()
    machine.service("deploy")
    pid = machine.pid()
    assert "runs already" in machine.service("deploy").stdout
    assert machine.pid() == pid

    second = machine.commit()
    machine.service("deploy")

    assert first != second
    assert machine.health()["sha"] == second


def test_files_of_another_commit_are_refused(machine):
    sha = machine.commit()
    machine.service("deploy")

    refused = machine.service("deploy", DELIVERY_SHA="0" * 40)

    assert refused.returncode == 1
    assert f"dist/ holds commit {sha}" in refused.stderr
    assert machine.health()["sha"] == sha


def test_a_release_that_cannot_start_is_reported_with_its_log(machine):
    machine.commit()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(machine.environment["QUOTES_PORT"])))
        taken.listen()

        refused = machine.service("deploy")

    assert refused.returncode == 1
    assert "Address already in use" in refused.stderr
