"""The exception for errors that the user can correct."""


class UserError(Exception):
    """An error in the user's input. The message says where it is, what is wrong and what to do.

    The place is a file and line, or a config key. The command line prints the message as one line and exits with
    status 2. Any other exception is an internal error and exits with status 1.
    """
