"""Provenance: from which recipe and which files a result was made, with digests that show whether it is intact."""
