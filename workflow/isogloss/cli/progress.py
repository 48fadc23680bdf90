"""Commands that show how far a study is and what its records say so far."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, verb


@verb(argument("study", Path, help="the study file (YAML)"))
def status(a: Namespace) -> None:
    """Print what is done, running, failed and left in a study, and the time used and left."""
    from isogloss.progress.status import describe_status
    from isogloss.study.check import check_study
    from isogloss.study.reading.yaml_file import read_config

    study, runs, _ = check_study(read_config(a.study), root=Path())
    print("\n".join(describe_status(study, runs, Path())))


@verb(
    argument("study", Path, help="the study file (YAML)"),
    argument("--partial", action="store_true", help="if runs are missing, make tables and figures of the others"),
)
def report(a: Namespace) -> None:
    """Print where the report of a study is; with --partial, make one of the runs that are done."""
    from isogloss.common.errors import UserError
    from isogloss.progress.failures import find_missing, remove_partial
    from isogloss.progress.partial import write_partial
    from isogloss.study.check import check_study
    from isogloss.study.products import find_notice
    from isogloss.study.reading.yaml_file import read_config

    study, runs, _ = check_study(read_config(a.study), root=Path())
    missing = find_missing(study, runs, Path(), ())
    page = Path(study.root, "report", "index.html")
    if not missing and page.is_file():
        remove_partial(study, Path())
        print(f"All {len(runs):,} runs are done: {page}")
    elif a.partial:
        print(write_partial(study, runs, Path(), find_notice(study, runs)))
    else:
        lacking = f"{len(missing):,} of {len(runs):,} runs have no record" if missing else f"{page} does not exist"
        raise UserError(f"{a.study}: {lacking}; run snakemake --configfile {a.study}, or add --partial")
