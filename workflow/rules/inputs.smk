# Inputs: functions from the wildcards of a job to the files that it reads, by topic, in the order of the rules.
#
# in:  STUDY and the wildcards of a job
# out: paths; snakemake's linter wants functions in files without rules

# What a download of all splits leaves.
DOWNLOADED = ("train.parquet", "validation.parquet", "test.parquet", "source.json")


# Corpora.


def list_corpora(split, languages, task="{task}"):
    """The files of one split of a task's corpus in some languages."""
    return [result(f"corpora/{task}/{language}/{split}.parquet") for language in languages]


def list_own(split, task, languages):
    """The files of one split of a task's corpus in those of some languages that it has."""
    return list_corpora(split, [code for code in languages if code in STUDY.tasks[task].languages], task)


def list_corpus_files(wildcards):
    """The user's files that a corpus is read from, or those that were downloaded; none where it is made."""
    choice = STUDY.tasks[wildcards.task].corpus
    if choice.corpus.download:
        return [result(f"downloads/corpora/{wildcards.task}/{wildcards.language}/{name}") for name in DOWNLOADED]
    return [str(path) for path in choice.corpus.files(choice.options, wildcards.language)]


def list_test_files(wildcards):
    """The user's files, or downloaded ones, of a corpus that models are only tested on."""
    choice = STUDY.tasks[wildcards.task].test_corpora[wildcards.test_corpus]
    if choice.corpus.download:
        folder = f"downloads/test_corpora/{wildcards.task}/{wildcards.test_corpus}/{wildcards.language}"
        return [result(f"{folder}/{name}") for name in ("test.parquet", "source.json")]
    return [str(path) for path in choice.corpus.files(choice.options, wildcards.language, ("test",))]


# Models.


def start_from(folder):
    """A model folder as an input. The user's own counts by its content, which recipes tell, not by its time."""
    return folder if folder.startswith(f"{ROOT}/") else ancient(folder)


def start_of(wildcards):
    """The model folder that training on sources starts from; nothing for a family without pre-training."""
    folder = products.place_model(STUDY, wildcards.model)
    return start_from(folder) if folder else []


def list_model_text(wildcards):
    """The training splits that a model built here is pre-trained on."""
    origin = STUDY.models[wildcards.model].origin
    return list_corpora("train", origin.languages, origin.text)


def list_studied_text(wildcards):
    """The training and test splits that a trimmed vocabulary has to hold the pieces of."""
    languages = STUDY.models[wildcards.model].trimmed_to
    return [
        path
        for task in TASKS
        for split in ("train", "test")
        for path in list_corpora(split, [code for code in languages if code in products.list_needed(STUDY, task)], task)
    ]


# Runs.


def find_run(wildcards):
    """The run that the wildcards of a transfer job name."""
    return read_run(dict(wildcards.items()))


def store_of(wildcards):
    """Where the jobs of a task keep what they make of text: a cache that no rule declares, and may be deleted."""
    return result(f".cache/text/{wildcards.task}")


def list_test_corpora(wildcards):
    """The further test sets of a target."""
    tests = STUDY.tasks[wildcards.task].test_languages
    names = [name for name in tests if wildcards.target in tests[name]]
    return [result(f"test_corpora/{wildcards.task}/{name}/{wildcards.target}/test.parquet") for name in names]


def transfer_start(wildcards):
    """The model that a run starts from: trained on its sources, or not yet trained at all."""
    trained = products.place_trained(find_run(wildcards))
    return result(trained) if trained else start_of(wildcards)


def transfer_train(wildcards):
    """The training splits that a run draws from: the target's for its shots, the sources' where it is joint."""
    run = find_run(wildcards)
    from_start = run.shots and products.place_trained(run) is None  # then the sources' sentences are drawn anew
    return list_corpora("train", ([run.target] if run.shots else []) + (list(run.sources) if from_start else []))


# Language models.


def list_measured_text(wildcards):
    """The text that a language model is measured on: training text and, for a model built from that, also other."""
    read = products.list_pretrained_on(STUDY, wildcards.task, wildcards.model)
    splits = ["train"] if read is None else ["train", "validation"]
    return [path for split in splits for path in list_corpora(split, [wildcards.language], wildcards.task)]
