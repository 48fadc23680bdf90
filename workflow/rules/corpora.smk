# Corpora: made or read in one language each, audited, cut into three splits.
#
# in:  nothing, or the user's files of the language
# out: corpora/{task}/{language}/{train,validation,test}.parquet and audit.json; corpora/{task}/audit.json


rule corpus:
    """Make the corpus of a task in one language; repeats, and sentences of the other splits, leave training."""
    input:
        list_corpus_files,
    output:
        train=result("corpora/{task}/{language}/train.parquet"),
        validation=result("corpora/{task}/{language}/validation.parquet"),
        test=result("corpora/{task}/{language}/test.parquet"),
        audit=result("corpora/{task}/{language}/audit.json"),
    log:
        log_of("corpora/{task}/{language}"),
    priority: 100  # all corpora before any training: what they refuse costs nothing then
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        recipe=lambda wildcards: recipes.write_corpus_recipe(STUDY, wildcards.task),
        # What the runs take decides whether the corpus will do, not what it is. A function that asks for
        # `output` is not among the reasons to redo a job: more shots must not make every corpus anew.
        need=lambda wildcards, output: max(NEED[wildcards.task].get(wildcards.language, {"": 0}).values()),
        folder=lambda wildcards, output: Path(output.audit).parent,
    shell:
        "python -m isogloss corpus --recipe {params.recipe:q} --language {wildcards.language:q}"
        " --need {params.need} --out {params.folder:q} > {log:q} 2>&1"


rule audit:
    """Count the sentences that corpora of different languages share: the only job that reads them all."""
    input:
        train=lambda wildcards: list_corpora("train", STUDY["languages"]),
        test=lambda wildcards: list_corpora("test", STUDY["languages"]),
        audits=lambda wildcards: [result(f"corpora/{{task}}/{code}/audit.json") for code in STUDY["languages"]],
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
