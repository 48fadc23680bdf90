"""Code that all packages use: errors, files, tables, languages, examples, registries, runs, the hub client."""
