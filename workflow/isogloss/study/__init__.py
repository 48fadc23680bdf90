"""A study: from the YAML file to runs, and from runs to paths and recipes. Only for planning; imports nothing heavy."""
