"""What each verb of the command line does: one function of one room called. Rooms are imported only then."""

from argparse import Namespace
from pathlib import Path


def check(a: Namespace) -> None:
    """Check a study file and its local corpora, and count its runs."""
    from isogloss.planning.plan import describe_pairs
    from isogloss.study.check import check_study, cover_targets
    from isogloss.study.config import read_config

    config, runs, _ = check_study(read_config(a.study), root=Path())
    print(f"{a.study}: {len(runs)} runs")
    for task, tests in cover_targets(config).items():
        print(f"tasks.{task}: {describe_pairs(config, runs, task)}")
        for name, languages in tests.items():
            print(f"tasks.{task}.test_corpora.{name}: {len(languages)} of {len(config['languages'])} languages")


def plan(a: Namespace) -> None:
    """Say what a study comes to: jobs by rule, pairs, downloads, disk and hours."""
    from isogloss.planning.plan import write_plan
    from isogloss.study.check import check_study
    from isogloss.study.config import read_config

    config, runs, _ = check_study(read_config(a.study), root=Path())
    print(write_plan(config, runs, Path(), a.devices, a.step_seconds, a.measured))


def download(a: Namespace) -> None:
    """Download splits of a corpus of the hub in one language."""
    from isogloss.corpora.build import download_corpus

    download_corpus(a.recipe["corpus"], a.language, a.splits, a.out)


def corpus(a: Namespace) -> None:
    """Make or read the corpus of one language, audit it and write its splits."""
    from isogloss.corpora.build import build_corpus

    build_corpus(a.recipe["corpus"], a.language, a.recipe["kind"], a.out, need=a.need, folder=a.folder)


def test_corpus(a: Namespace) -> None:
    """Make or read a corpus that models are only tested on, in one language, and describe it."""
    from isogloss.corpora.build import build_test_corpus

    build_test_corpus(a.recipe["corpus"], a.language, a.recipe["kind"], a.train, a.out, folder=a.folder)


def audit(a: Namespace) -> None:
    """Count the sentences that the corpora of different languages share."""
    from isogloss.common.files import write_json
    from isogloss.corpora.audit import audit_languages

    write_json(a.out, audit_languages({folder.name: folder for folder in a.corpora}))


def build_model(a: Namespace) -> None:
    """Build and pre-train a small model on training text."""
    from isogloss.common.examples import read_examples
    from isogloss.common.files import complete_folder
    from isogloss.models.pretraining.tiny_mt5 import build_model

    text = {path.parent.name: [line for example in read_examples(path) for line in example.lines] for path in a.text}
    with complete_folder(a.out) as folder:
        build_model(text, folder, vocabulary=a.recipe["vocabulary"], steps=a.recipe["steps"], threads=a.threads)


def pretrain_model(a: Namespace) -> None:
    """Pre-train a model on the training text of some languages."""
    from isogloss.runs.pretraining import pretrain_model

    text = {path.parent.name: path for path in a.text}
    pretrain_model(a.start, text, a.recipe, a.out, threads=a.threads)


def fetch_model(a: Namespace) -> None:
    """Download a model of the hub."""
    from isogloss.models.hub import fetch_model

    fetch_model(a.recipe["hub"], a.recipe["revision"], a.recipe["family"], a.out)


def trim_model(a: Namespace) -> None:
    """Cut the vocabulary of a model to the pieces that some text is made of."""
    from isogloss.common.examples import read_examples
    from isogloss.common.files import complete_folder
    from isogloss.models.vocabulary.trimming import list_inputs, trim_model
    from isogloss.tasks import find_task

    text = set()
    for path in a.text:
        task = find_task(a.recipe["kinds"][path.parents[1].name])
        text |= list_inputs(task, read_examples(path, task.example), targets=path.stem == "train")
    with complete_folder(a.out) as folder:
        trim_model(a.model, text, folder)


def language_model(a: Namespace) -> None:
    """Measure what a model's own language model makes of a task's text in one language."""
    from isogloss.runs.language_model import measure_language_model

    measure_language_model(
        task=a.task,
        model_name=a.model_name,
        language=a.language,
        model=a.model,
        texts={path.stem: path for path in a.text},
        recipe=a.recipe,
        threads=a.threads,
        out=a.out,
    )


def finetune(a: Namespace) -> None:
    """Train a model on the labelled sentences of its sources."""
    from isogloss.runs.transfer import finetune
    from isogloss.study.grid import split_sources

    finetune(
        task=a.task,
        corpora=a.corpora,
        model=a.model,
        sources=split_sources(a.sources),
        n=a.n,
        seed=a.seed,
        recipe=a.recipe,
        threads=a.threads,
        out=a.out,
    )


