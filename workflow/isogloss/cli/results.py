"""Commands that examine the results of a study."""

from argparse import Namespace
from pathlib import Path

from isogloss.cli.verb import argument, verb


@verb(
    argument("study", Path, help="the study file (YAML)"),
    argument("--delete", action="store_true", help="delete the results that do not fit, so that snakemake redoes them"),
)
def verify(a: Namespace) -> None:
    """Hash all results of a study and list the files that are truncated, changed, foreign, stale or orphaned."""
    from isogloss.common.errors import UserError
    from isogloss.guard.note import read_note
    from isogloss.guard.process import State, judge
    from isogloss.study.check import check_study
    from isogloss.study.reading.yaml_file import read_config
    from isogloss.verification.examine import examine
    from isogloss.verification.products import list_products
    from isogloss.verification.table import delete_faults, write_table

    study, runs, _ = check_study(read_config(a.study), root=Path())
    root = Path(study.root)
    note = read_note(root) if a.delete else None
    if note and judge(note.process, note.place) is State.RUNNING:
        raise UserError(f"{root}: process {note.pid} is running this study; wait until it ends, then delete results")
    report = examine(list_products(study, runs), root)
    print(write_table(report, root))
    if report.faults and not a.delete:
        raise UserError(
            f"{root}: {len(report.faults)} files do not fit; to delete them run `isogloss verify {a.study} --delete`, "
            "then run the study again"
        )
    if a.delete:
        print(f"{delete_faults(report, root)} deleted; run the study again to redo what is missing")
