"""Start-up of every job: the one place where a process of isogloss begins. Standard library only."""

import sys


def main() -> int:
    """Run the verb that the command line names and return its exit status."""
    from isogloss.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
