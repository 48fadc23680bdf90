"""The hand-written sheets of the synthetic corpus, and the names that fill their slots."""

import itertools
import re

import pytest

from isogloss.common.languages import find_language
from isogloss.corpora.synthetic.mentions import ENTITY_TYPE_OF, collect_mentions
from isogloss.corpora.synthetic.names import POOL_SHARES, is_written_in, pool_of, read_names
from isogloss.corpora.synthetic.sheets import list_languages, read_sheet

LANGUAGES = ["ar", "bn", "de", "en", "es", "fi", "hi", "id", "ru", "sw"]
FILLERS = {"DAY", "MONTH", "WEEKDAY", "YEAR", "FEW", "COUNT"}


@pytest.fixture(scope="module")
def names():
    return {language: read_names(read_sheet(language)) for language in LANGUAGES}


def test_the_ten_languages_have_a_sheet():
    assert list_languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_has_34_different_patterns_with_known_slots_and_punctuation_apart(language):
    sheet = read_sheet(language)
    assert len(sheet.patterns) == len(set(sheet.patterns)) == 34
    assert len(set(sheet.organisations)) == 14
    for pattern in sheet.patterns:
        words = pattern.split(" ")
        assert words[-1] in {".", "।", '"'} and "" not in words, pattern
        for slot in re.findall(r"\{(.*?)\}", pattern):
            assert slot in FILLERS or (slot in ENTITY_TYPE_OF and f"{{{slot}}}" in words), pattern
        assert not any(re.fullmatch(r"\w+[,،:।»”]", word) for word in words), pattern
    assert all(re.fullmatch("[A-Z]{2}", str(code)) for code in sheet.territories_without)


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_patterns_have_several_mentions_and_all_types_are_common(language):
    slots = [
        [ENTITY_TYPE_OF[s] for s in re.findall(r"\{([A-Z]+)\}", pattern) if s in ENTITY_TYPE_OF]
        for pattern in read_sheet(language).patterns
    ]
    assert sum(len(found) >= 2 for found in slots) >= 17
    assert sum(not found for found in slots) == 3  # patterns without entities: only numbers, days and months
    for kind in ("PER", "LOC", "ORG"):
        assert sum(kind in found for found in slots) >= 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_of_the_language_script_and_every_pool_has_some(language, names):
    script = find_language(language).script
    for kind, pools in names[language].pools.items():
        for pool, members in pools.items():
            assert all(is_written_in(name, script) for name in members)
            assert len(members) >= 5 or kind.startswith("MIDDLE"), (kind, pool)
    assert len(names[language].months) == 12 and len(names[language].weekdays) == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_lies_in_two_pools(language, names):
    pools = names[language].pools
    families = {pool: {*pools["LAST_MALE"][pool], *pools["LAST_FEMALE"][pool]} for pool in POOL_SHARES}
    for by_pool in (families, pools["CITY"], pools["COUNTRY"]):
        for one, other in itertools.combinations(POOL_SHARES, 2):
            assert not set(by_pool[one]) & set(by_pool[other])


def test_a_place_that_one_language_keeps_for_test_is_in_no_training_pool_of_another(names):
    for one, other in itertools.permutations(LANGUAGES, 2):
        for kind in ("CITY", "COUNTRY"):
            assert not set(names[one].pools[kind]["test"]) & set(names[other].pools[kind]["train"])


def test_languages_of_one_script_share_many_places_and_others_none(names):
    def places(language):
        pools = names[language].pools
        return {name for kind in ("CITY", "COUNTRY") for members in pools[kind].values() for name in members}

    assert len(places("sw") & places("id")) > 300
    assert len(places("en") & places("fi")) > 200
    assert not places("en") & places("ru")


def test_pools_keep_their_shares_and_their_names():
    dealt = [pool_of("CITY", f"key {number}") for number in range(10_000)]
    for pool, share in POOL_SHARES.items():
        assert dealt.count(pool) / 10_000 == pytest.approx(share, abs=0.02)
    assert [pool_of("CITY", zone) for zone in ("Europe/Paris", "Africa/Nairobi")] == ["train", "shared"]


@pytest.mark.parametrize(
    ("name", "script", "expected"),
    [
        ("Москва", "Cyrillic", True),
        ("о-в Мэн", "Cyrillic", False),
        ("Moskva", "Cyrillic", False),
        ("Dumont-d’Urville", "Latin", True),
        ("Knox, Indiana", "Latin", False),
        ("नई दिल्ली", "Devanagari", True),
        ("", "Latin", False),
    ],
)
def test_script_of_a_name(name, script, expected):
    assert is_written_in(name, script) is expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_shared_mentions_are_few_and_different(language, names):
    shared = collect_mentions(read_sheet(language), names[language]).shared
    assert set(shared) == {"MAN", "WOMAN", "CITY", "COUNTRY", "ORG"}
    for members in shared.values():
        assert 40 <= len(set(members)) == len(members) <= 50
