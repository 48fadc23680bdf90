"""Common parts of figures: the order of languages and the names of settings."""

from isogloss.common.languages import order_languages
from isogloss.figures.page import name_settings


def test_languages_stand_by_family_then_name():
    assert order_languages(["xx", "sw", "es", "fi", "en", "ar"]) == ["ar", "sw", "en", "es", "fi", "xx"]


def test_settings_are_named_by_what_tells_them_apart():
    settings = [(0, 600, "direct", "ner"), (20, 600, "joint", "ner"), (20, 600, "sequential", "ner")]
    assert name_settings(settings) == [
        "zero-shot",
        "20 shots (joint), n = 600, ner",
        "20 shots (sequential), n = 600, ner",
    ]
