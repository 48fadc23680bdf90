"""Self-supervised pre-training, and the model that is built here."""
