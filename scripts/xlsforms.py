"""Imports the example forms that pyxform once shipped with, and says of each that isn't imported why."""

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from zipfile import ZipFile

from monitor.checklists.xlsform import import_form
from monitor.errors import ConfigError

WHEEL = "pyxform==1.0.0"
"""The last one with the examples inside."""
FORMS = {".csv", ".xls", ".xlsx"}


def main() -> None:
    """Fetch the examples, and import each."""
    warnings.simplefilter("ignore")  # of the libraries that read spreadsheets, about old ones
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _fetch(folder)
        forms = sorted(path for path in folder.rglob("*") if path.suffix in FORMS)
        refused = [why for path in forms if (why := _refusal(path))]
    print(f"{len(forms) - len(refused)} of {len(forms)} forms are imported. The others:")
    print(*refused, sep="\n")


def _fetch(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
    subprocess.run([*command, str(folder), WHEEL], check=True)  # noqa: S603 - pip
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)


def _refusal(form: Path) -> str:
    """Return why a form is not imported; empty if it is."""
    try:
        import_form(form)
    except ConfigError as error:
        return error.mistakes[0].replace(f"{form.parent}/", "")
    return ""


if __name__ == "__main__":
    main()
