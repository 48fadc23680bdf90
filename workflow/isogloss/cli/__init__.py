"""The command line. The arguments and the function of each command are defined together, in one module per topic."""

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from isogloss.cli import analysis, corpora, elsewhere, features, models, progress, results, runs, study
from isogloss.cli.verb import Verb
from isogloss.common.errors import GpuError, UserError, write_line

VERBS = (
    *(study.check, study.plan, progress.status, results.verify),
    *(corpora.download, corpora.corpus, corpora.test_corpus, corpora.audit),
    *(models.build_model, models.pretrain_model, models.fetch_model, models.trim_model),
    *(runs.language_model, runs.finetune, runs.transfer),
    *(features.typology, features.overlap, features.feature, features.features),
    *(runs.scores, runs.runs),
    *(analysis.analyse, analysis.draw, analysis.page),
    progress.report,
)
"""All commands, in the order of `isogloss --help`, which is the order in which a study uses them."""

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""Errors of writing that no change of the study can correct."""


def run(arguments: Sequence[str]) -> int:
    """Run one command. Return 0, or 2 after a UserError or a full disk, which is printed as one line.

    If a GPU has failed or is full and there is another one, the command is started again on that one. Other exceptions
    propagate.
    """
    called = [verb for verb in VERBS if [verb.name] == list(arguments[:1])]
    parsed = _make_parser(called or VERBS).parse_args(arguments)
    try:
        parsed.call(parsed)
    except GpuError as error:
        return elsewhere.end_or_restart(error, arguments)
    except UserError as error:
        print(write_line(error), file=sys.stderr)
        return 2
    except RuntimeError as error:
        of_gpu = elsewhere.explain(error)
        if of_gpu is None:
            raise
        return elsewhere.end_or_restart(of_gpu, arguments)
    except OSError as error:
        if error.errno not in _DISK:
            raise
        problem = f"{error.filename or os.getcwd()}: {os.strerror(error.errno)}"
        advice = "make space or make it writable, then run the same command again"
        print(write_line(UserError(f"{problem}; {advice}")), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("isogloss: interrupted", file=sys.stderr)
        return 130
    return 0


def _make_parser(verbs: Sequence[Verb]) -> argparse.ArgumentParser:
    """Return a parser of these commands. `run` passes only the called one because every job of a study parses."""
    parser = argparse.ArgumentParser(
        prog="isogloss",
        description="Find out which languages are good sources for cross-lingual transfer. Use check, plan, status, "
        "verify, report and analyse directly; snakemake runs the other commands as jobs of a study.",
    )
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for verb in verbs:
        added = parsers.add_parser(verb.name, help=verb.help, description=verb.help)
        added.set_defaults(call=verb.call)
        verb.add_arguments(added)
    return parser
