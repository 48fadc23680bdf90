"""Find results that Snakemake would take for current, although they were made by another recipe or other inputs.

Snakemake keeps the parameters of each job in `.snakemake`, which results copied from another machine do not have.
"""

from collections.abc import Sequence
from pathlib import Path

from isogloss.provenance.seal import STALE, Unfit, read_provenance, read_record
from isogloss.runs.records import Present, check_stale
from isogloss.verification.values import Product


def list_stale(products: Sequence[Product], root: Path) -> dict[str, str]:
    """Return the output of each stale result, as a rule of the workflow declares it, and why it is stale.

    products: in the order of the data flow. root: the folder of the study. Other faults are left to the job that reads
    the file.
    """
    present, stale = Present(root), {}
    for product in products:
        path = root / product.record
        try:
            made = read_provenance(read_record(path)) if path.is_file() else None
            if made is not None:
                check_stale(path, made, {product.recipe}, present)
        except Unfit as fault:
            present.distrust(product.place, fault.state)
            if fault.state == STALE:
                stale[str(path.parent if product.declared_folder else path)] = fault.what
    return stale
