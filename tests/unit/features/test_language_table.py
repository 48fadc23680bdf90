"""The committed table of languages is what lang2vec and langcodes say."""

import csv
import random

from isogloss.common.languages import FAMILY_TABLE, LANGUAGE_TABLE, SCRIPT_TABLE
from isogloss.features.language_table import compose_rows, list_scripts, list_tags


def read_rows(path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_codes_names_and_scripts_are_those_of_langcodes():
    assert [row[:3] for row in read_rows(LANGUAGE_TABLE)] == [list(tag) for tag in list_tags()]
    assert read_rows(SCRIPT_TABLE) == list_scripts()


def test_values_families_and_places_are_those_of_lang2vec():
    """Only a sample, because lang2vec takes minutes for all languages. Macrolanguages have several lang2vec codes,
    and nb and vro have the family of their macrolanguage."""
    committed = {row[0]: row for row in read_rows(LANGUAGE_TABLE)}
    drawn = random.Random(1).sample(sorted(committed), 30)
    chosen = [*dict.fromkeys([*drawn, "ar", "et", "eu", "fa", "nah", "nb", "no", "sq", "sw", "tl", "tw", "vro", "zh"])]
    rows, nodes = compose_rows([tuple(committed[code][:3]) for code in chosen])
    families = {node: (parent, name) for node, parent, name in read_rows(FAMILY_TABLE)}
    for row in rows:
        text = [str(cell) for cell in row]
        assert text == committed[row[0]]
    assert len(nodes) > 50
    assert {str(node): (str(parent), name) for node, parent, name in nodes}.items() <= families.items()
