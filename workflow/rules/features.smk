# Features of language pairs.
#
# in:  lang2vec; the training splits; a model's vocabulary; statistics of its language model, if the study needs them
# out: features/typology.csv and coverage.csv; features/{task}/overlap.csv; features/{task}/{model}/subword.csv;
#      features/{task}/{feature}.csv of a feature that a package adds; features/features.csv with all of them;
#      features/languages.csv

# These jobs are short and the analysis needs them. They run while models train, so that the analysis does not wait.
FEATURES_FIRST = 30


rule typology:
    """Compute typological similarity and distance of all language pairs, and which part of it was observed."""
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
        facts=recipes.write_facts(STUDY),
    shell:
        "python -m isogloss typology --languages {params.languages:q} --facts {params.facts:q}"
        " --out {output.typology:q} --coverage {output.coverage:q} > {log:q} 2>&1"


rule overlap:
    """Compute the share of training words that two languages have in common."""
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
    """Compute the share of a model's subwords that the training texts of two languages have in common."""
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
        recipe=lambda wildcards: recipes.write_vocabulary_recipe(STUDY, wildcards.model),  # only to detect changes
    shell:
        "python -m isogloss overlap --corpora {input.corpora:q} --model {input.model:q} --out {output:q} > {log:q} 2>&1"


rule extra_feature:
    """Compute a feature that an installed package adds, for all language pairs."""
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
        recipe=lambda wildcards: recipes.write_feature_recipe(wildcards.feature),  # only to detect changes
    shell:
        "python -m isogloss feature --name {wildcards.feature:q} --languages {params.languages:q}"
        " --corpora {input:q} --out {output:q} > {log:q} 2>&1"


rule features:
    """Merge all features into one table, in which those of a task or a model are marked with its name. Write the names,
    scripts and families of the languages; the script is that of their text."""
    input:
        common=result("features/typology.csv"),
        of_task=[result(f"features/{task}/{name}.csv") for task in TASKS for name in ["overlap", *STUDY.features]],
        of_model=[result(f"features/{task}/{model}/subword.csv") for task in TASKS for model in list_pretrained(task)],
        statistics=list_statistics(),
        text=list_text(),
    output:
        features=result("features/features.csv"),
        languages=result("features/languages.csv"),
    log:
        log_of("features/features"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        languages=STUDY.languages,
        facts=recipes.write_facts(STUDY),
    shell:
        "python -m isogloss features --common {input.common:q} --of-task {input.of_task:q}"
        " --of-model {input.of_model:q} --statistics {input.statistics:q} --out {output.features:q}"
        " --languages {params.languages:q} --facts {params.facts:q} --text {input.text:q}"
        " --out-languages {output.languages:q} > {log:q} 2>&1"
