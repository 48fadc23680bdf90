"""Self-supervised pre-training by span corruption, and the small model tiny-mt5."""
