"""Tables, figures and a page of the records that an incomplete study has, in a folder of their own.

The final tables, figures and page are made only when every run has a record. What is written here says on its first
line which runs are missing, and cannot be mistaken for the final results: it is in the folder `partial`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from isogloss.common.errors import UserError
from isogloss.common.files import complete_file, complete_folder
from isogloss.common.run import RECORD, Run
from isogloss.planning.figures import list_figure_rules
from isogloss.progress.failures import FAILED, MISSING, PARTIAL, find_missing, write_failed, write_missing
from isogloss.progress.jobs import Job, describe_run, keep_failed
from isogloss.progress.state import read_state
from isogloss.study.grid import Design, read_design
from isogloss.study.products import compares_arms
from isogloss.study.recipes import write_design
from isogloss.study.values import Study

_NAMED = 10
"""The maximum number of missing runs that the first line names."""


@dataclass
class Part:
    """What an incomplete study has. done: runs with a usable record. missing: run -> why it has none. left_out: what
    could not be made of the records, and why. unverified: how many of the records have no digests."""

    study: Study
    root: Path
    done: list[Run]
    missing: dict[Run, str]
    left_out: list[str] = field(default_factory=list)
    unverified: int = 0

    def lose(self, problems: Mapping[Run, str]) -> None:
        """Count runs as missing; problems: run -> why."""
        self.done = [run for run in self.done if run not in problems]
        self.missing |= problems

    @property
    def design(self) -> Design:
        """The design of the study, as the jobs that collect records get it."""
        return read_design(json.loads(write_design(self.study, [*self.done, *self.missing])))

    @property
    def results(self) -> Path:
        """The folder of the study's results."""
        return self.root / self.study.root

    @property
    def short(self) -> str:
        """How many runs are missing."""
        count = len(self.done) + len(self.missing)
        if not self.missing:
            return f"PARTIAL: all {count} runs are done, but the tables, the figures or the page are not"
        return f"PARTIAL: {len(self.missing)} of {count} runs {'is' if len(self.missing) == 1 else 'are'} missing"

    @property
    def line(self) -> str:
        """The first line: the missing runs by name."""
        names = [describe_run(run) for run in self.missing]
        more = f"; and {len(names) - _NAMED} more in {MISSING}" if len(names) > _NAMED else ""
        return f"{self.short}: {'; '.join(names[:_NAMED])}{more}" if names else self.short

    @contextmanager
    def leave_out(self, what: str) -> Iterator[None]:
        """Go on after an error and note what was left out. Few records can break what a complete study does not."""
        try:
            yield
        except UserError as error:
            self.left_out.append(f"{what}: {error}")
        except Exception as error:
            self.left_out.append(f"{what}: too few records ({type(error).__name__}: {error})")


def list_failed(study: Study, root: Path) -> list[Job]:
    """Return the jobs that failed in the last run of Snakemake, or before it, and have no results since."""
    state = read_state(root / study.root)
    return keep_failed(state.failed if state else ())


def write_partial(
    study: Study, runs: Sequence[Run], root: Path, notice: str, failed: Sequence[Job] | None = None
) -> str:
    """Write what can be made of the records into `partial/` and return one line about it.

    root: the folder in which Snakemake runs. notice: the text to show with all scores. failed: the failed jobs, by
    default those that list_failed returns. The folder has the same parts as the results: analysis/, figures/ and
    report/; and failed.csv and missing.csv. If there is no record, only these two files are written.
    """
    failed = list_failed(study, root) if failed is None else failed
    missing = find_missing(study, runs, root, failed)
    part = Part(study, root, [run for run in runs if run not in missing], missing)
    scores = _collect(part)
    out = part.results / PARTIAL
    with complete_folder(out) as folder:
        write_missing(part.missing, folder / MISSING)
        write_failed(failed, folder / FAILED)
        if not part.done:
            return f"No tables or figures: none of the {len(runs):,} runs has a record that can be read"
        analysis = folder / "analysis"
        with complete_file(analysis / "scores.csv") as beside:
            scores.to_csv(beside, index=False)
        data = _read_features(part, scores)
        if compares_arms(study, part.done):
            with part.leave_out("multi_source tables"):
                _write_runs(part, analysis)
        with part.leave_out("tables of the analysis"):
            _analyse(part, analysis, data, notice)
        figures = _draw(part, folder, data, notice)
        _write_summary(part, analysis)
        _write_page(part, folder, figures, notice)
    return f"{part.short}; tables and figures of the others: {out.relative_to(root)}/report/index.html"


def _collect(part: Part) -> Any:
    """Return the scores of the runs that are done. Runs whose record does not fit become missing ones."""
    import pandas as pd

    from isogloss.analysis.data.scores import COLUMNS
    from isogloss.runs.records import list_faults
    from isogloss.runs.scores import collect_scores

    def collect(runs: Sequence[Run]) -> pd.DataFrame:
        records = [part.results / run.folder / RECORD for run in runs]
        return collect_scores(records) if records else pd.DataFrame(columns=COLUMNS)

    faults, part.unverified = list_faults(part.done, part.results, part.design.recipes)
    part.lose({run: str(fault) for run, fault in faults.items()})
    try:
        return collect(part.done)
    except UserError:  # at least one record is of its run, but has no scores
        part.lose({run: problem for run in part.done if (problem := _find_problem(collect, run))})
        return collect(part.done)


