# Analysis: from the records of all runs to tables, figures and a report.
#
# in:  transfer/.../metrics.json of every run; features
# out: analysis/*.csv and summary.md; figures/{task}/{model}/*.svg and *.png; report/


FIGURES = "figures/{task}/{model}"


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


rule analyse:
    """Every table and the summary, once for the whole study."""
    input:
        scores=result("analysis/scores.csv"),
        features=result("features/features.csv"),
    output:
        matrices=result("analysis/matrices.csv"),
        correlations=report(
            result("analysis/correlations.csv"), caption="../report/correlations.rst", category="Tables"
        ),
        few_shot=result("analysis/few_shot.csv"),
        summary=report(result("analysis/summary.md"), caption="../report/summary.rst", category="Summary"),
    log:
        log_of("analysis/analyse"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        folder=lambda wildcards, output: Path(output.summary).parent,
        permutations=STUDY["analysis"]["permutations"],
        primary=recipes.write_primary(STUDY),
        notice=NOTICE,
    shell:
        "python -m isogloss analyse --scores {input.scores:q} --features {input.features:q}"
        " --permutations {params.permutations} --primary {params.primary:q} --notice {params.notice:q}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule matrices:
    """Heat maps of a model's transfer, one a number of shots."""
    input:
        result("analysis/scores.csv"),
    output:
        report(
            [result(f"{FIGURES}/matrix-shots-{{k}}.svg")],
            caption="../report/matrix.rst",
            category="Transfer matrices",
            labels={"task": "{task}", "model": "{model}", "shots": "{k}"},
        ),
        result(f"{FIGURES}/matrix-shots-{{k}}.png"),
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
    """Zero-shot transfer against a feature, for every feature that a model has."""
    input:
        scores=result("analysis/scores.csv"),
        features=result("features/features.csv"),
    output:
        report(
            result(f"{FIGURES}/scatter-{{feature}}.svg"),
            caption="../report/scatter.rst",
            category="Features and transfer",
            labels={"task": "{task}", "model": "{model}", "feature": "{feature}"},
        ),
        result(f"{FIGURES}/scatter-{{feature}}.png"),
    log:
        log_of(f"{FIGURES}/scatter-{{feature}}"),
    wildcard_constraints:
        feature="[a-z_]+",
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        folder=lambda wildcards, output: Path(output[0]).parent,
        notice=NOTICE,
    shell:
        "python -m isogloss scatters --scores {input.scores:q} --features {input.features:q}"
        " --task {wildcards.task:q} --model {wildcards.model:q} --columns {wildcards.feature}"
        " --notice {params.notice:q} --out {params.folder:q} > {log:q} 2>&1"


rule few_shot:
    """A model's scores against the number of shots."""
    input:
        result("analysis/scores.csv"),
    output:
        report(
            result(f"{FIGURES}/few-shot.svg"),
            caption="../report/few_shot.rst",
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


rule report:
    """Summary, tables and figures in a folder that any browser opens."""
    input:
        summary=result("analysis/summary.md"),
        tables=[result(f"analysis/{name}.csv") for name in ("correlations", "few_shot")],
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
