# Features of language pairs.
#
# in:  lang2vec; the training splits; a model's vocabulary; what its language model makes of text, if asked for
# out: features/typology.csv and coverage.csv; features/{task}/overlap.csv; features/{task}/{model}/subword.csv;
#      features/{task}/{feature}.csv of a feature that a package adds; features/features.csv, all of them in one table

# Short, and the analysis waits for them: made while models train, they hold nothing up when the last score is there.
FEATURES_FIRST = 30


rule typology:
    """Typological similarity and distance of all pairs of languages, and what of it was observed."""
    output:
        typology=result("features/typology.csv"),
        coverage=result("features/coverage.csv"),
    log:
        log_of("features/typology"),
    priority: FEATURES_FIRST
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        languages=STUDY.languages,
    shell:
        "python -m isogloss typology --languages {params.languages:q} --out {output.typology:q}"
        " --coverage {output.coverage:q} > {log:q} 2>&1"


rule overlap:
    """Shares of training words that two languages have in common."""
    input:
        lambda wildcards: list_own("train", wildcards.task, STUDY.languages),
    output:
        result("features/{task}/overlap.csv"),
    log:
        log_of("features/{task}/overlap"),
    priority: FEATURES_FIRST
    conda:
        "../../envs/data.yaml"
    threads: 1
    shell:
        "python -m isogloss overlap --corpora {input:q} --out {output:q} > {log:q} 2>&1"


rule subword_overlap:
    """Shares of a model's subwords that the training texts of two languages have in common."""
    input:
        corpora=lambda wildcards: list_own("train", wildcards.task, STUDY.languages),
        model=start_of,
    output:
        result("features/{task}/{model}/subword.csv"),
    log:
        log_of("features/{task}/{model}/subword"),
    priority: FEATURES_FIRST
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        recipe=lambda wildcards: recipes.write_vocabulary_recipe(STUDY, wildcards.model),  # for snakemake to compare
    shell:
        "python -m isogloss overlap --corpora {input.corpora:q} --model {input.model:q} --out {output:q} > {log:q} 2>&1"


rule extra_feature:
    """A feature that an installed package adds, of all pairs of languages."""
    input:
        lambda wildcards: list_own("train", wildcards.task, STUDY.languages),
    output:
        result("features/{task}/{feature}.csv"),
    log:
        log_of("features/{task}/{feature}"),
    wildcard_constraints:
        feature=choose(STUDY.features),
    priority: FEATURES_FIRST
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        languages=STUDY.languages,
        recipe=lambda wildcards: recipes.write_feature_recipe(wildcards.feature),  # for snakemake to compare
    shell:
        "python -m isogloss feature --name {wildcards.feature:q} --languages {params.languages:q}"
        " --corpora {input:q} --out {output:q} > {log:q} 2>&1"


rule features:
    """All features in one table; those of a task or of a model carry its name."""
    input:
        common=result("features/typology.csv"),
        of_task=[result(f"features/{task}/{name}.csv") for task in TASKS for name in ["overlap", *STUDY.features]],
        of_model=[result(f"features/{task}/{model}/subword.csv") for task in TASKS for model in list_pretrained(task)],
        statistics=list_statistics(),
    output:
        result("features/features.csv"),
    log:
        log_of("features/features"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    shell:
        "python -m isogloss features --common {input.common:q} --of-task {input.of_task:q}"
        " --of-model {input.of_model:q} --statistics {input.statistics:q} --out {output:q} > {log:q} 2>&1"
