"""Write the table of docs/reliability.md from the faults that the tests in tests/faults describe.

.venv/bin/python docs/make_reliability.py
"""

import ast
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).parent / "reliability.md"
TESTS = Path(__file__).parents[1] / "tests" / "faults"
BEGIN, END = "<!-- faults -->\n", "<!-- end of faults -->"
COLUMNS = {"name": "fault", "sees": "what you see", "lost": "what is lost", "again": "what the same command does"}


def list_faults() -> Iterator[dict[str, str]]:
    """Yield what each decorator `@fault(...)` says, in the order of the files and of the tests in them."""
    for path in sorted(TESTS.glob("test_*.py")):
        for test in ast.parse(path.read_text(encoding="utf-8")).body:
            for call in getattr(test, "decorator_list", []):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "fault":
                    yield {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}


def compose_page() -> str:
    """Return the page with a table that has a row for each fault."""
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    rows = ["| " + " | ".join(COLUMNS.values()) + " |", "|" + "---|" * len(COLUMNS)]
    rows += ["| " + " | ".join(fault[key] for key in COLUMNS) + " |" for fault in list_faults()]
    return f"{head}{BEGIN}\n" + "\n".join(rows) + f"\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(compose_page(), encoding="utf-8")
