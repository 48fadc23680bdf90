# Analysis: from the records of all runs to tables, figures and a report.
#
# in:  transfer/.../metrics.json of every run; features
# out: analysis/*.csv and summary.md; figures/{task}/{model}/*.svg and *.png, a few jobs a model; report/


FIGURES = "figures/{task}/{model}"
MULTI_SOURCE = [result(f"analysis/multi_source{part}.csv") for part in ("", "_means", "_areas", "_sizes")]


rule scores:
    """One table of the scores of every run of the study, and of no other."""
    input:
        list_records(),
    output:
        result("analysis/scores.csv"),
    log:
        log_of("analysis/scores"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        grid=recipes.write_grid(STUDY),  # the paths of thousands of runs do not fit on a command line
        root=lambda wildcards, output: Path(output[0]).parents[1],
    shell:
        "python -m isogloss scores --grid {params.grid:q} --root {params.root:q} --out {output:q} > {log:q} 2>&1"


rule runs:
    """What every run was given, and what it got right in each test sentence: asked for where runs have several sources."""
    input:
        list_records(),
        trained=list_trained(),
        arms=list_arms(),
    output:
        runs=result("analysis/runs.csv"),
        sentences=result("analysis/sentences.parquet"),
    log:
        log_of("analysis/runs"),
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        grid=recipes.write_grid(STUDY),
        kinds=recipes.write_kinds(STUDY),
        root=lambda wildcards, output: Path(output[0]).parents[1],
    shell:
        "python -m isogloss runs --grid {params.grid:q} --kinds {params.kinds:q} --root {params.root:q}"
        " --sentences {output.sentences:q} --out {output.runs:q} > {log:q} 2>&1"


rule analyse:
    """Every table and the summary, once for the whole study."""
    input:
        scores=result("analysis/scores.csv"),
        features=result("features/features.csv"),
        runs=result("analysis/runs.csv") if SEVERAL else [],
        sentences=result("analysis/sentences.parquet") if SEVERAL else [],
    output:
        [
            report(
                result(f"analysis/{name}"),
                caption=f"../report/tables/{Path(name).stem}.rst",
                category="Tables",
                labels={"table": name},
            )
            for name in TABLE_NAMES
        ],
        summary=report(result("analysis/summary.md"), caption="../report/summary.rst", category="Summary"),
        sources=report(result("analysis/multi_source.md"), caption="../report/summary.rst", category="Summary"),
    log:
        log_of("analysis/analyse"),
    priority: 10  # most figures wait for it; those that do not are drawn beside it
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        folder=lambda wildcards, output: Path(output.summary).parent,
        permutations=STUDY["analysis"]["permutations"],
        primary=recipes.write_primary(STUDY),
        cases=STUDY["analysis"]["cases"],
        notice=NOTICE,
    shell:
        "python -m isogloss analyse --scores {input.scores:q} --features {input.features:q}"
        " --runs {input.runs:q} --sentences {input.sentences:q} --cases {params.cases:q}"
        " --permutations {params.permutations} --primary {params.primary:q} --tables-only --notice {params.notice:q}"
        " --out {params.folder:q} > {log:q} 2>&1"


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
        model=choose(sorted({model for _, model in study.list_several(STUDY, RUNS)})),
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
        model=choose(sorted({model for _, model in study.list_compared(STUDY, RUNS)})),
    params:
        tables=lambda wildcards, input: Path(input[0]).parent,
        folder=lambda wildcards, output: Path(output[0]).parent,
        sense="self-supervised",
        notice=NOTICE,


rule report:
    """Summary, tables and figures in a folder that any browser opens."""
    input:
        summary=[result(f"analysis/{name}.md") for name in ["summary", *(["multi_source"] if SEVERAL else [])]],
        tables=[result(f"analysis/{name}") for name in TABLE_NAMES],
        coverage=result("features/coverage.csv"),
        figures=list_figures(),
        audits=[result(f"corpora/{task}/audit.json") for task in TASKS],
        captions=Path(workflow.basedir, "workflow/report"),
    output:
        directory(result("report")),
    log:
        log_of("report"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        study=STUDY["study"],
        notice=NOTICE,
    shell:
        "python -m isogloss report --title {params.study:q} --notice {params.notice:q} --summary {input.summary:q}"
        " --tables {input.tables:q} {input.coverage:q} --figures {input.figures:q} --audits {input.audits:q}"
        " --captions {input.captions:q} --out {output:q} > {log:q} 2>&1"
