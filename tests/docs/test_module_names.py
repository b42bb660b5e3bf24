"""Names use the field's words: modules are named by terms of the glossary, and no name uses a term out of use."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "monitor").rglob("*.py"))
TERMS = re.findall(r"^\| \*\*(.+?)\*\*", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
PLAIN = """
address api app arguments arrive base bounded catalogue chain changed cli clock compile config context database day
detail english error factory feed file flow handle hint id inline instrument intake learn line log loop mark meaning
monitor morning name network part pattern people play poll pool position protocol push query reconnecting remind
response result run runfile runner runtime scalar screen secret send setting show source standard status syntax text
time timestamp timing type validate value verify version web word
"""
ORDINARY = frozenset(PLAIN.split())
"""Words of module names that need no explanation."""
REFUSED = frozenset({"said", "told", "desk", "course", "clerk", "vigil", "book"})
"""Words that the code once used for what has a name in the field."""


def singulars(word: str) -> set[str]:
    """Return a word with its possible singular forms, and the verb of which it may be the doer or the past form."""
    endings = (("ies", "y"), ("es", ""), ("s", ""), ("ers", ""), ("er", ""), ("ed", ""))
    return {word} | {
        word.removesuffix(ending) + base for ending, base in endings if word.endswith(ending)
    }


WORDS = {
    form
    for term in TERMS
    for word in re.findall(r"[a-z0-9]+", term.lower())
    for form in singulars(word)
}
"""The words of the glossary's terms."""


def names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that a module gives: of functions, classes, parameters, variables and attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def test_ordinary_words_stay_few() -> None:
    """A word that needs an explanation belongs in the glossary, with its source."""
    assert len(ORDINARY) <= 80
    assert ORDINARY.isdisjoint({term.lower() for term in TERMS})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_named_in_the_fields_words(path: Path) -> None:
    """Readers who look for a thing by its name find the file."""
    parts = path.relative_to(ROOT / "monitor").with_suffix("").parts
    words = [word for part in parts for word in part.strip("_").split("_")]
    known = WORDS | ORDINARY | {"init", "main"} | {str(digit) for digit in range(10)}

    assert [word for word in words if known.isdisjoint(singulars(word))] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_is_a_word_out_of_use(path: Path) -> None:
    """Each of these words had a dozen meanings; the field has a name for each of them."""
    found = {path.stem, *names(ast.parse(path.read_text()))}

    assert sorted(name for name in found if REFUSED & set(name.split("_"))) == []
