"""The example deployment that comes with the program, and writing it into a folder."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from monitor.errors import ConfigError

PACKAGE = Path(__file__).parents[1]
INSTALLED = PACKAGE / "example"
"""Its folder in an installed package; a checkout has the files at its root instead."""


def files() -> Iterator[tuple[Path, Path]]:
    """Yield each file of the example with its path in a deployment."""
    if INSTALLED.is_dir():
        root, places = INSTALLED, [Path()]
    else:
        root = PACKAGE.parent
        places = [Path(name) for name in packaged(root / "pyproject.toml")]
    for place in places:
        found = root / place
        for path in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if path.is_file():
                yield path, path.relative_to(root)


def packaged(project: Path) -> dict[str, str]:
    """Return the files and folders of a checkout that are packaged as the example, with their place in the package."""
    build = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    included: dict[str, str] = build["targets"]["wheel"]["force-include"]
    return included


def write_example(folder: Path) -> list[Path]:
    """Write the example into a folder, which is made if it is missing; return the files, relative to it.

    Raises:
        ConfigError: a file exists already, or can't be written; in the first case nothing was.

    """
    found = list(files())
    there = [folder / place for _, place in found if (folder / place).exists()]
    if there:
        raise ConfigError(
            [f"{path}: exists already; nothing was written: name a new folder" for path in there]
        )
    for source, place in found:
        target = folder / place
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(source.read_bytes())
        except OSError as error:
            raise ConfigError([f"{target}: can't be written: {error.strerror}"]) from error
    return [place for _, place in found]
