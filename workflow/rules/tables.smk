# Tables: from the records of all runs to the tables of the analysis and its summary, each once for the whole study.
#
# in:  transfer/.../metrics.json of every run; features/features.csv; where runs have several sources or models are
#      pre-trained on sets of languages, also the records of finetuned/.../ and models/{model}/
# out: analysis/scores.csv; analysis/runs.csv and sentences.parquet, where arms are compared; then the other
#      analysis/*.csv, summary.md and multi_source.md

from isogloss.analysis.contents import choose_statistics
from isogloss.study.recipes import write_design

# The tables of the analysis by name, and their captions: our own, and those of packages that the study names.
STATISTICS = choose_statistics(STUDY.analysis.statistics)
# Whether arms are compared: what they were given, and by sentence got right, is then collected.
SEVERAL = products.compares_arms(STUDY, RUNS)


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
        grid=write_design(STUDY),  # the paths of thousands of runs do not fit on a command line
        root=lambda wildcards, output: Path(output[0]).parents[1],
    shell:
        "python -m isogloss scores --grid {params.grid:q} --root {params.root:q} --out {output:q} > {log:q} 2>&1"


rule runs:
    """What every run was given, and what it got right in each test sentence: asked for where runs have several sources."""
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
        grid=write_design(STUDY),
        root=lambda wildcards, output: Path(output[0]).parents[1],
    shell:
        "python -m isogloss runs --grid {params.grid:q} --root {params.root:q}"
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
    priority: 10  # most figures wait for it; those that do not are drawn beside it
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
        " --runs {input.runs:q} --sentences {input.sentences:q} --cases {params.cases:q}"
        " --statistics {params.statistics:q} --extra-features {params.features:q}"
        " --permutations {params.permutations} --primary {params.primary:q} --tables-only --notice {params.notice:q}"
        " --out {params.folder:q} > {log:q} 2>&1"
