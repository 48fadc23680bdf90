# Resources: the model determines threads, memory, time and GPUs. A built model is small and does not benefit from a
# second thread, so as many jobs run as there are cores. Other models are large and use a GPU.
#
# in:  the study
# out: functions for the `threads` and `resources` of rules

# MB of memory for a job that builds or pre-trains a small model. A job of a task uses the memory that its task defines.
MEMORY = 1800


def give_threads(wildcards):
    return recipes.THREADS if recipes.is_accelerated(STUDY, wildcards.model) else 1


def give_memory(wildcards, attempt):
    own = STUDY.tasks[wildcards.task].task.memory if "task" in wildcards.keys() else MEMORY
    return (32000 if recipes.is_accelerated(STUDY, wildcards.model) else own) * attempt


def give_minutes(wildcards, attempt):
    return (240 if recipes.is_accelerated(STUDY, wildcards.model) else 15) * attempt


def give_gpus(wildcards):
    return 1 if recipes.is_accelerated(STUDY, wildcards.model) else 0
