"""The model families `crf` and `bilstm-crf`."""
