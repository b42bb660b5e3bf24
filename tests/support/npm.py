"""What a folder with a committed npm lock file builds, made once for all checkouts."""

import fcntl
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path


def built(source: Path, name: str) -> Path:
    """Return the folder ``dist`` that ``npm run build`` makes; the first caller installs the packages and makes it.

    Args:
        source: the folder with the lock file and everything else that the build reads.
        name: what it is called in the user's cache, which all checkouts share.

    Raises:
        FileNotFoundError: there is no npm on this machine.
        subprocess.CalledProcessError: the packages can't be had, or don't go together.

    """
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("Node.js with npm is needed; Debian: apt-get install npm")
    folder = packages(source, name)
    folder.mkdir(parents=True, exist_ok=True)
    dist = folder / f"dist-{_digest(source)}"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(source, folder, dirs_exist_ok=True)
        if not (folder / "node_modules" / ".package-lock.json").exists():
            _run(folder, npm, "ci", "--no-audit", "--no-fund")
        if not dist.exists():
            _run(folder, npm, "run", "build")
            (folder / "dist").rename(dist)
    return dist


def packages(source: Path, name: str) -> Path:
    """Return the folder in which the packages of a lock file are, or will be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    lock = sha256((source / "package-lock.json").read_bytes()).hexdigest()[:12]
    return cache / "venue-monitor" / f"{name}-{lock}"


def _run(folder: Path, npm: str, *arguments: str) -> None:
    subprocess.run([npm, *arguments, "--silent"], cwd=folder, check=True)


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
