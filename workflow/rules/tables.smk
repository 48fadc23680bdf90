# Tables: from the records of all runs to the analysis tables and summary. Each is computed once for the whole study.
#
# in:  transfer/.../metrics.json of every run; features/features.csv; if runs have several sources or models are
#      pre-trained on sets of languages, also the records of finetuned/.../ and models/{model}/
# out: analysis/scores.csv; if arms are compared, analysis/runs.csv and sentences.parquet; then the other
#      analysis/*.csv, summary.md and multi_source.md

from isogloss.analysis.contents import choose_statistics
from isogloss.study.recipes import write_design

# Name -> entry (with caption) of the analysis tables: those of isogloss and those of packages that the study uses.
STATISTICS = choose_statistics(STUDY.analysis.statistics)
# Whether arms are compared. In this case the training data and the counts per test sentence are collected.
SEVERAL = products.compares_arms(STUDY, RUNS)


rule scores:
    """Collect the scores of exactly the runs of the study in one table."""
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
        grid=write_design(STUDY, RUNS),  # a command line is too short for the paths of thousands of runs
        root=lambda wildcards, output: Path(output[0]).parents[1],
    shell:
        "python -m isogloss scores --grid {params.grid:q} --root {params.root:q} --out {output:q} > {log:q} 2>&1"


rule runs:
    """Collect the training data and the correct predictions per test sentence of every run, if arms are compared."""
    input:
        list_records(),
        trained=list_trained(),
        variants=list_variants(),
    output:
        runs=result("analysis/runs.csv"),
        sentences=result("analysis/sentences.parquet"),
    log:
        log_of("analysis/runs"),
    conda:
        "../../envs/data.yaml"
    threads: 1
    params:
        grid=write_design(STUDY, RUNS),
        root=lambda wildcards, output: Path(output[0]).parents[1],
    shell:
        "python -m isogloss runs --grid {params.grid:q} --root {params.root:q}"
        " --sentences {output.sentences:q} --out {output.runs:q} > {log:q} 2>&1"


rule analyse:
    """Compute every table and the summary, once for the whole study."""
    input:
        scores=result("analysis/scores.csv"),
        features=result("features/features.csv"),
        languages=result("features/languages.csv"),
        runs=result("analysis/runs.csv") if SEVERAL else [],
        sentences=result("analysis/sentences.parquet") if SEVERAL else [],
    output:
        [
            report(
                result(f"analysis/{name}.csv"),
                caption=str(statistic.caption),
                category="Tables",
                labels={"table": f"{name}.csv"},
            )
            for name, statistic in STATISTICS.items()
        ],
        summary=report(result("analysis/summary.md"), caption="../report/summary.rst", category="Summary"),
        sources=report(result("analysis/multi_source.md"), caption="../report/summary.rst", category="Summary"),
    log:
        log_of("analysis/analyse"),
    priority: 10  # most figures need its tables; the other figures are drawn at the same time
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        folder=lambda wildcards, output: Path(output.summary).parent,
        permutations=STUDY.analysis.permutations,
        primary=recipes.write_primary(STUDY),
        cases=STUDY.analysis.cases,
        statistics=STUDY.analysis.statistics,
        features=STUDY.features,
        notice=NOTICE,
    shell:
        "python -m isogloss analyse --scores {input.scores:q} --features {input.features:q}"
        " --languages {input.languages:q}"
        " --runs {input.runs:q} --sentences {input.sentences:q} --cases {params.cases:q}"
        " --statistics {params.statistics:q} --extra-features {params.features:q}"
        " --permutations {params.permutations} --primary {params.primary:q} --tables-only --notice {params.notice:q}"
        " --out {params.folder:q} > {log:q} 2>&1"
