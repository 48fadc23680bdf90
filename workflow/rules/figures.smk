# Figures: a few jobs for each task and model, each figure as SVG and PNG.
#
# in:  analysis/scores.csv, analysis/*.csv, features/features.csv
# out: figures/{task}/{model}/*.svg and *.png

FIGURES = "figures/{task}/{model}"
MULTI_SOURCE = [result(f"analysis/multi_source{part}.csv") for part in ("", "_means", "_areas", "_sizes")]


rule matrices:
    """Heat maps of a model's transfer at a number of shots: languages by family, and by clustering."""
    input:
        result("analysis/scores.csv"),
    output:
        report(
            result(f"{FIGURES}/matrix-shots-{{k}}.svg"),
            caption="../report/figures/matrix.rst",
            category="Transfer matrices",
            labels={"task": "{task}", "model": "{model}", "shots": "{k}", "order": "family"},
        ),
        report(
            result(f"{FIGURES}/clusters-shots-{{k}}.svg"),
            caption="../report/figures/clusters.rst",
            category="Transfer matrices",
            labels={"task": "{task}", "model": "{model}", "shots": "{k}", "order": "clustering"},
        ),
        result(f"{FIGURES}/matrix-shots-{{k}}.png"),
        result(f"{FIGURES}/clusters-shots-{{k}}.png"),
    log:
        log_of(f"{FIGURES}/matrix-shots-{{k}}"),
    wildcard_constraints:
        k=r"\d+",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        folder=lambda wildcards, output: Path(output[0]).parent,
        notice=NOTICE,
    shell:
        "python -m isogloss matrices --scores {input:q} --task {wildcards.task:q} --model {wildcards.model:q}"
        " --shots {wildcards.k} --notice {params.notice:q} --out {params.folder:q} > {log:q} 2>&1"


rule scatters:
    """Zero-shot transfer against every feature that any model has."""
    input:
        scores=result("analysis/scores.csv"),
        features=result("features/features.csv"),
        correlations=result("analysis/correlations.csv"),
    output:
        [
            report(
                result(f"{FIGURES}/scatter-{name}.svg"),
                caption="../report/figures/scatter.rst",
                category="Features and transfer",
                labels={"task": "{task}", "model": "{model}", "feature": name},
            )
            for name in OF_WORDS
        ],
        [result(f"{FIGURES}/scatter-{name}.png") for name in OF_WORDS],
    log:
        log_of(f"{FIGURES}/scatters"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        folder=lambda wildcards, output: Path(output[0]).parent,
        columns=OF_WORDS,
        notice=NOTICE,
    shell:
        "python -m isogloss scatters --scores {input.scores:q} --features {input.features:q}"
        " --correlations {input.correlations:q} --task {wildcards.task:q} --model {wildcards.model:q}"
        " --columns {params.columns} --notice {params.notice:q} --out {params.folder:q} > {log:q} 2>&1"


# The same for the features that only a model with a vocabulary of subwords has.
use rule scatters as subword_scatters with:
    output:
        [
            report(
                result(f"{FIGURES}/scatter-{name}.svg"),
                caption="../report/figures/scatter.rst",
                category="Features and transfer",
                labels={"task": "{task}", "model": "{model}", "feature": name},
            )
            for name in OF_SUBWORDS
        ],
        [result(f"{FIGURES}/scatter-{name}.png") for name in OF_SUBWORDS],
    log:
        log_of(f"{FIGURES}/subword-scatters"),
    params:
        folder=lambda wildcards, output: Path(output[0]).parent,
        columns=OF_SUBWORDS,
        notice=NOTICE,


rule effects:
    """What tables say of a model: shares of variance, coefficients, rankers."""
    input:
        [result(f"analysis/{name}.csv") for name in ("variance", "regression", "ranking")],
    output:
        [
            report(
                result(f"{FIGURES}/{name}.svg"),
                caption=f"../report/figures/{name.replace('-', '_')}.rst",
                category="What goes with transfer",
                labels={"task": "{task}", "model": "{model}", "figure": name},
            )
            for name in EFFECTS
        ],
        [result(f"{FIGURES}/{name}.png") for name in EFFECTS],
    log:
        log_of(f"{FIGURES}/effects"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        tables=lambda wildcards, input: Path(input[0]).parent,
        folder=lambda wildcards, output: Path(output[0]).parent,
        notice=NOTICE,
    shell:
        "python -m isogloss effects --tables {params.tables:q} --task {wildcards.task:q} --model {wildcards.model:q}"
        " --notice {params.notice:q} --out {params.folder:q} > {log:q} 2>&1"


rule few_shot:
    """A model's scores against the number of shots."""
    input:
        result("analysis/scores.csv"),
    output:
        report(
            result(f"{FIGURES}/few-shot.svg"),
            caption="../report/figures/few_shot.rst",
            category="Few-shot curves",
            labels={"task": "{task}", "model": "{model}"},
        ),
        result(f"{FIGURES}/few-shot.png"),
    log:
        log_of(f"{FIGURES}/few-shot"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        folder=lambda wildcards, output: Path(output[0]).parent,
        notice=NOTICE,
    shell:
        "python -m isogloss few-shot --scores {input:q} --task {wildcards.task:q} --model {wildcards.model:q}"
        " --notice {params.notice:q} --out {params.folder:q} > {log:q} 2>&1"


rule multi_source:
    """What several sources do for a model, against the source predicted best."""
    input:
        MULTI_SOURCE,
    output:
        report(
            [result(f"{FIGURES}/multi-source-{name}.svg") for name in ("arms", "curves", "sizes")],
            caption="../report/figures/multi_source.rst",
            category="Several sources",
            labels={"task": "{task}", "model": "{model}"},
        ),
        [result(f"{FIGURES}/multi-source-{name}.png") for name in ("arms", "curves", "sizes")],
    log:
        log_of(f"{FIGURES}/multi-source"),
    wildcard_constraints:
        model=choose(sorted({model for _, model in products.list_several(STUDY, RUNS)})),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        tables=lambda wildcards, input: Path(input[0]).parent,
        folder=lambda wildcards, output: Path(output[0]).parent,
        sense="supervised",
        notice=NOTICE,
    shell:
        "python -m isogloss multi-source --tables {params.tables:q} --task {wildcards.task:q} --model {wildcards.model:q}"
        " --sense {params.sense} --notice {params.notice:q} --out {params.folder:q} > {log:q} 2>&1"


# The same for what models were pre-trained on, whose arms share a name.
use rule multi_source as self_supervised with:
    output:
        report(
            [result(f"{FIGURES}/self-supervised-{name}.svg") for name in ("arms", "curves", "sizes")],
            caption="../report/figures/self_supervised.rst",
            category="Self-supervised pre-training",
            labels={"task": "{task}", "model": "{model}"},
        ),
        [result(f"{FIGURES}/self-supervised-{name}.png") for name in ("arms", "curves", "sizes")],
    log:
        log_of(f"{FIGURES}/self-supervised"),
    wildcard_constraints:
        model=choose(sorted({model for _, model in products.list_compared(STUDY, RUNS)})),
    params:
        tables=lambda wildcards, input: Path(input[0]).parent,
        folder=lambda wildcards, output: Path(output[0]).parent,
        sense="self-supervised",
        notice=NOTICE,
