"""The version of the monitor."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Return the version of the monitor; empty if it is not installed as a package."""
    try:
        return version("venue-monitor")
    except PackageNotFoundError:
        return ""
