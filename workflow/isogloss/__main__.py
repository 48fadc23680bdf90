"""Entry point of every job: send it to a warm worker or run it here. Uses only the standard library."""

import os
import sys

from isogloss import warm


def main() -> int:
    """Run the command that the command line names and return its exit status."""
    # `isogloss` puts its own folder first on the path, where lang2vec.py is a script and would hide the package.
    if os.path.isfile(os.path.join(sys.path[0], "lang2vec.py")):
        del sys.path[0]
    arguments = sys.argv[1:]
    status = warm.run(arguments)
    if status is None:
        from isogloss.cli import run

        status = run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
