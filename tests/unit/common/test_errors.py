"""The line that a command prints for an error of the user."""

from isogloss.common.errors import LONGEST, UserError, write_line


def test_a_message_is_one_line_without_control_characters():
    assert write_line(UserError("a\nb\0\x1b[31m\ud800 é")) == "isogloss: a\\nb\\x00\\x1b[31m\\ud800 é"


def test_a_long_message_keeps_its_beginning_and_its_end():
    line = write_line(UserError(f"config: languages: unknown language {'a' * 5000!r}; write its code"))
    assert len(line) == LONGEST
    assert line.startswith("isogloss: config: languages: unknown language 'aaa")
    assert line.endswith("aaa'; write its code")
    exact = "b" * (LONGEST - len("isogloss: "))
    assert write_line(UserError(exact)) == f"isogloss: {exact}"
