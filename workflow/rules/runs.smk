# Runs: each source set is trained on once, and the trained model is used for every target.
#
# in:  corpora, models/{model}/
# out: finetuned/.../  a model trained on sources
#      transfer/.../   metrics.json (the record of a run), predictions.jsonl.gz, checkpoint/ of a few-shot run


from isogloss.common.run import (
    CHECKPOINT,
    PREDICTIONS,
    RECORD,
    RUN_FOLDER,
    TRAINED_AXES,
    TRAINED_FOLDER,
    split_sources,
    write_flags,
)

KEPT = {"checkpoint": directory(result(f"{RUN_FOLDER}/{CHECKPOINT}"))} if STUDY.keep_adapted else {}


rule finetune:
    """Train a model on the labelled sentences of its sources."""
    input:
        train=lambda wildcards: list_corpora("train", split_sources(wildcards.sources)),
        validation=lambda wildcards: list_corpora("validation", split_sources(wildcards.sources)),
        model=start_of,
    output:
        directory(result(TRAINED_FOLDER)),
    log:
        log_of(TRAINED_FOLDER),
    priority: 20
    conda:
        "../../envs/models.yaml"
    threads: give_threads
    resources:
        mem_mb=give_memory,
        runtime=give_minutes,
        gpu=give_gpus,
    params:
        recipe=lambda wildcards: recipes.write_finetune_recipe(STUDY, wildcards.task, wildcards.model),
        corpora=lambda wildcards, input: Path(input.train[0]).parents[1],
        store=store_of,
    shell:
        f"python -m isogloss finetune {write_flags(TRAINED_AXES)}"
        " --corpora {params.corpora:q} --start {input.model:q}"
        " --recipe {params.recipe:q} --store {params.store:q} --threads {threads} --out {output:q} > {log:q} 2>&1"


rule transfer:
    """Use a model on a target without shots: zero-shot transfer, or an in-language run."""
    input:
        test=lambda wildcards: list_own("test", wildcards.task, [wildcards.target]),
        train=transfer_train,
        model=transfer_start,
        further=list_test_corpora,
    output:
        metrics=ensure(result(f"{RUN_FOLDER}/{RECORD}"), non_empty=True),
        predictions=result(f"{RUN_FOLDER}/{PREDICTIONS}"),
    log:
        log_of(RUN_FOLDER),
    wildcard_constraints:
        shots="0",
    conda:
        "../../envs/models.yaml"
    threads: give_threads
    resources:
        mem_mb=give_memory,
        runtime=give_minutes,
        gpu=give_gpus,
    params:
        recipe=lambda wildcards: recipes.write_transfer_recipe(STUDY, find_run(wildcards)),
        corpora=lambda wildcards: Path(result(f"corpora/{wildcards.task}")),
        store=store_of,
        folder=lambda wildcards, output: Path(output.metrics).parent,
        keep="",
    shell:
        f"python -m isogloss transfer {write_flags()}"
        " --corpora {params.corpora:q}"
        " --start {input.model:q} --recipe {params.recipe:q} --store {params.store:q} --threads {threads} {params.keep}"
        " --test-corpora {input.further:q} --out {params.folder:q} > {log:q} 2>&1"


# A few-shot run is the same job with shots. Its adapted model can be kept as an output.
use rule transfer as adapt with:
    output:
        **KEPT,
        metrics=ensure(result(f"{RUN_FOLDER}/{RECORD}"), non_empty=True),
        predictions=result(f"{RUN_FOLDER}/{PREDICTIONS}"),
    wildcard_constraints:
        shots=r"[1-9]\d*",
    params:
        recipe=lambda wildcards: recipes.write_transfer_recipe(STUDY, find_run(wildcards)),
        corpora=lambda wildcards: Path(result(f"corpora/{wildcards.task}")),
        store=store_of,
        folder=lambda wildcards, output: Path(output.metrics).parent,
        keep=lambda wildcards, output: "--keep" if KEPT else "",
