"""The list of failed jobs is short on the terminal and complete in a file; each missing run has its reason."""

import csv

from studies import make_study

from isogloss.progress.failures import describe_failures, find_missing, write_failed, write_missing
from isogloss.progress.jobs import Job
from isogloss.study.check import check_study
from isogloss.study.products import place_trained


def test_twenty_failures_are_listed_and_all_are_in_the_table(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("isogloss: a.txt: no label; add one\n", encoding="utf-8")
    jobs = [Job("corpus", {"language": f"x{number}"}, str(log)) for number in range(23)]
    lines = describe_failures(jobs, "failed.csv")
    assert lines[:4] == ["23 jobs failed:", "  corpus x0", "    a.txt: no label; add one", f"    log: {log}"]
    assert len(lines) == 1 + 3 * 20 + 1
    assert lines[-1] == "  and 3 more, see failed.csv"
    assert describe_failures(jobs[:1], "")[0] == "1 job failed:"
    assert describe_failures([], "") == []
    write_failed(jobs, tmp_path / "failed.csv")
    rows = list(csv.reader((tmp_path / "failed.csv").open(encoding="utf-8")))
    assert rows[0] == ["job", "rule", "reason", "log"]
    assert rows[1] == ["corpus x0", "corpus", "a.txt: no label; add one", str(log)]
    assert len(rows) == 1 + 23


def test_a_missing_run_is_missing_for_its_own_failure_or_for_that_of_its_training(tmp_path):
    study, runs, _ = check_study(make_study(), tmp_path)
    for run in runs:
        if run.sources == ("de",):
            (tmp_path / study.root / run.folder).mkdir(parents=True)
            (tmp_path / study.root / run.folder / "metrics.json").write_text("{}", encoding="utf-8")
    left = [run for run in runs if run.sources != ("de",)]
    own = next(run for run in left if run.sources == ("fi",) and not run.shots)
    training = next(place_trained(run) for run in left if run.sources == ("en",) and not run.shots)
    (tmp_path / "own.log").write_text("isogloss: no space\n", encoding="utf-8")
    failed = [
        Job("transfer", log="own.log", results=(f"{study.root}/{own.folder}/metrics.json",)),
        Job("finetune", log="lost.log", results=(f"{study.root}/{training}",)),
    ]
    missing = find_missing(study, runs, tmp_path, failed)
    assert list(missing) == left
    assert missing[own] == "failed: no space"
    of_training = {run for run in left if missing[run] == "its training failed: it wrote no log"}
    assert of_training == {run for run in left if place_trained(run) == training}
    assert {missing[run] for run in left if run not in of_training | {own}} == {"not done"}
    write_missing(missing, tmp_path / "missing.csv")
    rows = list(csv.DictReader((tmp_path / "missing.csv").open(encoding="utf-8")))
    assert len(rows) == len(left)
    assert rows[left.index(own)]["reason"] == "failed: no space"
    assert (rows[left.index(own)]["sources"], rows[left.index(own)]["target"]) == ("fi", own.target)
