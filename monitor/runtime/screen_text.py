"""Control and format characters (Unicode Cc and Cf): in a terminal they move the cursor, recolour or reverse text."""

import unicodedata


def escaped(text: str) -> str:
    r"""Return a text with its control and format characters, except line ends and tabs, written as ``\u001b``.

    JSON reads the same notation back, so that escaped JSON stays the same document.
    """
    if text.isprintable():
        return text
    return "".join(_as_json(char) if _is_control(char) else char for char in text)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf"} and char not in "\n\t"


def _as_json(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
