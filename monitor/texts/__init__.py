"""Texts for people, in their own language: pages, titles, sentences and the words of web pages. No decisions here."""

from monitor.texts.english import in_english, plain
from monitor.texts.language import ENGLISH, Language, best
from monitor.texts.page import PageWriter, Text
from monitor.texts.title import title

__all__ = ["ENGLISH", "Language", "PageWriter", "Text", "best", "in_english", "plain", "title"]
