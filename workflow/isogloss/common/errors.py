"""The exception for errors that the user can correct, and the line that a command prints for it."""

LONGEST = 300
"""The maximum length of the line."""


class UserError(Exception):
    """An error in the user's input. The message says where it is, what is wrong and what to do.

    The place is a file and line, or a config key. The command line prints the message as one line and exits with
    status 2. Any other exception is an internal error and exits with status 1.
    """


class GpuError(UserError):
    """A GPU has failed, or has too little free memory.

    what: where and what is wrong. advice: what to do. elsewhere: whether the job can try another GPU.
    """

    def __init__(self, what: str, advice: str, elsewhere: bool = False):
        super().__init__(f"{what}; {advice}")
        self.what, self.elsewhere = what, elsewhere


def write_line(error: UserError) -> str:
    """Return the line that a command prints for an error, with at most LONGEST characters.

    Names and values of the user can contain line breaks and other characters that change a terminal; they are escaped.
    The middle of a longer message is left out, because the beginning says what is wrong and the end what to do.
    """
    text = f"isogloss: {error}"
    line = "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
    half = LONGEST // 2 - 2
    return line if len(line) <= LONGEST else f"{line[:half]} ... {line[-half + 1 :]}"
