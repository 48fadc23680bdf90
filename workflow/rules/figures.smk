# Figures: a few jobs per task and model. Each figure is written as SVG and PNG.
#
# in:  the files in the registry of figures (isogloss/figures/contents.py): analysis/scores.csv and other tables there,
#      features/features.csv
# out: figures/{task}/{model}/*.svg and *.png
#
# This file defines one rule per rule name in the registry: matrices, scatters, subword_scatters, few_shot, effects,
# multi_source and self_supervised. Each figure from an installed package that the study uses has its own rule.

from isogloss.figures.contents import PAIR_FEATURES, SCORES

for drawn in FIGURE_RULES:

    rule:
        """Draw the figures of one rule in the registry for a task and model; matrices also for a number of shots."""
        name:
            drawn.name
        input:
            scores=[result(path) for path in drawn.reads if path == SCORES],
            features=[result(path) for path in drawn.reads if path == PAIR_FEATURES],
            tables=[result(path) for path in drawn.reads if path not in (SCORES, PAIR_FEATURES)],
            languages=result("features/languages.csv"),
        output:
            [
                report(
                    result(f"figures/{{task}}/{{model}}/{stem}.svg"),
                    caption=str(figure.caption),
                    category=figure.category,
                    labels={"task": "{task}", "model": "{model}", **labels},
                )
                for figure, stem, labels in drawn.list_files()
            ],
            [result(f"figures/{{task}}/{{model}}/{stem}.png") for _, stem, _ in drawn.list_files()],
        log:
            log_of(f"figures/{{task}}/{{model}}/{drawn.log}"),
        wildcard_constraints:
            model=choose(sorted({model for _, model, _ in drawn.jobs})),
            k=r"\d+",
        conda:
            "../../envs/analysis.yaml"
        threads: 1
        params:
            figures=list(drawn.figures),
            values=list(drawn.values),
            folder=lambda wildcards, output: Path(output[0]).parent,
            notice=NOTICE,
        shell:
            "python -m isogloss draw --figures {params.figures:q} --values {params.values:q} --task {wildcards.task:q}"
            " --model {wildcards.model:q} --scores {input.scores:q} --features {input.features:q}"
            " --tables {input.tables:q} --languages {input.languages:q} --notice {params.notice:q} --out {params.folder:q} > {log:q} 2>&1"
