"""Find the subwords of a vocabulary that a text needs, and cut a tokenizer down to them.

Removing the other subwords does not change how this text is segmented. The argument for each type of tokenizer model in
Hugging Face's tokenizers library:

- Unigram chooses the segmentation with the highest sum of scores. All subwords of this segmentation are kept, so it is
  still a candidate with the same score, and it has fewer competitors. A character that no subword covers gets the
  lowest score of the vocabulary minus 10. The subword with the lowest score is kept, so this value does not change.
- WordPiece chooses the longest subword at each position. This subword is kept. A word that becomes the unknown token
  could be segmented differently if subwords of the failed attempt were removed. Therefore every subword that is a
  substring of such a word is kept.
- BPE merges pairs in the order of their ranks. It carries out only merges that build the subwords of the result. These
  subwords, all subwords that can be merged into them, and the order of the merges are kept.

Single characters and bytes are always kept, so other text can still be tokenised, possibly into more subwords.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from isogloss.common.errors import UserError
from isogloss.models.vocabulary.vocabulary import list_sentinels
from isogloss.models.vocabulary.word_pieces import encode_words

Text = str | tuple[str, ...]
"""A string, which is the input of a text-to-text model, or a tuple of words, which is the input of an encoder."""
AT_ONCE = 20_000
"""Number of texts that are tokenised in one call."""
BYTE = re.compile("<0x[0-9A-F]{2}>")


def encode_texts(tokenizer: Any, text: Sequence[Text]) -> Iterator[tuple[Text, list[int]]]:
    """Yield each text with its token ids; the order of the texts may change."""
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
    """Return, in ascending order, the ids of the subwords that the text needs and of those that are always kept.

    form: the JSON of the tokenizer. Raises UserError if the type of the tokenizer model is not Unigram, WordPiece or
    BPE.
    """
    model = form["model"]
    if model["type"] not in ("Unigram", "WordPiece", "BPE"):
        raise UserError(
            f"{tokenizer.name_or_path}: a tokenizer of type {model['type']} cannot be trimmed, only Unigram, "
            "WordPiece and BPE; remove trim_vocabulary"
        )
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
    # RoBERTa models number positions from the padding id, so this id must not change.
    needed.update(range((tokenizer.pad_token_id or 0) + 1))
    if model["type"] == "Unigram":
        needed |= {model["unk_id"], min(range(len(ids)), key=lambda place: model["vocab"][place][1])} - {None}
    elif model["type"] == "WordPiece":
        needed |= {ids[part] for part in _list_parts(tokenizer, unknown, prefix) if part in ids}
    else:
        needed |= _find_made_of(ids, model, needed)
    return sorted(needed)


def cut_form(form: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """Return the JSON of a tokenizer reduced to the subwords in `places`; places: old id -> new id, order preserved."""
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
    """Return every string that could be a subword of a word in these texts."""
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
    """Return the function that merges a pair; the prefix of word-internal subwords is not repeated."""
    prefix = model.get("continuing_subword_prefix") or ""
    return lambda left, right: left + right.removeprefix(prefix)


def _find_made_of(ids: Mapping[str, int], model: Mapping[str, Any], needed: Iterable[int]) -> set[int]:
    """Return the ids of all subwords that can be merged, in one or more steps, into the needed ones."""
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
    """Return the JSON of a post-processor with new ids for its special tokens."""
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
