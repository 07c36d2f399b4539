"""Makes ``dist/quotes.pyz`` (the package as one runnable file) and ``dist/release.json``: what is deployed, everywhere."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import zipapp

HERE = pathlib.Path(__file__).resolve().parent.parent
DIST = pathlib.Path("dist")


def main() -> None:
    sha = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    release = json.dumps({"sha": sha}) + "\n"
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        package = pathlib.Path(folder) / "quotes"
        shutil.copytree(HERE / "quotes", package, ignore=shutil.ignore_patterns("__pycache__"))
        (package / "release.json").write_text(release)
        (pathlib.Path(folder) / "__main__.py").write_text("from quotes.__main__ import main\n\nmain()\n")
        zipapp.create_archive(folder, DIST / "quotes.pyz")
    (DIST / "release.json").write_text(release)
    print(f"dist/quotes.pyz holds {sha}")


if __name__ == "__main__":
    main()
