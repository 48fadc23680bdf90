"""Build steps that pyproject.toml cannot express: a wheel also contains the workflow, in isogloss/deploy/.

The workflow has the same layout there as in the repository. An editable install is not affected.
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

__path__ = [str(Path(__file__).parents[3])]  # jobs in their own environments import the library next to the rules
"""


class BuildWithWorkflow(build_py):
    """A build step that copies the workflow into the wheel, next to the library."""

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
