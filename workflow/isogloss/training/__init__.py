"""What all neural families share: the training loop, batches, prediction and devices."""
