"""A study: from YAML to runs, and from runs to paths and recipes. Planning alone; nothing heavy is imported."""
