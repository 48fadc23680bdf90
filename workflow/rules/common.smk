# Common definitions that all other rule files use.
#
# in:  the config
# out: STUDY (the checked study) and its RUNS, the paths of results and logs, and the wildcard constraints

import os
import re
import sys
from pathlib import Path

CODE = Path(str(workflow.current_basedir)).parent  # the folder workflow/, even if another workflow includes this file
sys.path.insert(0, str(CODE))

from snakemake.io import IOFile
from snakemake.persistence.file import FilePersistence

from isogloss import guard, warm
from isogloss.common.run import AXES, read_run
from isogloss.study import products, recipes
from isogloss.study.check import check_study
from isogloss.study.products import describe_left_out
from isogloss.common.errors import UserError, write_line
from isogloss.study.reading.overrides import mark_overrides
from isogloss.study.reading.yaml_file import check_files
from isogloss.planning.remaining import describe_remaining
from isogloss.progress.watch import Watch
from isogloss.verification.products import list_products
from isogloss.verification.stale import list_stale

# Jobs import the library from the folder next to the rules, even in a conda environment without it. They use the Python
# of this process, even if its environment is not activated. The Python of a conda environment takes precedence.
os.environ.update(
    PYTHONPATH=os.pathsep.join([str(CODE), *filter(None, [os.environ.get("PYTHONPATH")])]),
    PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
)

# Jobs of this process share a warm worker. For a single cluster job, starting a worker costs more than it saves. For a
# group of jobs on one node it is worth it.
warm.announce_workflow(many=workflow.is_main_process or warm.count_target_jobs(sys.argv) > 1)

try:
    RAW = config
    # Snakemake accepts study files with errors, such as repeated keys, and reads nested values of --config as text. If
    # another workflow imports this one as a module, its own files and --config contain more than the study.
    if workflow.modifier is workflow.modifier_stack[0]:
        check_files(workflow.configfiles)
        RAW = mark_overrides(config, workflow.config_settings.config)
    STUDY, RUNS, NEED = check_study(RAW, root=Path())
    if workflow.is_main_process:
        guard.begin(Path(STUDY.root), sys.argv)
except UserError as error:
    print(write_line(error), file=sys.stderr)
    sys.exit(2)

ROOT = STUDY.root
MODELS = [name for name in STUDY.models if any(run.model == name for run in RUNS)]
TASKS = [name for name in STUDY.tasks if any(run.task == name for run in RUNS)]
# The text to show wherever scores are shown, for example that a corpus is synthetic.
NOTICE = products.find_notice(STUDY, RUNS)


if workflow.is_main_process:
    for note in STUDY.notes[:5]:
        print(f"isogloss: {note}", file=sys.stderr)
    if len(STUDY.notes) > 5:
        print(f"isogloss: and {len(STUDY.notes) - 5} more notes, see `isogloss check`", file=sys.stderr)
    for task in STUDY.tasks:
        if left_out := describe_left_out(STUDY, task):
            print(f"isogloss: tasks.{task}: {left_out}", file=sys.stderr)


# Snakemake knows the recipes of the jobs in `.snakemake`. Results that were copied here without it have only their
# records, which show whether they are of this study as it is now.
if workflow.is_main_process and workflow.modifier is workflow.modifier_stack[0]:
    known = FilePersistence(nolock=True, path=Path(".snakemake"))
    stale = list_stale(list_products(STUDY, RUNS), Path(ROOT))
    copied = [output for output in stale if known.metadata(IOFile(output)) is None]
    if copied:
        study = Path(workflow.configfiles[-1]).name
        others = f" (and {len(copied) - 1} more results)" if len(copied) > 1 else ""
        print(
            f"isogloss: {copied[0]} {stale[copied[0]]}{others}, and .snakemake does not know the job that made it; "
            f"run `isogloss verify {study} --delete`, then this command again",
            file=sys.stderr,
        )
        sys.exit(2)


# The logger plugin `isogloss`, if it is selected, follows the jobs. Another workflow that uses this one as a module has
# jobs of its own, so it is not followed.
if workflow.is_main_process and workflow.modifier is workflow.modifier_stack[0]:
    for handler in workflow.logger_manager.get_log_handlers():
        if hasattr(handler, "follow"):
            metrics = {name: STUDY.tasks[name].task.metric for name in TASKS}
            handler.follow(Watch(Path(ROOT), RUNS, metrics))


onstart:
    # Print what remains and how long it will take. Submitted jobs also run this file, but do not need the message.
    if workflow.is_main_process:
        executor = getattr(workflow.scheduler, "_executor", None)
        guard.record_start(Path(ROOT), workflow.executor_plugin.name, getattr(executor, "run_uuid", None))
        gpus = dict(workflow.global_resources.unwrapped_items()).get("gpu")
        line = describe_remaining(STUDY, RUNS, Path(), workflow.cores if workflow.local_exec else None, gpus)
        if line:
            print(f"{line}.", file=sys.stderr)


# The possible values of axes that the study names. For other axes, the form of the value is enough.
NAMED = {
    "task": STUDY.tasks,
    "model": STUDY.models,
    "target": STUDY.languages,
    "adaptation": sorted({run.adaptation for run in RUNS}),
}


def choose(names):
    """Return a regular expression that matches exactly these names. Without names it matches nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    **{axis.name: axis.constrain(NAMED.get(axis.name, ())) for axis in AXES},
    language=choose(products.list_languages(STUDY)),
    test_corpus=choose(sorted({test for task in STUDY.tasks.values() for test in task.test_corpora})),


def result(path):
    """Return the path of a result of this study."""
    return f"{ROOT}/{path}"


def log_of(path):
    """Return the path of the log of a result: the path of the result itself under logs/."""
    return f"{ROOT}/logs/{path}.log"
