"""From a study file to values that have the form of the schema: reading, overrides, the schema, and its messages."""
