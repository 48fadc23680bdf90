"""The pieces of a vocabulary: which of them some text needs, and a tokenizer that has only those.

Dropping pieces changes no segmentation of that text, for each kind of model in Hugging Face's tokenizers:

- Unigram takes the segmentation with the highest sum of scores. Its pieces are kept, so that it still is a candidate
  with the same score, and there are fewer others. A character that no piece covers scores the lowest score of the
  vocabulary less 10; the piece with the lowest score is kept, so that this stays as it was.
- WordPiece takes the longest piece at each place. That piece is kept. A word that ends in the unknown token might find
  another way if pieces on its first way were gone: every piece that is a part of such a word is kept.
- BPE merges pairs in the order of their ranks. No merge but those that make up the pieces of the result was ever
  carried out; with these pieces, all that can be merged into them are kept, and the order of the merges.

Single characters and bytes are always kept, so that other text can be tokenised too, if into more pieces.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from isogloss.common.errors import UserError
from isogloss.models.vocabulary.vocabulary import list_sentinels
from isogloss.models.vocabulary.word_pieces import encode_words

Text = str | tuple[str, ...]
"""Running text, as a text-to-text model reads it, or words, as an encoder does."""
AT_ONCE = 20_000
BYTE = re.compile("<0x[0-9A-F]{2}>")


def encode_texts(tokenizer: Any, text: Sequence[Text]) -> Iterator[tuple[Text, list[int]]]:
    """Yield each text with its token ids."""
    for start in range(0, len(text), AT_ONCE):
        part = text[start : start + AT_ONCE]
        running = [one for one in part if isinstance(one, str)]
        words = [one for one in part if not isinstance(one, str)]
        if running:
            encoded = tokenizer(running, truncation=False, return_attention_mask=False, verbose=False)
            yield from zip(running, encoded["input_ids"], strict=True)
        if words:
            yield from zip(words, encode_words(tokenizer, words)["input_ids"], strict=True)


def find_needed(tokenizer: Any, form: Mapping[str, Any], text: Sequence[Text]) -> list[int]:
    """Return, in order, the ids of the pieces that text needs, those always kept among them.

    form: the tokenizer as its JSON. Raises UserError for a model of another kind than the three above.
    """
    model = form["model"]
    if model["type"] not in ("Unigram", "WordPiece", "BPE"):
        raise UserError(f"a tokenizer of the kind {model['type']} cannot be trimmed; leave trim_vocabulary out")
    needed = {token["id"] for token in form["added_tokens"]} | set(tokenizer.all_special_ids)
    needed.update(list_sentinels(tokenizer))
    unknown = []
    for one, tokens in encode_texts(tokenizer, text):
        needed.update(tokens)
        if tokenizer.unk_token_id in tokens:
            unknown.append(one)
    prefix, suffix = model.get("continuing_subword_prefix") or "", model.get("end_of_word_suffix") or ""
    ids = _read_ids(model)
    for piece, place in ids.items():
        if len(piece.removeprefix(prefix).removesuffix(suffix)) == 1 or BYTE.fullmatch(piece):
            needed.add(place)
    # The RoBERTa kind counts positions from the id of padding on: it has to stay what it is.
    needed.update(range((tokenizer.pad_token_id or 0) + 1))
    if model["type"] == "Unigram":
        needed |= {model["unk_id"], min(range(len(ids)), key=lambda place: model["vocab"][place][1])} - {None}
    elif model["type"] == "WordPiece":
        needed |= {ids[part] for part in _list_parts(tokenizer, unknown, prefix) if part in ids}
    else:
        needed |= _find_made_of(ids, model, needed)
    return sorted(needed)


def cut_form(form: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """Return a tokenizer's JSON with the pieces in `places` only; places: id -> new id, in the same order."""
    model = dict(form["model"])
    if model["type"] == "Unigram":
        model["vocab"] = [entry for place, entry in enumerate(model["vocab"]) if place in places]
        model["unk_id"] = None if model["unk_id"] is None else places[model["unk_id"]]
    else:
        model["vocab"] = {piece: places[place] for piece, place in model["vocab"].items() if place in places}
    if model["type"] == "BPE":
        joined = _name_joined(model)
        model["merges"] = [
            [left, right]
            for left, right in _read_merges(model)
            if {left, right, joined(left, right)} <= model["vocab"].keys()
        ]
    added = [{**token, "id": places[token["id"]]} for token in form["added_tokens"]]
    return {**form, "model": model, "added_tokens": added, "post_processor": _renumber(form["post_processor"], places)}


def _read_ids(model: Mapping[str, Any]) -> dict[str, int]:
    if model["type"] == "Unigram":
        return {piece: place for place, (piece, _) in enumerate(model["vocab"])}
    return model["vocab"]


def _list_parts(tokenizer: Any, text: Iterable[Text], prefix: str) -> set[str]:
    """Return every piece that could be a part of a word in these texts."""
    backend = tokenizer.backend_tokenizer
    words = set()
    for one in text:
        for part in [one] if isinstance(one, str) else one:
            plain = backend.normalizer.normalize_str(part) if backend.normalizer else part
            split = backend.pre_tokenizer.pre_tokenize_str(plain) if backend.pre_tokenizer else [(plain, None)]
            words |= {word for word, _ in split}
    return {
        (prefix if start else "") + word[start:end]
        for word in words
        for start in range(len(word))
        for end in range(start + 1, len(word) + 1)
    }


def _read_merges(model: Mapping[str, Any]) -> list[Sequence[str]]:
    return [merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"]]


def _name_joined(model: Mapping[str, Any]) -> Callable[[str, str], str]:
    """Return how a pair is merged: the mark of a piece inside a word is not repeated."""
    prefix = model.get("continuing_subword_prefix") or ""
    return lambda left, right: left + right.removeprefix(prefix)


def _find_made_of(ids: Mapping[str, int], model: Mapping[str, Any], needed: Iterable[int]) -> set[int]:
    """Return the ids of all pieces that can be merged, in one or more steps, into the needed ones."""
    joined = _name_joined(model)
    made: dict[str, set[str]] = {}
    for left, right in _read_merges(model):
        made.setdefault(joined(left, right), set()).update((left, right))
    names = {place: piece for piece, place in ids.items()}
    found, open_pieces = set(), [names[place] for place in needed if place in names]
    while open_pieces:
        for part in made.get(open_pieces.pop(), ()):
            if part not in found:
                found.add(part)
                open_pieces.append(part)
    return {ids[piece] for piece in found if piece in ids}


def _renumber(part: Any, places: Mapping[int, int]) -> Any:
    """Return the JSON of a post-processor with the ids of its special tokens renumbered."""
    if isinstance(part, list):
        return [_renumber(one, places) for one in part]
    if not isinstance(part, dict):
        return part
    renumbered = {}
    for key, value in part.items():
        if key == "ids":
            renumbered[key] = [places[place] for place in value]
        elif key in ("sep", "cls") and isinstance(value, list):
            renumbered[key] = [value[0], places[value[1]]]
        else:
            renumbered[key] = _renumber(value, places)
    return renumbered
