"""Text from outside cannot control a terminal."""

import json
import sys
import unicodedata

from monitor.runtime.screen_text import escaped


def test_every_control_and_format_character_is_escaped() -> None:
    """All characters of Cc and Cf except line ends and tabs are escaped; everything else stays."""
    for char in map(chr, range(sys.maxunicode + 1)):
        bad = unicodedata.category(char) in {"Cc", "Cf"} and char not in "\n\t"
        assert (escaped(char) != char) is bad


def test_escaped_json_is_the_same_document() -> None:
    """Escaped JSON is the same document, also where a character takes two units."""
    row = {"title": "a\u202eb\x9b\U000e0041 ở Việt Nam"}
    text = json.dumps(row, ensure_ascii=False)
    assert escaped(text).isascii() is False
    assert json.loads(escaped(text)) == row
    assert "\u202e" not in escaped(text)
