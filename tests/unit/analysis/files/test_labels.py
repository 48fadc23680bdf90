"""Labels of rows and columns: languages, and what people write in their place."""

from pathlib import Path

import pandas as pd
import pytest

from isogloss.analysis.files.labels import check_labels, is_language
from isogloss.common.errors import UserError


@pytest.mark.parametrize("name", ["en", "EN", "eng", "eng_Latn", "zh-min-nan", "Swahili", "qqq", "stan1293"])
def test_a_column_of_a_matrix_can_be_a_language(name):
    assert is_language(name)


@pytest.mark.parametrize("name", ["", "avg", "Avg.", "Macro average", "std", "min", "size", "n_sentences", "comment"])
def test_a_column_of_a_matrix_can_be_something_else(name):
    assert not is_language(name)


def check(sources, target="de"):
    check_labels(pd.DataFrame({"sources": ["en", *sources], "target": target}), Path("s.csv"))


def test_languages_pass():
    check(["en", "nan", "none", "de+en", "min", "stan1293", "Swahili", "Kui (India)", "my own"])


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (["", ""], ":3: sources is empty (2 rows); add a language code"),
        (["en+"], ":3: sources is empty; add a language code"),
        (["NaN"], ":3: sources is 'NaN'; add a language code"),
        (["de", "Average"], ":4: sources is 'Average', a mean over languages and no language; remove these rows"),
        (["False"], ":3: sources is 'False', which a program wrote in place of the code no (Norwegian)"),
        (["1"], ":3: sources is '1', a number; add a language code"),
        (["en,sw"], ":3: sources is 'en,sw', several languages; write 'en+sw'"),
        (["en & Swahili"], ":3: sources is 'en & Swahili', several languages; write 'en+Swahili'"),
    ],
)
def test_other_sources_are_refused(sources, said):
    with pytest.raises(UserError) as refusal:
        check(sources)
    assert str(refusal.value).removeprefix("s.csv").startswith(said)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("none", ":2: target is 'none' (2 rows); only sources can be none; add the language of the test set"),
        ("en/de", ":2: target is 'en/de' (2 rows), several languages; write one row for each"),
        ("Total", ":2: target is 'Total' (2 rows), a mean over languages and no language; remove these rows"),
    ],
)
def test_other_targets_are_refused(target, said):
    with pytest.raises(UserError) as refusal:
        check(["en"], target)
    assert str(refusal.value).removeprefix("s.csv") == said
