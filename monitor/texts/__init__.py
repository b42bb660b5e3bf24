"""What people read, in their own language: pages, and the words of the web pages."""

from monitor.texts.language import Language, best
from monitor.texts.page import Author, Text

__all__ = ["Author", "Language", "Text", "best"]