def transfer(a: Namespace) -> None:
    """Use a model on a target, with or without shots, and record the run."""
    from isogloss.runs.transfer import transfer
    from isogloss.study.grid import Run, split_sources

    run = Run(a.task, a.model_name, split_sources(a.sources), a.n, a.target, a.shots, a.adaptation, a.seed)
    transfer(
        run=run,
        corpora=a.corpora,
        start=a.start,
        recipe=a.recipe,
        threads=a.threads,
        keep=a.keep,
        test_corpora={path.parents[1].name: path for path in a.test_corpora},
        out=a.out,
    )


def typology(a: Namespace) -> None:
    """Write the typological features of all pairs of languages, by lang2vec, and what lang2vec covers."""
    from isogloss.features.typology import write_planning_table, write_typology

    if a.table:
        write_planning_table(a.table)
    if a.languages:
        write_typology(a.languages, a.out, a.coverage)


def overlap(a: Namespace) -> None:
    """Write the overlap of training words, or of a model's subwords, of all pairs of languages."""
    from isogloss.features.overlap import write_overlap

    tokenise = None
    if a.model:
        from transformers import AutoTokenizer

        tokenise = AutoTokenizer.from_pretrained(a.model).tokenize
    write_overlap({path.parent.name: path for path in a.corpora}, a.out, tokenise)


def features(a: Namespace) -> None:
    """Merge feature tables into one; those of a task or of a task and model are told by where they lie."""
    from isogloss.features.table import write_features

    write_features(a.common, a.of_task, a.of_model, a.out, a.statistics)


def scores(a: Namespace) -> None:
    """Collect the records of a study's runs into one table."""
    from isogloss.analysis.data.scores import write_scores
    from isogloss.study.grid import plan_runs

    write_scores([a.root / run.folder / "metrics.json" for run in plan_runs(a.grid)], a.out)


def runs(a: Namespace) -> None:
    """Collect what a study's runs were given, and what they got right in each test sentence."""
    from isogloss.runs.collect import write_runs

    write_runs(a.grid, a.kinds, a.root, a.out, a.sentences)


def analyse(a: Namespace) -> None:
    """Relate scores to features of the language pairs: tables, a summary and figures; works on any scores table."""
    from isogloss.analysis.data.scores import list_languages, read_scores
    from isogloss.analysis.run import analyse

    if a.features:
        from isogloss.features.table import read_features

        table = read_features(a.features)
    else:
        from isogloss.features.typology import compute_typology
        from isogloss.features.uriel import list_codes

        table = compute_typology(list_languages(read_scores(a.scores, a.percent, list_codes)))
    more = {"runs": a.runs, "sentences": a.sentences, "cases": a.cases}
    analyse(a.scores, table, a.out, a.permutations, a.seed, a.primary, a.notice, a.percent, **more)
    if not a.tables_only:
        from isogloss.figures.gallery import write_figures

        write_figures(read_scores(a.scores, a.percent), table, a.out, a.out / "figures", a.notice)


def matrices(a: Namespace) -> None:
    """Draw the transfer matrices of a model, languages by family and by clustering."""
    from isogloss.analysis.data.scores import read_scores
    from isogloss.figures.matrix import write_matrices

    write_matrices(read_scores(a.scores), a.task, a.model, a.shots, a.out, a.notice)


def scatters(a: Namespace) -> None:
    """Draw zero-shot transfer against each feature."""
    from isogloss.analysis.data.scores import read_scores
    from isogloss.features.table import read_features
    from isogloss.figures.page import read_table
    from isogloss.figures.scatter import write_scatters

    correlations = read_table(a.correlations, a.task, a.model)
    scores, features = read_scores(a.scores), read_features(a.features)
    write_scatters(scores, features, correlations, a.task, a.model, a.columns, a.out, a.notice)


def few_shot(a: Namespace) -> None:
    """Draw scores against shots."""
    from isogloss.analysis.data.scores import read_scores
    from isogloss.figures.few_shot import write_few_shot

    write_few_shot(read_scores(a.scores), a.task, a.model, a.out, a.notice)


def effects(a: Namespace) -> None:
    """Draw a model's shares of variance, regression coefficients and rankers."""
    from isogloss.figures.gallery import write_effects

    write_effects(a.tables, a.task, a.model, a.out, a.notice)


def multi_source(a: Namespace) -> None:
    """Draw what several sources do for a model: differences, few-shot curves and scores by number of sources."""
    from isogloss.figures.multi_source import write_multi_source

    write_multi_source(a.tables, a.task, a.model, a.out, a.notice, a.sense)


def report(a: Namespace) -> None:
    """Put summary, tables and figures into a folder that a browser opens."""
    from isogloss.figures.report import write_report

    write_report(a.out, a.title, a.notice, a.summary, a.tables, a.figures, a.audits, a.captions)
