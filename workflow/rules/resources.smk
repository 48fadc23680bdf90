# Resources: threads, memory, time and GPUs follow from the model. What is built here is small and gains nothing from a
# second thread, so that as many jobs run as there are cores; a model from elsewhere is large and wants a GPU.
#
# in:  the study
# out: functions that rules give as their `threads` and `resources`

# MB of a job that makes a small model; one of a task says itself what it takes.
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
