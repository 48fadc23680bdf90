# Inputs: functions from the wildcards of a job to the files that it reads, grouped by topic in the order of the rules.
#
# in:  STUDY and the wildcards of a job
# out: paths. Snakemake's linter requires functions to be in files without rules.

# The files of a download of all splits.
DOWNLOADED = ("train.parquet", "validation.parquet", "test.parquet", "source.json")


# Corpora.


def list_corpora(split, languages, task="{task}"):
    """Return the files of one split of a task's corpus in some languages."""
    return [result(f"corpora/{task}/{language}/{split}.parquet") for language in languages]


def list_own(split, task, languages):
    """Return the files of one split of a task's corpus in those languages of which the corpus has this split."""
    of_task = STUDY.tasks[task]
    covered = (*of_task.languages, *of_task.tests_only) if split == "test" else of_task.languages
    return list_corpora(split, [code for code in languages if code in covered], task)


def list_text():
    """Return the test splits of all corpora of the study."""
    tests = [(task, test, codes) for task in TASKS for test, codes in STUDY.tasks[task].test_languages.items()]
    return [
        *(path for task in TASKS for path in list_own("test", task, STUDY.languages)),
        *(result(f"test_corpora/{task}/{test}/{code}/test.parquet") for task, test, codes in tests for code in codes),
    ]


def list_corpus_files(wildcards):
    """Return the user's files or the downloaded files of a corpus; none if the corpus is generated."""
    choice = STUDY.tasks[wildcards.task].corpus
    if choice.corpus.download:
        return [result(f"downloads/corpora/{wildcards.task}/{wildcards.language}/{name}") for name in DOWNLOADED]
    return [str(path) for path in choice.corpus.files(choice.options, wildcards.language)]


def list_test_files(wildcards):
    """Return the user's files or the downloaded files of an additional test corpus."""
    choice = STUDY.tasks[wildcards.task].test_corpora[wildcards.test_corpus]
    if choice.corpus.download:
        folder = f"downloads/test_corpora/{wildcards.task}/{wildcards.test_corpus}/{wildcards.language}"
        return [result(f"{folder}/{name}") for name in ("test.parquet", "source.json")]
    return [str(path) for path in choice.corpus.files(choice.options, wildcards.language, ("test",))]


# Models.


def start_from(folder):
    """Return a model folder as an input. Recipes track the content of a user's folder, so its time is ignored."""
    return folder if folder.startswith(f"{ROOT}/") else ancient(folder)


def start_of(wildcards):
    """Return the model folder from which training on sources starts; nothing for a family without pre-training."""
    folder = products.place_model(STUDY, wildcards.model)
    return start_from(folder) if folder else []


def list_model_text(wildcards):
    """Return the training splits on which a built model or a variant is pre-trained."""
    origin = STUDY.models[wildcards.model].origin
    return list_corpora("train", origin.languages, origin.text)


def list_studied_text(wildcards):
    """Return the training and test splits whose subwords a trimmed vocabulary must contain."""
    languages = STUDY.models[wildcards.model].trimmed_to
    return [
        path
        for task in TASKS
        for split in ("train", "test")
        for path in list_corpora(split, [code for code in languages if code in products.list_needed(STUDY, task)], task)
    ]


# Runs.


def find_run(wildcards):
    """Return the run that the wildcards of a transfer job identify."""
    return read_run(dict(wildcards.items()))


def store_of(wildcards):
    """Return the folder in which jobs of a task cache encoded text. No rule declares it, and it can be deleted."""
    return result(f".cache/text/{wildcards.task}")


def list_test_corpora(wildcards):
    """Return the additional test sets in a target language."""
    tests = STUDY.tasks[wildcards.task].test_languages
    names = [name for name in tests if wildcards.target in tests[name]]
    return [result(f"test_corpora/{wildcards.task}/{name}/{wildcards.target}/test.parquet") for name in names]


def transfer_start(wildcards):
    """Return the model from which a run starts: the model trained on its sources, or the pre-trained model."""
    trained = products.place_trained(find_run(wildcards))
    return result(trained) if trained else start_of(wildcards)


def transfer_train(wildcards):
    """Return the training splits that a run uses: the target's for shots, and the sources' for joint training."""
    run = find_run(wildcards)
    from_start = run.shots and products.place_trained(run) is None  # then the source sentences are drawn again
    return list_corpora("train", ([run.target] if run.shots else []) + (list(run.sources) if from_start else []))


# Language models.


def list_measured_text(wildcards):
    """Return the text on which a language model is measured: training text, and validation text for a built model."""
    read = products.list_pretrained_on(STUDY, wildcards.task, wildcards.model)
    splits = ["train"] if read is None else ["train", "validation"]
    return [path for split in splits for path in list_corpora(split, [wildcards.language], wildcards.task)]
