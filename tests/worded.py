"""Short sentence pairs and questions that a small model learns in seconds, and recipes for them."""

import random

from isogloss.common.examples import RELATIONS, Question, SentencePair

RECIPE = {"learning_rate": 3e-3, "batch_size": 16, "epochs": 1, "max_length": 128}
RECIPE |= {"accumulation": 1, "checkpointing": False}
LABEL, ANSWER = {**RECIPE, "format": "label"}, {**RECIPE, "format": "answer"}

PEOPLE = ("Ada", "Grace", "Alan", "Emmy", "Kurt", "Sofia", "Edsger", "Barbara")
PLACES = ("Rome", "Oslo", "Kazan", "Dhaka", "Lima", "Turin", "Accra", "Quito")
THINGS = ("bread", "books", "maps", "tea", "boats", "shoes", "lamps", "coats")
MARKS = {"entailment": "so", "neutral": "perhaps", "contradiction": "never"}


def draw_pairs(count: int, seed: int) -> list[SentencePair]:
    """Draw the same number of pairs for each label, which one word of the hypothesis determines."""
    rng = random.Random(seed)
    pairs = []
    for number in range(count):
        person, place, thing = rng.choice(PEOPLE), rng.choice(PLACES), rng.choice(THINGS)
        label = RELATIONS[number % 3]
        hypothesis = f"{person} {MARKS[label]} has {thing}"
        pairs.append(SentencePair(f"{seed}-{number}", "en", f"{person} sells {thing} in {place}", hypothesis, label))
    return pairs


def draw_questions(count: int, seed: int) -> list[Question]:
    """Draw questions about the place or the thing in a passage."""
    rng = random.Random(seed)
    questions = []
    for number in range(count):
        person, place, thing = rng.choice(PEOPLE), rng.choice(PLACES), rng.choice(THINGS)
        context = f"{person} sells {thing} in {place}"
        asked, answer = rng.choice([("where", place), ("what", thing)])
        start = context.index(answer)
        questions.append(Question(f"{seed}-{number}", "en", context, asked, (answer,), (start,)))
    return questions
