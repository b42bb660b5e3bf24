"""The bundle of the preview: made once from npm packages, whose versions and checksums are in the committed lock file."""

from pathlib import Path

from tests.support import npm

_WEB = Path(__file__).parent / "web"
_NAME = "preview"


def bundle() -> Path:
    """Return the folder with the bundle; install the packages, which take 600 MB, and make it first, if that is not done yet.

    Raises:
        FileNotFoundError: there is no npm on this machine.
        subprocess.CalledProcessError: the packages can't be had, or don't go together.

    """
    return npm.built(_WEB, _NAME)


def packages() -> Path:
    """Return the folder in which the packages are, or will be."""
    return npm.packages(_WEB, _NAME)
