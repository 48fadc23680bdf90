"""What a user did wrong, said in one line."""


class UserError(Exception):
    """A mistake of the user's: what is wrong, where (file and line, or config key), and what to do.

    The command line prints the message as one line and exits with status 2; nothing else is shown.
    Everything that is not a UserError is a failure of ours and exits with status 1.
    """
