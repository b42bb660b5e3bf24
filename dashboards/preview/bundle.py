"""The bundle of the preview: made from npm packages, with their versions and checksums from the committed lock file."""

import shutil
import subprocess
from pathlib import Path

WEB = Path(__file__).parent / "web"
MADE_OF = ("package-lock.json", "build.mjs", "src")


def bundle() -> Path:
    """Return the folder with the bundle; install the packages and make it first, if that is not done yet.

    Raises:
        FileNotFoundError: there is no npm on this machine.
        subprocess.CalledProcessError: the packages can't be had, or don't go together.

    """
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("the preview needs Node.js with npm; Debian: apt-get install npm")
    made = WEB / "dist" / "main.js"
    lock = WEB / "package-lock.json"
    if not _is_newer(WEB / "node_modules" / ".package-lock.json", [lock]):
        subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=WEB, check=True)  # noqa: S603 - constant arguments
    sources = [path for name in MADE_OF for path in (WEB / name, *(WEB / name).glob("*"))]
    if not _is_newer(made, sources):
        subprocess.run([npm, "run", "--silent", "build"], cwd=WEB, check=True)  # noqa: S603 - constant arguments
    return made.parent


def _is_newer(made: Path, sources: list[Path]) -> bool:
    return made.exists() and all(made.stat().st_mtime >= row.stat().st_mtime for row in sources)
