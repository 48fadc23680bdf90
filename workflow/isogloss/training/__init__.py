"""What every family with a network shares: the training loop, batches, prediction, devices."""