def _find_problem(collect: Callable[[Sequence[Run]], Any], run: Run) -> str:
    """Return why the scores of a run cannot be read; empty if they can."""
    try:
        collect([run])
    except UserError as error:
        return str(error)
    return ""


def _read_features(part: Part, scores: Any) -> dict[str, Any]:
    """Return the features and the languages of the study; without their files, no features and no families."""
    import pandas as pd

    from isogloss.analysis.data.languages import Languages, OwnLanguage
    from isogloss.analysis.data.scores import list_languages
    from isogloss.analysis.files.own_languages import read_languages
    from isogloss.features.table import read_features

    codes = list_languages(scores)
    own = {code: OwnLanguage() for code in codes}
    data = {"features": pd.DataFrame(columns=["source", "target"]), "languages": Languages(own)}
    readers = {"features": read_features, "languages": lambda path: read_languages(path, codes)}
    for name, read in readers.items():
        path = part.results / "features" / f"{name}.csv"
        if path.is_file():
            with part.leave_out(f"features/{name}.csv"):
                data[name] = read(path)
        else:
            uses = "what relates scores to features" if name == "features" else "names and families of languages"
            part.left_out.append(f"{uses}: {path.relative_to(part.root)} does not exist yet")
    return data


def _write_runs(part: Part, analysis: Path) -> None:
    from isogloss.runs.collect import write_runs

    write_runs(part.design, part.results, analysis / "runs.csv", analysis / "sentences.parquet", part.done)


def _analyse(part: Part, analysis: Path, data: Mapping[str, Any], notice: str) -> None:
    from isogloss.analysis.run import analyse
    from isogloss.runs.traits import describe_features

    chosen = part.study.analysis
    files = {name: analysis / name for name in ("runs.csv", "sentences.parquet")}
    given = {path.stem: path for path in files.values() if all(one.exists() for one in files.values())}
    primary = chosen.primary and asdict(chosen.primary)
    traits = describe_features(data["features"].columns, part.study.features)
    targets = {run.target for run in part.done}
    if absent := [code for code in chosen.cases if code not in targets]:
        part.left_out.append(f"cases: {' '.join(absent)}: no run has this target yet")
    more = {"cases": [code for code in chosen.cases if code in targets], "statistics": chosen.statistics}
    more |= {"traits": traits, "languages": data["languages"]}
    scores = analysis / "scores.csv"
    analyse(scores, data["features"], analysis, chosen.permutations, primary=primary, notice=notice, **given, **more)


def _draw(part: Part, folder: Path, data: Mapping[str, Any], notice: str) -> list[Path]:
    """Draw the figures for which there are runs, and return their SVG files."""
    from isogloss.analysis.files.score_table import read_scores
    from isogloss.figures.gallery import write_figure
    from isogloss.figures.page import Subject

    with part.leave_out("figures"):
        given = {**data, "scores": read_scores(folder / "analysis" / "scores.csv")}
        given["tables"] = {path.name: path for path in (folder / "analysis").glob("*.csv")}
        shown = " ".join(filter(None, [f"{part.short}.", notice]))
        for rule in list_figure_rules(part.study, part.done):
            for task, model, shots in rule.jobs:
                for name in rule.figures:
                    for value in rule.values:
                        of = Subject(task, model, shots or value, shown, **given)
                        with part.leave_out(f"figure {name} of {task} and {model}"):
                            write_figure(name, of, folder / "figures" / task / model)
    return sorted((folder / "figures").rglob("*.svg"))


def _write_summary(part: Part, analysis: Path) -> None:
    """Put the first line, and the list of what was left out, at the beginning of both summaries."""
    for name in ("summary.md", "multi_source.md"):
        path = analysis / name
        text = path.read_text(encoding="utf-8") if path.exists() else "# Summary\n"
        left_out = "".join(f"- {line}\n" for line in part.left_out)
        old = f"{part.unverified} records have no digests, so they are not verified.\n\n" if part.unverified else ""
        head = f"{part.line}\n\n{old}" + (f"Left out:\n\n{left_out}\n" if left_out else "")
        with complete_file(path) as beside:
            beside.write_text(head + text, encoding="utf-8")


def _write_page(part: Part, folder: Path, figures: Sequence[Path], notice: str) -> None:
    from isogloss.figures.report import write_report

    several = compares_arms(part.study, part.done)
    summary = [folder / "analysis" / name for name in ("summary.md", *(["multi_source.md"] if several else []))]
    tables = [path for path in sorted((folder / "analysis").glob("*.csv")) if path.stem not in ("scores", "runs")]
    coverage = part.results / "features" / "coverage.csv"
    audits = [part.results / "corpora" / task / "audit.json" for task in part.study.tasks]
    title = f"{part.study.name} ({part.short})"
    tables += [folder / MISSING, folder / FAILED, *_keep([coverage])]
    write_report(folder / "report", title, notice, summary, tables, figures, _keep(audits), part.study.analysis.figures)


def _keep(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.is_file()]
