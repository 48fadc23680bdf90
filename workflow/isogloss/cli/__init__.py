"""The command line. A verb's arguments and what it does stand together, in the file of its topic."""

import argparse
import sys
from collections.abc import Sequence

from isogloss.cli import analysis, corpora, features, models, runs, study
from isogloss.cli.verb import Verb
from isogloss.common.errors import UserError

VERBS = (
    *(study.check, study.plan),
    *(corpora.download, corpora.corpus, corpora.test_corpus, corpora.audit),
    *(models.build_model, models.pretrain_model, models.fetch_model, models.trim_model),
    *(runs.language_model, runs.finetune, runs.transfer),
    *(features.typology, features.overlap, features.feature, features.features),
    *(runs.scores, runs.runs),
    *(analysis.analyse, analysis.draw, analysis.report),
)
"""Every verb, in the order of `isogloss --help`, which is the order of a study's work."""


def run(arguments: Sequence[str]) -> int:
    """Run one verb. Returns 0, or 2 after a user's mistake, which is told in one line; raises on a failure of ours."""
    called = [verb for verb in VERBS if [verb.name] == list(arguments[:1])]
    parsed = _make_parser(called or VERBS).parse_args(arguments)
    try:
        parsed.call(parsed)
    except UserError as error:
        print(f"isogloss: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("isogloss: interrupted", file=sys.stderr)
        return 130
    return 0


def _make_parser(verbs: Sequence[Verb]) -> argparse.ArgumentParser:
    """Return a parser of these verbs: of the one that is called, for every job of a study parses its arguments."""
    parser = argparse.ArgumentParser(prog="isogloss", description="Which languages teach which?")
    parsers = parser.add_subparsers(required=True, metavar="VERB")
    for verb in verbs:
        added = parsers.add_parser(verb.name, help=verb.help, description=verb.help)
        added.set_defaults(call=verb.call)
        verb.add_arguments(added)
    return parser
