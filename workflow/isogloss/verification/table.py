"""Print what an examination found as a table, and delete the files that do not fit."""

import shutil
from pathlib import Path

from isogloss.verification.values import Report


def write_table(report: Report, root: Path) -> str:
    """Return the table of the files that do not fit, and a summary: `state  file  reason`, one line per file."""
    rows = [(fault.state, str(fault.path), fault.reason) for fault in sorted(report.faults)]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines = [f"{state:<{widths[0]}}  {path:<{widths[1]}}  {reason}" for state, path, reason in rows]
    counts = (
        f"{root}: {report.intact} results intact ({report.files} files hashed), {len(rows)} "
        f"file{'' if len(rows) == 1 else 's'} that do{'es' if len(rows) == 1 else ''} not fit, {report.unverified} "
        f"results without digests (not verified), {report.missing} results missing"
    )
    return "\n".join([*lines, counts])


def delete_faults(report: Report, root: Path) -> int:
    """Delete what does not fit, the whole result of a job at a time, and return the number of deletions."""
    deleted = 0
    for written in sorted({fault.written for fault in report.faults}):
        if written.is_dir():
            shutil.rmtree(written)
        elif written.exists():
            written.unlink()
        else:
            continue
        deleted += 1
        for parent in written.parents:
            if parent == root or any(parent.iterdir()):
                break
            parent.rmdir()
    return deleted
