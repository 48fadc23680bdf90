"""Forms of files: text, tables, JSON and parquet become records."""
