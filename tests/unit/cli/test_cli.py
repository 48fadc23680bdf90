"""The command line: its commands, their arguments, and the cost of parsing them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from isogloss import cli, warm
from isogloss.cli.verb import argument, verb
from isogloss.common.errors import UserError

VERBS = [
    "check", "plan", "status", "verify", "download", "corpus", "test-corpus", "audit", "build-model", "pretrain-model",
    "fetch-model", "trim-model", "language-model", "finetune", "transfer", "typology", "overlap", "feature", "features",
    "scores", "runs", "analyse", "draw", "page", "report",
]  # fmt: skip
ISOGLOSS = Path(sys.executable).parent / "isogloss"


def test_the_command_line_lists_its_verbs_each_with_its_help():
    done = subprocess.run([ISOGLOSS, "--help"], capture_output=True, text=True, check=True)
    assert re.findall(r"^    ([a-z-]+)(?: |$)", done.stdout, re.MULTILINE) == VERBS


def test_every_flag_of_every_command_has_a_help_text():
    missing = [(verb.name, one.flag) for verb in cli.VERBS for one in verb.arguments if not one.settings.get("help")]
    assert missing == []


def test_every_verb_is_told_apart_from_a_wrong_one():
    done = subprocess.run([ISOGLOSS, "finetuen"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "invalid choice: 'finetuen'" in done.stderr


def test_parsing_imports_nothing_heavy():
    code = "import sys, isogloss.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "isogloss" in loaded
    assert (
        loaded & {"torch", "transformers", "numpy", "pandas", "pyarrow", "scipy", "matplotlib", "jsonschema"} == set()
    )


def test_only_the_verb_that_is_called_has_its_parser_built(monkeypatch, capsys):
    built = []
    monkeypatch.setattr(cli.Verb, "add_arguments", lambda verb, parser: built.append(verb.name))
    with pytest.raises(SystemExit):
        cli.run(["overlap", "--help"])
    assert built == ["overlap"]
    assert capsys.readouterr().out.startswith("usage: isogloss overlap ")


def test_the_verbs_of_warm_workers_are_verbs():
    assert len(warm.PRELOADS) > 5
    assert warm.PRELOADS.keys() <= {verb.name for verb in cli.VERBS}


@verb(
    argument("file", Path, help="a file"),
    argument("--count", int),
    argument("--loud", action="store_true"),
    argument("--out", Path, default=None),
)
def read_aloud(a):
    """Read a file aloud."""
    if not a.count:
        raise UserError(f"{a.file} {a.loud} {a.out}")
    if a.count < 0:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("count", "status", "said"),
    [("1", 0, ""), ("0", 2, "isogloss: notes.txt False None\n"), ("-1", 130, "isogloss: interrupted\n")],
)
def test_a_verb_ends_with_a_status_and_one_line(count, status, said, monkeypatch, capsys):
    monkeypatch.setattr(cli, "VERBS", [read_aloud])
    assert cli.run(["read-aloud", "notes.txt", "--count", count]) == status
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["notes.txt"], "the following arguments are required: --count"),
        (["--count", "1"], "the following arguments are required: file"),
        (["notes.txt", "--count", "one"], "argument --count: invalid int value: 'one'"),
        (["notes.txt", "--count", "1", "more"], "unrecognized arguments: more"),
    ],
)
def test_a_wrong_argument_is_refused(arguments, said, monkeypatch, capsys):
    monkeypatch.setattr(cli, "VERBS", [read_aloud])
    with pytest.raises(SystemExit) as end:
        cli.run(["read-aloud", *arguments])
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith(f"{said}\n")


def test_a_recipe_that_is_not_json_is_refused(capsys):
    with pytest.raises(SystemExit) as end:
        cli.run(["fetch-model", "--recipe", "{", "--out", "model"])
    assert end.value.code == 2
    assert "argument --recipe: not valid JSON (Expecting property name" in capsys.readouterr().err


def test_a_figure_by_shots_is_not_drawn_for_another_value(capsys, tmp_path):
    given = ["--task", "ner", "--model", "crf", "--out", str(tmp_path)]
    assert cli.run(["draw", "--figures", "few-shot", "matrix", "--values", "0", "supervised", *given]) == 2
    message = (
        "isogloss: draw: --values: matrix needs numbers of shots, found 0 supervised; draw other figures separately\n"
    )
    assert capsys.readouterr().err == message


def test_percent_is_a_scale():
    parser = cli._make_parser([verb for verb in cli.VERBS if verb.name == "analyse"])
    given = ["analyse", "--scores", "s.csv", "--out", "o"]
    scales = [parser.parse_args([*given, *more]).scale for more in ([], ["--percent"], ["--scale", "none"])]
    assert scales == ["unit", "percent", "none"]


def test_typology_names_the_files_that_it_needs(capsys, tmp_path):
    assert cli.run(["typology", "--languages", "de", "en", "--out", str(tmp_path / "typology.csv")]) == 2
    assert capsys.readouterr().err == (
        "isogloss: typology: --languages needs the files --out and --coverage; give both\n"
    )
