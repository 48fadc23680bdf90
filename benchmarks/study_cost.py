"""Print the cost of a study, from the records of its jobs.

    python benchmarks/study_cost.py results/default

Prints one row for each model and kind of job: the number of jobs, the processor seconds in total and per job, and the
peak memory of the largest job. The times do not include the start of Python, but include imports on first use.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path


def read_costs(root: Path) -> dict[tuple[str, str], list[dict[str, float]]]:
    """Return (model, kind of job) -> costs of its jobs; the kinds are training on sources, and each number of shots."""
    costs = defaultdict(list)
    for path in root.glob("finetuned/*/*/**/training.json"):
        costs[path.relative_to(root).parts[2], "training on sources"].append(read_cost(path))
    for path in root.glob("transfer/**/metrics.json"):
        run = json.loads(path.read_text(encoding="utf-8"))["run"]
        costs[run["model"], f"{run['shots']} shots"].append(read_cost(path))
    return dict(sorted(costs.items()))


def read_cost(path: Path) -> dict[str, float]:
    """Return the cost that a record contains."""
    return json.loads(path.read_text(encoding="utf-8"))["cost"]


def main(root: Path) -> None:
    """Print the table."""
    print("| model | job | jobs | processor seconds | a job | peak MiB |")
    print("|---|---|---|---|---|---|")
    for (model, kind), costs in read_costs(root).items():
        seconds = sum(cost["cpu_seconds"] for cost in costs)
        peak = max(cost["peak_memory_mib"] for cost in costs)
        print(f"| {model} | {kind} | {len(costs)} | {seconds:.0f} | {seconds / len(costs):.1f} | {peak:.0f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
