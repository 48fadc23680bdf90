# Common: what every other file of rules uses.
#
# in:  the config
# out: STUDY, the checked study, and its RUNS; where results and logs lie; the wildcards

import os
import re
import sys
from pathlib import Path

CODE = Path(str(workflow.current_basedir)).parent  # the folder workflow/: this file's place, whoever includes it
sys.path.insert(0, str(CODE))

from isogloss import warm
from isogloss.common.run import AXES, read_run
from isogloss.study import products, recipes
from isogloss.study.check import check_study
from isogloss.study.products import describe_left_out
from isogloss.common.errors import UserError
from isogloss.planning.remaining import tell_remaining

# Jobs find the library beside the rules, also in a conda environment that does not have it, and the Python
# of this process, also where its environment was not activated. A conda environment's own Python comes first.
os.environ.update(
    PYTHONPATH=os.pathsep.join([str(CODE), *filter(None, [os.environ.get("PYTHONPATH")])]),
    PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
)

# Jobs of this process share a warm worker. A job that a cluster runs by itself would only start one to leave it again;
# a group of jobs on one node is worth it.
warm.announce_workflow(many=workflow.is_main_process or warm.count_target_jobs(sys.argv) > 1)

try:
    STUDY, RUNS, NEED = check_study(config, root=Path())
except UserError as error:
    print(f"isogloss: {error}", file=sys.stderr)
    sys.exit(2)

ROOT = STUDY.root
MODELS = [name for name in STUDY.models if any(run.model == name for run in RUNS)]
TASKS = [name for name in STUDY.tasks if any(run.task == name for run in RUNS)]
# What must stand wherever scores are shown: that a corpus is made up.
NOTICE = " ".join(dict.fromkeys(STUDY.tasks[name].corpus.corpus.notice for name in TASKS)).strip()


if workflow.is_main_process:
    for task in STUDY.tasks:
        if left_out := describe_left_out(STUDY, task):
            print(f"isogloss: tasks.{task}: {left_out}", file=sys.stderr)


onstart:
    # What is left, and for how long: a hint, which submitted jobs, that run this file too, have no use for.
    if workflow.is_main_process:
        gpus = dict(workflow.global_resources.unwrapped_items()).get("gpu")
        line = tell_remaining(STUDY, RUNS, Path(), workflow.cores if workflow.local_exec else None, gpus)
        if line:
            print(f"{line}.", file=sys.stderr)


# The names that the study gives to values of axes whose form is not enough to tell them.
NAMED = {
    "task": STUDY.tasks,
    "model": STUDY.models,
    "target": STUDY.languages,
    "adaptation": sorted({run.adaptation for run in RUNS}),
}


def choose(names):
    """A regular expression that matches exactly these names; with no names it matches nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    **{axis.name: axis.constrain(NAMED.get(axis.name, ())) for axis in AXES},
    language=choose(products.list_languages(STUDY)),
    test_corpus=choose(sorted({test for task in STUDY.tasks.values() for test in task.test_corpora})),


def result(path):
    """The path of a result of this study."""
    return f"{ROOT}/{path}"


def log_of(path):
    """The log of a result lies under logs/ at the result's own path."""
    return f"{ROOT}/logs/{path}.log"
