"""Study files are read as their owner means them, or refused in one line that names the line in the file."""

import pytest

from isogloss.common.errors import UserError
from isogloss.study.reading.yaml_file import DEEPEST, LARGEST, check_files, read_config


def refuse(path, content: bytes) -> str:
    """Return the message for a file, without the path at its beginning."""
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_config(path)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) - len(str(path)) < 200
    assert message.startswith(f"{path}:")
    return message.removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: {c: 1,\n  c: 2}\n", "3: the key 'c' is repeated (first in line 2); keep one of them"),
        (b"steps: {5: 1, '5': 2}\n", "1: the key '5' is repeated (first in line 1); keep one of them"),
        (b"a: &x [1, *x]\n", "1: the alias *x is inside its own anchor &x; write the value"),
        (b"a: &x {b: {c: *x}}\n", "1: the alias *x is inside its own anchor &x; write the value"),
        (b"a: " + b"[" * 3000, "1: more than 30 lists and mappings are inside each other; correct the file"),
        (b"n: 050\n", "1: YAML reads 050 as a number in octal; write it without the leading 0, or in quotes"),
        (b"n: 1:30\n", "1: YAML reads 1:30 as a number in base 60; write it without the colon, or in quotes"),
        (b"n: " + b"9" * 5000, f"1: '{'9' * 30}' is not a valid date or number; correct it or put it in quotes"),
        (b"study: 2024-13-45\n", "1: '2024-13-45' is not a valid date or number; correct it or put it in quotes"),
        (b"a: 1\nb: !!python/name:os.system\n", "2: the tag !!python/name:os.system is not allowed; write a value"),
        (b"a: !mine 1\n", "1: the tag !!!mine is not allowed; write a value without a tag"),
        (b"a: =\n", "1: the value is =; put it in quotes"),
        (b"a: 1\n---\nb: 2\n", "2: a second document begins here (---); write one study in each file"),
        (b"a:\n\tb: 1\n", "2: a tab is used as a space; replace it with spaces"),
        (b"? [a, b]\n: 1\n", "1: the key is a list or a mapping; write a name as key"),
        (b"a: 1\nb: x\0y\n", "2: contains the character U+0000, which YAML does not allow; remove it"),
        (b"a: [1\n", "2: not valid YAML (expected ',' or ']', but got '<stream end>'); correct the file"),
        (b"a: 1\nb: caf\xe9\n", "2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "1: is UTF-16, not UTF-8; save the file as UTF-8"),
        ("a: 1\n".encode("utf-32"), "1: is UTF-32, not UTF-8; save the file as UTF-8"),
        (b"x" * (LARGEST + 1), " is larger than 200,000 bytes; give the path of a study file"),
    ],
)
def test_what_yaml_would_misread_is_refused_with_its_line(tmp_path, content, message):
    assert refuse(tmp_path / "study.yaml", content).startswith(message)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("\ufeffa: é\r\nb: 1\r\n", {"a": "é", "b": 1}),
        ("a: 1\rb: 2\r", {"a": 1, "b": 2}),
        ("a: &x [en, de]\nb: *x\n", {"a": ["en", "de"], "b": ["en", "de"]}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("n: 4_0\nm: 0\nk: '050'\nt: '1:30'\n", {"n": 40, "m": 0, "k": "050", "t": "1:30"}),
        ("[" * (DEEPEST - 1) + "1" + "]" * (DEEPEST - 1), None),
    ],
)
def test_what_its_owner_means_is_read(tmp_path, content, value):
    path = tmp_path / "study.yaml"
    path.write_bytes(content.encode("utf-8"))
    read = read_config(path)
    assert read == value or (value is None and isinstance(read, list))


@pytest.mark.parametrize("name", ["missing.yaml", "", "a\0b"])
def test_a_path_that_cannot_be_read_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=r"cannot be read \(.*\); give the path of a study file"):
        read_config(f"{tmp_path}/{name}")


def test_files_that_were_read_already_are_named_as_the_user_sees_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "studies" / "study.yaml"
    path.parent.mkdir()
    path.write_text("a: 1\na: 2\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"^studies/study\.yaml:2: the key 'a' is repeated"):
        check_files([path])
    path.write_text("a: 1\n", encoding="utf-8")
    check_files([path, "/dev/null"])
