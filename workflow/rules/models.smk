# Models: built here from training text, fetched from the hub, or a folder of the user's (which needs no job).
#
# in:  corpora/{task}/{language}/train.parquet of the languages that a built model lists, and test.parquet for trimming
# out: models/{model}/, a folder in Hugging Face form; trimmed/{model}/, one with a smaller vocabulary; models/{base}@{set}/,
#      a variant by pre-training: a copy of a start, trained on the text of a set of languages

from isogloss.study.values import Built, Fetched, Variant


rule build_model:
    """Train a vocabulary and pre-train a small model by span corruption, on training splits only."""
    input:
        list_model_text,
    output:
        directory(result("models/{model}")),
    log:
        log_of("models/{model}"),
    wildcard_constraints:
        model=choose([model.name for model in STUDY.list_origins(Built)]),
    priority: 50
    conda:
        "../../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2500 * attempt,
        runtime=lambda wildcards, attempt: 20 * attempt,
        gpu=0,
    params:
        recipe=lambda wildcards: recipes.write_model_recipe(STUDY, wildcards.model),
    shell:
        "python -m isogloss build-model --text {input:q} --recipe {params.recipe:q}"
        " --threads {threads} --out {output:q} > {log:q} 2>&1"


rule fetch_model:
    """Download a model of the hub at a fixed revision; safetensors only."""
    output:
        directory(result("models/{model}")),
    log:
        log_of("models/{model}"),
    wildcard_constraints:
        model=choose([model.name for model in STUDY.list_origins(Fetched)]),
    priority: 100  # as downloads: what the hub refuses is told before anything trains
    conda:
        "../../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        recipe=lambda wildcards: recipes.write_model_recipe(STUDY, wildcards.model),
    shell:
        "python -m isogloss fetch-model --recipe {params.recipe:q} --out {output:q} > {log:q} 2>&1"


rule pretrain_model:
    """Pre-train a model by span corruption on a set of languages, from the start that all sets share."""
    input:
        start=lambda wildcards: start_from(products.place_model(STUDY, STUDY.models[wildcards.model].origin.start)),
        text=list_model_text,
    output:
        directory(result("models/{model}")),
    log:
        log_of("models/{model}"),
    wildcard_constraints:
        model=choose([model.name for model in STUDY.list_origins(Variant)]),
    priority: 50
    conda:
        "../../envs/models.yaml"
    threads: give_threads
    resources:
        mem_mb=give_memory,
        runtime=give_minutes,
        gpu=give_gpus,
    params:
        recipe=lambda wildcards: recipes.write_pretraining_recipe(STUDY, wildcards.model),
    shell:
        "python -m isogloss pretrain-model --start {input.start:q} --text {input.text:q} --recipe {params.recipe:q}"
        " --threads {threads} --out {output:q} > {log:q} 2>&1"


rule trim_model:
    """Cut the vocabulary of a model to the pieces that the studied text is made of."""
    input:
        model=lambda wildcards: start_from(products.place_whole_model(STUDY, wildcards.model)),
        text=list_studied_text,
    output:
        directory(result("trimmed/{model}")),
    log:
        log_of("trimmed/{model}"),
    wildcard_constraints:
        model=choose([model.name for model in STUDY.models.values() if model.trimmed_to]),
    priority: 50
    conda:
        "../../envs/models.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
        gpu=0,
    params:
        recipe=lambda wildcards: recipes.write_trim_recipe(STUDY, wildcards.model),
    shell:
        "python -m isogloss trim-model --model {input.model:q} --text {input.text:q} --recipe {params.recipe:q}"
        " --out {output:q} > {log:q} 2>&1"
