"""The titles in other languages: one file per language, with English on the left."""

import tomllib
from pathlib import Path
from typing import Any, Self

FOLDER = Path(__file__).parent / "languages"
TITLES = ("title", "label")


class Words:
    """The titles in one language.

    Args:
        titles: translations by English title; empty for English itself.

    """

    def __init__(self, titles: dict[str, str]) -> None:
        self.titles = titles
        self.missing: set[str] = set()
        """Titles without a translation, which stay English."""

    @classmethod
    def read(cls, language: str) -> Self:
        """Return the words of ``languages/<language>.toml``."""
        return cls(tomllib.loads((FOLDER / f"{language}.toml").read_text())["titles"])

    def translate(self, dashboard: dict[str, Any]) -> None:
        """Translate the titles of a dashboard, its panels, columns and variables."""
        if not self.titles:
            return
        for row in (dashboard, *dashboard["panels"], *dashboard["templating"]["list"]):
            for key in TITLES:
                if row.get(key):
                    row[key] = self._of(row[key])
            for override in row.get("fieldConfig", {}).get("overrides", ()):
                for one in override["properties"]:
                    if one["id"] == "displayName":
                        one["value"] = self._of(one["value"])
            for by in row.get("options", {}).get("sortBy", ()):
                by["displayName"] = self._of(by["displayName"])

    def _of(self, title: str) -> str:
        if title not in self.titles:
            self.missing.add(title)
        return self.titles.get(title, title)
