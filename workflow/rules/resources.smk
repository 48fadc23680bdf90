# Resources: threads, memory, time and GPUs follow from the model. What is built here is small and gains nothing from a
# second thread, so that as many jobs run as there are cores; a model from elsewhere is large and wants a GPU.
#
# in:  the study
# out: functions that rules give as their `threads` and `resources`

# MB by the kind of task, where a model is small: activations grow with a batch's tokens, and passages fill an input.
MEMORY = {"ner": 1800, "nli": 3000, "qa": 7000}


def give_threads(wildcards):
    return recipes.THREADS if recipes.is_accelerated(STUDY, wildcards.model) else 1


def give_memory(wildcards, attempt):
    kind = STUDY.tasks[wildcards.task].kind if "task" in wildcards.keys() else "ner"
    return (32000 if recipes.is_accelerated(STUDY, wildcards.model) else MEMORY[kind]) * attempt


def give_minutes(wildcards, attempt):
    return (240 if recipes.is_accelerated(STUDY, wildcards.model) else 15) * attempt


def give_gpus(wildcards):
    return 1 if recipes.is_accelerated(STUDY, wildcards.model) else 0
