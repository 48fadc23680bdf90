"""Add missing sentinels and language codes to the vocabulary of mBART.

They are added when a model is loaded, and saved with it. The embedding row of a sentinel is drawn from a normal
distribution with the mean and standard deviation of each column of the embedding. The hundred sentinels therefore
differ from each other as much as other subwords do. The row of a new language code is the mean of the rows of the
existing codes, so it represents no particular language. Tang et al. 2020 (arXiv 2008.00401) draw the rows of new codes
at random, but continue pre-training with them. Here, a target language may not occur in training at all.
"""

from typing import Any

import torch
from tokenizers import AddedToken

from isogloss.models.text_to_text.language_codes import MBART_CODES, list_codes
from isogloss.models.vocabulary.vocabulary import SENTINELS

SEED = 0


def add_pieces(network: Any, tokenizer: Any) -> list[str]:
    """Add missing sentinels and codes of known languages to a model and its tokenizer, in place; return their names.

    The new rows depend only on the model, not on the random state of torch. If the logits have a bias, it is 0 for the
    new tokens.
    """
    has = list_codes(tokenizer)
    codes = [name for code, name in MBART_CODES.items() if code not in has]
    vocabulary = tokenizer.get_vocab()
    sentinels = [name for name in (f"<extra_id_{index}>" for index in range(SENTINELS)) if name not in vocabulary]
    if not codes and not sentinels:
        return []
    pieces = len(tokenizer)
    # A sentinel includes the space before it, as in the vocabularies that are built here.
    new = [AddedToken(name, lstrip=True, normalized=False, special=True) for name in sentinels]
    new += [AddedToken(name, normalized=False, special=True) for name in codes]
    tokenizer.add_special_tokens({"extra_special_tokens": new}, replace_extra_special_tokens=False)
    if len(tokenizer) > network.get_input_embeddings().num_embeddings:
        network.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    tables = {
        id(part.weight): part.weight for part in (network.get_input_embeddings(), network.get_output_embeddings())
    }
    with torch.no_grad():
        for rows in tables.values():  # a single table if the output layer is tied to the embedding
            spread, middle = torch.std_mean(rows[:pieces], dim=0)
            drawn = torch.randn(len(sentinels), rows.shape[1], generator=torch.Generator().manual_seed(SEED))
            rows[tokenizer.convert_tokens_to_ids(sentinels)] = middle + spread * drawn.to(rows)
            rows[tokenizer.convert_tokens_to_ids(codes)] = rows[[*has.values()]].mean(dim=0)
    return [*sentinels, *codes]
