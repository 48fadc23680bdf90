"""Values of `snakemake --config`: nested ones are text, and the schema decides what they mean."""

import pytest
from studies import make_study

from isogloss.common.errors import UserError
from isogloss.study.config import parse_study
from isogloss.study.reading.overrides import Override, mark_overrides


def parse_with(overrides, **changes):
    """Return the study that snakemake's config and its overrides give."""
    study = make_study(**changes)
    return parse_study(mark_overrides({**study, **overrides}, overrides))


def test_text_becomes_what_the_schema_wants():
    study = parse_with(
        {
            "keep_adapted": "false",
            "languages": ["de", "en", "no"],
            "transfer": {"sources": ["each", ["de", "en"]], "n": "[20, 30]", "shots": ["0", "5"], "seeds": ["1", "2"]},
            "training": {"crf": {"c1": "1e-3", "max_iterations": "5"}},
            "analysis": {"permutations": "10"},
        }
    )
    assert study.keep_adapted is False
    assert study.languages == ("de", "en", "no")
    assert study.analysis.permutations == 10
    (grid,) = study.grids
    assert (grid.n, grid.shots, grid.free["seed"]) == ((20, 30), (0, 5), (1, 2))
    assert grid.sources == ("each", ("de", "en"))
    assert (study.models["crf"].recipe["c1"], study.models["crf"].recipe["max_iterations"]) == (0.001, 5)


def test_text_of_the_file_stays_text():
    study = make_study(analysis={"permutations": "10"})
    with pytest.raises(UserError, match="'10' is not a whole number; write 10"):
        parse_study(mark_overrides(study, {"keep_adapted": "true"}))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"keep_adapted": "maybe"}, "config: keep_adapted: 'maybe' is not a boolean"),
        ({"analysis": {"permutations": "ten"}}, "config: analysis.permutations: 'ten' is not a whole number"),
        ({"analysis": {"permutations": "[1"}}, "config: analysis.permutations: '\\[1' is not a whole number"),
        ({"analysis": {"permutation": "10"}}, "config: analysis: unknown key 'permutation'; did you mean"),
    ],
)
def test_text_that_is_something_else_is_refused(overrides, message):
    with pytest.raises(UserError, match=message):
        parse_with(overrides)


def test_only_what_was_overridden_is_marked():
    config = {"a": {"b": "1", "c": "2"}, "d": "3"}
    marked = mark_overrides(config, {"a": {"c": "2"}, "e": ["4"], "f": 5})
    assert isinstance(marked["a"]["c"], Override) and isinstance(marked["e"][0], Override)
    assert not isinstance(marked["a"]["b"], Override) and not isinstance(marked["d"], Override)
    assert marked == {"a": {"b": "1", "c": "2"}, "d": "3", "e": ["4"], "f": 5}
    assert config == {"a": {"b": "1", "c": "2"}, "d": "3"}
