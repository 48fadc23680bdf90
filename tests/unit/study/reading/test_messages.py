"""The message for a value that does not follow the schema: its key, what it is, and what to write."""

import pytest
from studies import change, make_study

from isogloss.common.errors import UserError
from isogloss.study.config import parse_study
from isogloss.study.reading.messages import suggest_name


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("study", 7, "config: study: 7 is not text; write it in quotes"),
        ("study", "a" * 300, f"config: study: '{'a' * 39}...{'a' * 16}' has 300 characters; shorten it to at most 100"),
        ("study", "a b", "config: study: 'a b' is not a name of letters, digits and _ . - that starts with"),
        ("languages", "en", "config: languages: 'en' is not a list; write [en]"),
        ("languages", ["en", False], 'config: languages[1]: false is not a language code; write "no" in quotes for'),
        ("transfer.targets", [True], "config: transfer.targets[0]: true is not a language code; write the code"),
        ("transfer.sources", [False], 'config: transfer.sources[0]: false is not a language code; write "no" in'),
        ("transfer.n", 40.0, "config: transfer.n: 40.0 is not a whole number or a list; write 40"),
        ("transfer.n", 40.5, "config: transfer.n: 40.5 is not a whole number or a list; write a whole number"),
        ("transfer.n", True, "config: transfer.n: true is not a whole number or a list; write a whole number"),
        ("transfer.n", "40", "config: transfer.n: '40' is not a whole number or a list; write 40"),
        ("transfer.n", float("inf"), "config: transfer.n: inf is not a finite number; write a number"),
        ("transfer.shots", [0, 5.0], "config: transfer.shots[1]: 5.0 is not a whole number; write 5"),
        ("transfer.shots", 5, "config: transfer.shots: 5 is not a list; write [5]"),
        (
            "transfer.targets",
            "en",
            "config: transfer.targets: 'en' is not 'all' or a list of at least one value; write",
        ),
        ("transfer.seeds", [2**32], "config: transfer.seeds[0]: 4294967296 is greater than the maximum of 4294967295"),
        ("training.crf.c2", float("nan"), "config: training.crf.c2: nan is not a finite number; write a number"),
        ("training.crf.c2", "1e-4", "config: training.crf.c2: '1e-4' is not a number; write 0.0001"),
        ("training.crf.max_iterations", 10**14, "is greater than the maximum of 1000000; write 1000000 or less"),
        ("keep_adapted", "no", "config: keep_adapted: 'no' is not a boolean (true or false); write true or false"),
        ("models.crf", {"hub": "https://a/b"}, "'https://a/b' is not the id of a model on the hub, such as google/"),
        ("models.crf", {"hub": "a/b", "revision": "$(id)"}, "'$(id)' is not a branch, a tag or a commit"),
        ("tasks.ner.corpus", {"synthetic": {}, "local": "a"}, "has the 2 keys 'synthetic', 'local'; keep at most 1"),
    ],
)
def test_a_value_of_another_form_is_refused(path, value, message):
    with pytest.raises(UserError) as caught:
        parse_study(change(make_study(), path, value))
    assert message in str(caught.value)


def test_a_long_list_of_names_is_cut():
    known = [f"name{number}" for number in range(100)]
    assert suggest_name("other", known).endswith(" and 80 others")
    assert suggest_name("nam7", known) == "did you mean 'name7'?"
    assert (suggest_name("x", ["one", "two"]), suggest_name("x", [])) == ("choose from one, two", "remove it")
