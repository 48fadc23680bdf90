# Models: built from training text or downloaded from the hub. A model in a user's folder needs no job.
#
# in:  corpora/{task}/{language}/train.parquet of the languages of a built model, and test.parquet for trimming
# out: models/{model}/, a folder in Hugging Face format; trimmed/{model}/, a folder with a smaller vocabulary;
#      models/{base}@{set}/, a variant: a copy of a start model, pre-trained on the text of a set of languages

from isogloss.study.values import Built, Fetched, Variant


rule build_model:
    """Train a vocabulary and pre-train a small model by span corruption, using only training splits."""
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
    """Download a model from the hub at a fixed revision, using only safetensors weights."""
    output:
        directory(result("models/{model}")),
    log:
        log_of("models/{model}"),
    wildcard_constraints:
        model=choose([model.name for model in STUDY.list_origins(Fetched)]),
    priority: 100  # like downloads, so that errors of the hub appear before any training
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
    """Pre-train a variant by span corruption on a set of languages, from the start that all variants share."""
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
    """Reduce the vocabulary of a model to the subwords in the text of the study."""
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
