"""A study whose jobs Slurm runs by profiles/slurm, without accounting: scores, GPUs, groups, and lost jobs."""

import os
import shutil
import signal

from slurm_cluster import run, wait_until
from studies import PROJECT, Workspace
from submitted import RESULTS, SCORES, Submission, find_node, list_submissions, read_scores, submit

from isogloss.guard.slurm import cancel_jobs, list_jobs

GROUPS = [f"group_runs-ner-crf-{source}-30-1_transfer" for source in ("de", "en")]


def test_a_study_has_the_scores_of_a_local_run_and_each_job_a_gpu_of_its_own(cluster, local, tmp_path):
    workspace = Workspace(tmp_path)
    (tmp_path / "study.yaml").write_bytes((local.folder / "study.yaml").read_bytes())
    submission = Submission(workspace, "--set-resources", "finetune:gpu=1", "transfer:gpu=1", "transfer:runtime=2")
    group = run("scontrol", "show", "job", submission.wait_for_jobs("transfer", 1)[0])
    assert "TimeLimit=00:06:00" in group and "NumCPUs=1 " in group  # three runs of two minutes, in series
    outcome = submission.finish()
    assert outcome.status == 0, outcome.text
    assert read_scores(workspace) == read_scores(local)
    assert (tmp_path / RESULTS / "report" / "index.html").is_file()

    submissions = list_submissions(outcome.text)
    groups = {job: name for job, name in submissions.items() if name.startswith("group")}
    assert sorted(groups.values()) == GROUPS and outcome.jobs["transfer"] == 6
    assert len(submissions) == sum(outcome.jobs.values()) - 6 + 2 - 1  # `all` is not submitted

    held: dict[str, str] = {}
    used = {}
    for event, job, *gpus in map(str.split, cluster.gpu_log.read_text().splitlines()):
        if event == "start" and gpus:
            assert gpus[0] not in held.values(), f"jobs {job} and {held} have the same GPU"
            held[job] = used[job] = gpus[0]
        elif event == "end":
            held.pop(job, None)
    assert {*used.values()} == {"0", "1"}
    assert {*used} == {*groups, *(job for job, name in submissions.items() if name == "rule_finetune")}


def test_a_cancelled_job_and_the_jobs_of_a_lost_node_are_run_again(cluster, local, corpora):
    submission = Submission(corpora, SCORES)
    cancelled, lost, *_ = submission.wait_for_jobs("finetune", 2)
    node = find_node(lost)
    run("scancel", cancelled)
    cluster.kill_node(node)
    try:
        outcome = submission.finish()
    finally:
        cluster.start_node(node)
    assert outcome.status == 0, outcome.text
    assert f"SLURM-job '{cancelled}' failed, SLURM status is: 'CANCELLED'" in outcome.text
    assert read_scores(corpora) == read_scores(local)


def test_jobs_end_with_ctrl_c_and_after_sigkill_at_the_next_start(cluster, local, corpora):
    submission = Submission(corpora, SCORES)
    submission.wait_for_jobs("finetune", 1)
    submission.process.send_signal(signal.SIGINT)
    assert submission.finish().status != 0
    wait_until(lambda: not list_jobs(submission.run_id), "end of the cancelled jobs", 60)

    submission = Submission(corpora, SCORES)
    submission.wait_for_jobs("transfer", 1)
    submission.process.kill()
    submission.process.wait()
    assert list_jobs(submission.run_id)
    models = corpora.read_times(RESULTS, "finetuned")

    outcome = submit(corpora, SCORES)
    assert outcome.status == 0, outcome.text
    assert "the last run was killed; its locks were removed" in outcome.text
    assert not list_jobs(submission.run_id)
    assert read_scores(corpora) == read_scores(local)
    written = corpora.read_times(RESULTS, "finetuned")
    assert {path: written[path] for path in models} == models  # no finished training was repeated


def test_the_documented_commands_cancel_the_jobs_of_a_killed_run(cluster, tmp_path):
    page = (PROJECT / "docs" / "cluster.md").read_text(encoding="utf-8")
    block = page.split("### After SIGKILL of the main process\n")[1].split("```sh\n")[2].split("\n```")[0]
    cancel, unlock, again = block.splitlines()
    assert unlock == f"{again} --unlock"
    (tmp_path / ".snakemake" / "log").mkdir(parents=True)
    (tmp_path / ".snakemake" / "log" / "1.log").write_text("SLURM run ID: killed\n")
    for name in ("killed", "other"):
        run("sbatch", f"--job-name={name}", "--mem=10", "--output=/dev/null", "--wrap=sleep 300")
    run("bash", "-c", f"cd {tmp_path} && {cancel}")
    wait_until(lambda: not list_jobs("killed"), "end of the cancelled jobs", 60)
    assert cancel_jobs("other") == 1


def test_the_jobs_with_one_name_are_cancelled_and_no_others(cluster):
    for name in ("one", "one", "another"):
        run("sbatch", f"--job-name={name}", "--mem=10", "--output=/dev/null", "--wrap=sleep 300")
    wait_until(lambda: [job.state for job in list_jobs("one")] == ["RUNNING", "RUNNING"], "start of two jobs", 30)
    assert cancel_jobs("one") == 2 and list_jobs("one") == []
    assert cancel_jobs("one") == 0
    assert cancel_jobs("another") == 1


def test_a_run_that_fails_can_be_separated_from_its_group(cluster, local, tmp_path):
    workspace = local.copy(tmp_path / "copy")
    runs = workspace.folder / RESULTS / "transfer" / "ner" / "crf" / "de"
    for folder in (runs, workspace.folder / RESULTS / "analysis"):
        shutil.rmtree(folder)
    corpus = workspace.folder / RESULTS / "corpora" / "ner" / "fi" / "test.parquet"
    content, about = corpus.read_bytes(), corpus.stat()
    corpus.write_bytes(b"damaged")
    os.utime(corpus, ns=(about.st_atime_ns, about.st_mtime_ns))

    outcome = submit(workspace, SCORES, "--retries", "0")
    assert outcome.status == 1 and outcome.jobs == {"transfer": 3, "scores": 1}
    assert [*list_submissions(outcome.text).values()] == GROUPS[:1]
    assert list(runs.rglob("metrics.json")) == []

    outcome = submit(workspace, SCORES, "--retries", "0", "--groups", "transfer=alone")
    assert outcome.status == 1 and len(list_submissions(outcome.text)) == 3
    assert sorted(path.relative_to(runs).parts[1] for path in runs.rglob("metrics.json")) == ["de", "en"]

    corpus.write_bytes(content)
    os.utime(corpus, ns=(about.st_atime_ns, about.st_mtime_ns))
    outcome = submit(workspace, SCORES)
    assert outcome.status == 0 and outcome.jobs == {"transfer": 1, "scores": 1}, outcome.text
    assert read_scores(workspace) == read_scores(local)
