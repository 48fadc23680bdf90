# Language-model statistics: how well a model does its own pre-training task on the text of each task and language.
# They are computed only if the study needs them (analysis.language_model), for models that have a language model.
#
# in:  models/{model}/; corpora/{task}/{language}/train.parquet, and validation.parquet for a model built here
# out: language_model/{model}/{task}/{language}.json


rule language_model:
    """Measure the loss and exact matches of what a model fills in, before it is trained on any task."""
    input:
        model=start_of,
        text=list_measured_text,
    output:
        result("language_model/{model}/{task}/{language}.json"),
    log:
        log_of("language_model/{model}/{task}/{language}"),
    conda:
        "../../envs/models.yaml"
    threads: give_threads
    resources:
        mem_mb=give_memory,
        runtime=give_minutes,
        gpu=give_gpus,
    params:
        recipe=lambda wildcards: recipes.write_statistics_recipe(
            STUDY, wildcards.task, wildcards.model, wildcards.language
        ),
    shell:
        "python -m isogloss language-model --task {wildcards.task:q} --model {wildcards.model:q}"
        " --language {wildcards.language} --start {input.model:q} --text {input.text:q} --recipe {params.recipe:q}"
        " --threads {threads} --out {output:q} > {log:q} 2>&1"
