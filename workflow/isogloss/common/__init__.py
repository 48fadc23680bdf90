"""What every room uses: errors, files, tables, languages, examples, the hub's client."""
