"""What pyproject.toml cannot say: a wheel carries the workflow too, in isogloss/deploy/, laid out as in the repository.

Nothing is moved for that, and an editable install is left as it is.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

WORKFLOW = (
    *("Snakefile", "config.yaml", "envs/*.yaml", "profiles/*/profile.yaml"),
    *("workflow/Snakefile", "workflow/rules/*.smk", "workflow/report/*.rst"),
)
BESIDE = """
from pathlib import Path

__path__ = [str(Path(__file__).parents[3])]  # jobs in environments of their own find the library beside the rules
"""


class BuildWithWorkflow(build_py):
    """Copies the workflow beside the library."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        deploy = Path(self.build_lib, "isogloss", "deploy")
        for pattern in WORKFLOW:
            for path in Path().glob(pattern):
                (deploy / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, deploy / path)
        library = deploy / "workflow" / "isogloss"
        library.mkdir(exist_ok=True)
        own = Path("workflow", "isogloss", "__init__.py").read_text(encoding="utf-8")
        (library / "__init__.py").write_text(own + BESIDE, encoding="utf-8")


setup(cmdclass={"build_py": BuildWithWorkflow})
