"""
Makes ``dist/quotes.pyz`` (the package as one runnable file) and ``dist/release.json``: what is deployed, everywhere.
The same commit gives the same bytes, whenever and on whichever machine: no times, no compression.
"""

import json
import pathlib
import shutil
import subprocess
import zipfile

HERE = pathlib.Path(__file__).resolve().parent.parent
DIST = pathlib.Path("dist")


def main() -> None:
    sha = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    release = json.dumps({"sha": sha}) + "\n"
    files = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in (HERE / "quotes").rglob("*.py")}
    files["quotes/release.json"] = release.encode()
    files["__main__.py"] = b"from quotes.__main__ import main\n\nmain()\n"

    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    with zipfile.ZipFile(DIST / "quotes.pyz", "w") as bundle:
        for name, content in sorted(files.items()):
            bundle.writestr(zipfile.ZipInfo(name), content)
    (DIST / "release.json").write_text(release)
    print(f"dist/quotes.pyz holds {sha}")


if __name__ == "__main__":
    main()
