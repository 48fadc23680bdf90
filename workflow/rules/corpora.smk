# Corpora: download, generate or read them one language at a time, audit them, and split them into three splits.
#
# in:  nothing, the user's files of the language, or the hub
# out: corpora/{task}/{language}/{train,validation,test}.parquet and audit.json; corpora/{task}/audit.json
#      test_corpora/{task}/{test_corpus}/{language}/test.parquet and audit.json: additional test corpora of the task
#      downloads/{corpora,test_corpora}/...: the files from the hub, and source.json, which records their commit


rule download:
    """Download the corpus of a task in one language. The cache of the hub's client keeps complete files."""
    output:
        [result(f"downloads/corpora/{{task}}/{{language}}/{name}") for name in DOWNLOADED],
    log:
        log_of("downloads/corpora/{task}/{language}"),
    priority: 100
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        recipe=lambda wildcards: recipes.write_download_recipe(STUDY, wildcards.task),
        splits=["train", "validation", "test"],
        folder=lambda wildcards, output: Path(output[0]).parent,
    shell:
        "python -m isogloss download --recipe {params.recipe:q} --language {wildcards.language:q}"
        " --splits {params.splits:q} --out {params.folder:q} > {log:q} 2>&1"


use rule download as download_test with:
    output:
        result("downloads/test_corpora/{task}/{test_corpus}/{language}/test.parquet"),
        result("downloads/test_corpora/{task}/{test_corpus}/{language}/source.json"),
    log:
        log_of("downloads/test_corpora/{task}/{test_corpus}/{language}"),
    params:
        recipe=lambda wildcards: recipes.write_download_recipe(STUDY, wildcards.task, wildcards.test_corpus),
        splits=["test"],
        folder=lambda wildcards, output: Path(output[0]).parent,


rule corpus:
    """Prepare the corpus of a task in one language; remove duplicates and sentences of other splits from training."""
    input:
        list_corpus_files,
    output:
        train=result("corpora/{task}/{language}/train.parquet"),
        validation=result("corpora/{task}/{language}/validation.parquet"),
        test=result("corpora/{task}/{language}/test.parquet"),
        audit=result("corpora/{task}/{language}/audit.json"),
    log:
        log_of("corpora/{task}/{language}"),
    priority: 100  # before any training, so that errors in corpora appear early
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        recipe=lambda wildcards: recipes.write_corpus_recipe(STUDY, wildcards.task),
        # The need decides whether the corpus is large enough, but does not change the corpus. Snakemake does not redo a
        # job when the value of a function that uses `output` changes, so more shots do not rebuild every corpus.
        need=lambda wildcards, output: max(NEED[wildcards.task].get(wildcards.language, {"": 0}).values()),
        folder=lambda wildcards, output: Path(output.audit).parent,
        downloaded=lambda wildcards, input, output: (
            Path(input[0]).parent if STUDY.tasks[wildcards.task].corpus.corpus.download else []
        ),
    shell:
        "python -m isogloss corpus --recipe {params.recipe:q} --language {wildcards.language:q}"
        " --need {params.need} --folder {params.downloaded:q} --out {params.folder:q} > {log:q} 2>&1"


rule test_corpus:
    """Prepare an additional test corpus of a task in one language."""
    input:
        files=list_test_files,
        train=lambda wildcards: list_own("train", wildcards.task, [wildcards.language]),
    output:
        test=result("test_corpora/{task}/{test_corpus}/{language}/test.parquet"),
        audit=result("test_corpora/{task}/{test_corpus}/{language}/audit.json"),
    log:
        log_of("test_corpora/{task}/{test_corpus}/{language}"),
    priority: 100
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        recipe=lambda wildcards: recipes.write_corpus_recipe(STUDY, wildcards.task, wildcards.test_corpus),
        folder=lambda wildcards, output: Path(output.audit).parent,
        downloaded=lambda wildcards, input: (
            Path(input.files[0]).parent
            if STUDY.tasks[wildcards.task].test_corpora[wildcards.test_corpus].corpus.download
            else []
        ),
    shell:
        "python -m isogloss test-corpus --recipe {params.recipe:q} --language {wildcards.language:q}"
        " --train {input.train:q} --folder {params.downloaded:q} --out {params.folder:q} > {log:q} 2>&1"


rule audit:
    """Count the sentences that corpora of different languages share. Only this job reads all corpora."""
    input:
        train=lambda wildcards: list_own("train", wildcards.task, STUDY.languages),
        test=lambda wildcards: list_own("test", wildcards.task, STUDY.languages),
        audits=lambda wildcards: [
            str(Path(path).with_name("audit.json")) for path in list_own("test", wildcards.task, STUDY.languages)
        ],
    output:
        result("corpora/{task}/audit.json"),
    log:
        log_of("corpora/{task}/audit"),
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        folders=lambda wildcards, input: [Path(path).parent for path in input.audits],
    shell:
        "python -m isogloss audit --corpora {params.folders:q} --out {output:q} > {log:q} 2>&1"
