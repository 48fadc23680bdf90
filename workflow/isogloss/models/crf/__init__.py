"""The families `crf` and `bilstm-crf`."""
