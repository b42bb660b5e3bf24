"""The bundle of the preview: made once from npm packages, whose versions and checksums are in the committed lock file."""

import fcntl
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

WEB = Path(__file__).parent / "web"
SOURCES = ("package.json", "package-lock.json", "build.mjs")


def bundle() -> Path:
    """Return the folder with the bundle; install the packages and make it first, if that is not done yet.

    The packages take 600 MB, so that all checkouts share them in the user's cache.

    Raises:
        FileNotFoundError: there is no npm on this machine.
        subprocess.CalledProcessError: the packages can't be had, or don't go together.

    """
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("the preview needs Node.js with npm; Debian: apt-get install npm")
    folder = packages()
    folder.mkdir(parents=True, exist_ok=True)
    dist = folder / f"dist-{_digest(WEB)}"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in SOURCES:
            shutil.copyfile(WEB / name, folder / name)
        shutil.copytree(WEB / "src", folder / "src", dirs_exist_ok=True)
        if not (folder / "node_modules" / ".package-lock.json").exists():
            _run(folder, npm, "ci", "--no-audit", "--no-fund")
        if not (dist / "main.js").exists():
            _run(folder, npm, "run", "build")
            (folder / "dist").rename(dist)
    return dist


def _run(folder: Path, npm: str, *arguments: str) -> None:
    subprocess.run([npm, *arguments, "--silent"], cwd=folder, check=True)  # noqa: S603 - our own words


def packages() -> Path:
    """Return the folder in which the packages of this lock file are, or will be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    lock = sha256((WEB / "package-lock.json").read_bytes()).hexdigest()[:12]
    return cache / "venue-monitor" / f"preview-{lock}"


def _digest(folder: Path) -> str:
    files = [folder / name for name in SOURCES] + sorted((folder / "src").iterdir())
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
