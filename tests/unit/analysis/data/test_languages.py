"""Names, families and scripts of languages by the codes of a scores table."""

from isogloss.analysis.data.languages import Languages, OwnLanguage, recognise_codes
from isogloss.common.languages import LANGUAGES, order_languages


def test_codes_of_other_schemes_are_recognised():
    meant = {"en": "en", "DE": "de", "fra": "fr", "fin_Latn": "fi", "hi_XX": "hi", "iw": "he", "alb": "sq"}
    meant |= {"Swahili": "sw", "zh-Hant": "zh-Hant", "uzn_Cyrl": "uzn-Cyrl"}
    assert recognise_codes([*meant, "stan1293", "klingonish", "simple"]) == meant


def test_alemannic_of_wikiann_is_not_albanian():
    assert recognise_codes(["als", "de"])["als"] == "als"
    for other in ("simple", "zh-yue", "bat-smg"):
        assert recognise_codes(["als", "de", other])["als"] == "gsw"
    assert "als" not in recognise_codes(["de", "zh-yue"])


def test_values_are_those_of_the_language_that_a_code_means():
    languages = Languages(meant=recognise_codes(["Swahili", "srp_Latn", "EN"]))
    for code, name, family, script in (
        ("Swahili", "Swahili", "Atlantic-Congo", "Latin"),
        ("srp_Latn", "Serbian (Latn)", "Indo-European", "Latin"),
        ("EN", "English", "Indo-European", "Latin"),
        ("de", "German", "Indo-European", "Latin"),
        ("xx", "", "", ""),
    ):
        assert (languages.find_name(code), languages.find_family(code), languages.find_script(code)) == (
            name,
            family,
            script,
        )


def test_codes_are_ordered_as_elsewhere():
    codes = ["am", "de", "en", "eu", "fi", "sw", "zh", "xx", "aa-x"]
    assert Languages().order(codes) == order_languages(codes)


def test_own_values_come_first():
    languages = Languages({"en": OwnLanguage(family="Own", script="Runic"), "xx": OwnLanguage(name="X")})
    assert (languages.find_name("en"), languages.find_family("en"), languages.find_script("en")) == (
        LANGUAGES["en"].name,
        "Own",
        "Runic",
    )
    assert languages.find_name("xx") == "X" and languages.find_family("xx") == ""
