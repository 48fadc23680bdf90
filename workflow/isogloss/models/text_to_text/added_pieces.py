"""The pieces that mBART lacks, added when a model is loaded and saved with it: sentinels, and codes of languages.

A sentinel's row is drawn from a normal distribution with the mean and the standard deviation that each column of the
embedding has, so that a hundred of them are as unlike as other pieces are. A code's row is the mean of those of the
codes that there are: no language in particular. Tang et al. 2020 (arXiv 2008.00401) draw rows of new codes at random;
they go on to pre-train them, while a target language here may not be trained on at all.
"""

from typing import Any

import torch
from tokenizers import AddedToken

from isogloss.common.languages import LANGUAGES
from isogloss.models.text_to_text.language_codes import list_codes
from isogloss.models.vocabulary.vocabulary import SENTINELS

SEED = 0


def add_pieces(network: Any, tokenizer: Any) -> list[str]:
    """Add what a model lacks of the sentinels and of the codes of known languages, in place; return what was added.

    Same model, same rows: they do not depend on torch's random state. A logit's bias, where there is one, is 0.
    """
    has = list_codes(tokenizer)
    codes = [language.mbart for code, language in LANGUAGES.items() if code not in has]
    vocabulary = tokenizer.get_vocab()
    sentinels = [name for name in (f"<extra_id_{index}>" for index in range(SENTINELS)) if name not in vocabulary]
    if not codes and not sentinels:
        return []
    pieces = len(tokenizer)
    # A sentinel takes the space before it along, as in the vocabularies that are built here.
    new = [AddedToken(name, lstrip=True, normalized=False, special=True) for name in sentinels]
    new += [AddedToken(name, normalized=False, special=True) for name in codes]
    tokenizer.add_special_tokens({"extra_special_tokens": new}, replace_extra_special_tokens=False)
    if len(tokenizer) > network.get_input_embeddings().num_embeddings:
        network.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    tables = {
        id(part.weight): part.weight for part in (network.get_input_embeddings(), network.get_output_embeddings())
    }
    with torch.no_grad():
        for rows in tables.values():  # one of them where the output is tied
            spread, middle = torch.std_mean(rows[:pieces], dim=0)
            drawn = torch.randn(len(sentinels), rows.shape[1], generator=torch.Generator().manual_seed(SEED))
            rows[tokenizer.convert_tokens_to_ids(sentinels)] = middle + spread * drawn.to(rows)
            rows[tokenizer.convert_tokens_to_ids(codes)] = rows[[*has.values()]].mean(dim=0)
    return [*sentinels, *codes]
