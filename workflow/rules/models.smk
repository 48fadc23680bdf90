# Models: built here from training text, fetched from the hub, or a folder of the user's (which needs no job).
#
# in:  corpora/{task}/{language}/train.parquet of the languages that a built model lists
# out: models/{model}/, a folder in Hugging Face form


rule build_model:
    """Train a vocabulary and pre-train a small model by span corruption, on training splits only."""
    input:
        list_model_text,
    output:
        directory(result("models/{model}")),
    log:
        log_of("models/{model}"),
    wildcard_constraints:
        model=choose([name for name, spec in STUDY["models"].items() if "build" in spec]),
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
        model=choose([name for name, spec in STUDY["models"].items() if "hub" in spec]),
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
