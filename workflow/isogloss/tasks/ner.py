"""Named entity recognition: the definition of the task. Its parts are in the modules that this one imports."""

from isogloss.common.examples import TaggedSentence
from isogloss.tasks.base import Task
from isogloss.tasks.entities import TAGS, TYPES, Entity, Prediction, memorise_mentions, read_entities
from isogloss.tasks.ner_scores import count_entities, score_ner
from isogloss.tasks.sentinel import SENTINEL
from isogloss.tasks.spans import SPANS
from isogloss.tasks.word_tags import WORD_TAGS

__all__ = ["NER", "TAGS", "TYPES", "Entity", "Prediction", "memorise_mentions", "read_entities"]

NER = Task(
    kind="ner",
    example=TaggedSentence,
    metric="f1",
    labels=TAGS,
    memory=1800,
    formats={SENTINEL.name: SENTINEL, SPANS.name: SPANS},
    memorise=memorise_mentions,
    score=score_ner,
    tagging=WORD_TAGS,
    count=count_entities,
    names=TYPES,
    columns={
        "tokens": ("tokens", "token", "words", "word"),
        "tags": ("ner_tags", "tags", "ner", "labels", "label", "tag", "ne_tags"),
    },
    by_word="entities",
    parser="isogloss.corpora.readers.sentences:parse_entities",
)
