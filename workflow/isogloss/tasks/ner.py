"""Named entity recognition: the definition of the task. Its parts are in the modules that this one imports."""

from functools import cache, partial

from isogloss.common.examples import ENTITY_TYPES, TaggedSentence
from isogloss.tasks.base import Task
from isogloss.tasks.entities import check_types, list_tags, memorise_mentions
from isogloss.tasks.ner_scores import count_entities, score_ner
from isogloss.tasks.sentinel import make_sentinel
from isogloss.tasks.spans import make_spans
from isogloss.tasks.word_tags import make_tagging


@cache
def make_ner(types: tuple[str, ...]) -> Task:
    """Return the task with these entity types, in this order. Raises UserError for a name that cannot be a type."""
    check_types(types)
    tags = list_tags(types)
    return Task(
        kind="ner",
        example=TaggedSentence,
        metric="f1",
        labels=tags,
        names=types,
        relabel=make_ner,
        memory=1800,
        formats={form.name: form for form in (make_sentinel(tags), make_spans(types))},
        memorise=memorise_mentions,
        score=partial(score_ner, types),
        tagging=make_tagging(tags),
        count=count_entities,
        columns={
            "tokens": ("tokens", "token", "words", "word"),
            "tags": ("ner_tags", "tags", "ner", "labels", "label", "tag", "ne_tags"),
        },
        by_word="entities",
        parser="isogloss.corpora.readers.sentences:parse_entities",
    )


NER = make_ner(ENTITY_TYPES)
