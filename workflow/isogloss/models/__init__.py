"""The heavy parts of the model families: imported by the job that needs them."""
