"""
The machine that runs the service: ``python3 machine/service.py deploy | stop``.

``deploy`` replaces what runs by the release of ``dist/`` and returns when that listens. Doing it twice changes nothing,
so it also rolls back: a rollback runs it again with the files of the release to restore.

It reads QUOTES_HOME (state; a relative path lies in the user's home folder), QUOTES_PORT, API_URL, and what every
delivery gives: DELIVERY_VERSION, DELIVERY_SHA, DEPLOY_ENV. Standard library only: nothing to install.
"""

import hashlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import Callable, Optional

HOME = pathlib.Path.home() / os.environ.get("QUOTES_HOME", ".quotes")
PORT = int(os.environ.get("QUOTES_PORT", "8080"))
RECORD = HOME / "service.json"
LOG = HOME / "service.log"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
KILL_SECONDS = 5.0


class Refused(Exception):
    """Says in one line what is wrong, and what to do."""


def deploy() -> None:
    dist = pathlib.Path("dist")
    if not (dist / "release.json").exists():
        raise Refused(f"{dist.resolve()} holds no release.json: run python3 machine/bundle.py first")
    sha = json.loads((dist / "release.json").read_text())["sha"]
    wanted = os.environ.get("DELIVERY_SHA") or sha
    if wanted != sha:
        raise Refused(f"dist/ holds commit {sha}, but DELIVERY_SHA is {wanted}: bundle that commit")
    digest = hashlib.sha256((dist / "quotes.pyz").read_bytes()).hexdigest()
    release = {"version": os.environ.get("DELIVERY_VERSION") or sha[:7], "sha": sha, "digest": digest, "port": PORT}

    current = running()
    if current is not None and all(current.get(key) == value for key, value in release.items()):
        print(f"{release['version']} ({sha}) runs already")
        return
    stop()
    start(dist, release)


def start(dist: pathlib.Path, release: "dict[str, object]") -> None:
    folder = HOME / "releases" / str(release["digest"])
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "quotes.pyz"
    shutil.copyfile(dist / "quotes.pyz", program)
    ready, notify = os.pipe()
    with LOG.open("w") as log:
        # A session of its own and no more of the environment than it needs: it outlives the job, and its secrets must not.
        process = subprocess.Popen(
            [sys.executable, str(program), str(PORT)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[notify],
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "QUOTES_VERSION": str(release["version"]),
                "QUOTES_READY_FD": str(notify),
                "API_URL": os.environ.get("API_URL", ""),
            },
        )
    os.close(notify)
    write(RECORD, json.dumps({**release, "pid": process.pid, "program": str(program)}, indent=2))
    # Readable when it says so, and also when it ends
    if not select.select([ready], [], [], START_SECONDS)[0] or os.read(ready, 64) == b"":
        process.kill()
        process.wait()
        raise Refused(f"{release['version']} did not start; its log ends:\n{LOG.read_text()[-2000:]}")
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other)
    print(f"{release['version']} ({release['sha']}) listens on {PORT}, pid {process.pid}")


def stop() -> None:
    """SIGTERM, time to finish, SIGKILL. Nothing to do where nothing runs."""
    current = running()
    if current is None:
        return
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        try:
            os.kill(int(current["pid"]), number)
        except ProcessLookupError:
            return
        if within(seconds, lambda: running() is None):
            return
    raise Refused(f"process {current['pid']} does not end, not even by SIGKILL")


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def running() -> "Optional[dict[str, object]]":
    """What the record says, if that process lives. A pid alone proves nothing: the command must be ours."""
    if not RECORD.exists():
        return None
    record = json.loads(RECORD.read_text())
    return record if record["program"] in command_of(record["pid"]) else None


def command_of(pid: int) -> str:
    if pathlib.Path("/proc/self/cmdline").exists():
        try:
            return pathlib.Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:
            return ""
    return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout


def write(path: pathlib.Path, text: str) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)


def main() -> None:
    tasks = {"deploy": deploy, "stop": stop}
    if len(sys.argv) != 2 or sys.argv[1] not in tasks:
        raise SystemExit(f"usage: python3 {sys.argv[0]} {'|'.join(tasks)}")
    HOME.mkdir(parents=True, exist_ok=True)
    try:
        tasks[sys.argv[1]]()
    except Refused as refused:
        raise SystemExit(f"error: {refused}")


if __name__ == "__main__":
    main()
