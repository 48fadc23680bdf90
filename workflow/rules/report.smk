# Report: summary, tables and figures in a folder that a browser can open. It is the final result of a study.
#
# in:  analysis/, figures/, features/coverage.csv, corpora/{task}/audit.json
# out: report/


rule report:
    """Write summary, tables and figures to a folder that a browser can open."""
    input:
        summary=[result(f"analysis/{name}.md") for name in ["summary", *(["multi_source"] if SEVERAL else [])]],
        tables=[result(f"analysis/{name}.csv") for name in STATISTICS],
        coverage=result("features/coverage.csv"),
        figures=list_figures(),
        audits=[result(f"corpora/{task}/audit.json") for task in TASKS],
    output:
        directory(result("report")),
    log:
        log_of("report"),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    params:
        study=STUDY.name,
        notice=NOTICE,
        named=STUDY.analysis.figures,
    shell:
        "python -m isogloss page --title {params.study:q} --notice {params.notice:q} --summary {input.summary:q}"
        " --tables {input.tables:q} {input.coverage:q} --figures {input.figures:q} --audits {input.audits:q}"
        " --named {params.named:q} --out {output:q} > {log:q} 2>&1"
