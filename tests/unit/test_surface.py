"""What others may rely on: the package's public names, and the documented settings."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

import whaleline
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.task import TaskStatus

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_the_public_names() -> None:
    # A name that is taken away breaks somebody's program; one that is added is a promise. Both want a CHANGELOG entry.
    assert whaleline.__all__ == [
        "Block",
        "ConfigurationError",
        "DsrConfidence",
        "DsrMode",
        "FieldReading",
        "InvalidRequest",
        "Line",
        "Page",
        "Reading",
        "Rectangle",
        "Result",
        "ResultType",
        "Template",
        "UnreadableImage",
        "WhalelineError",
        "Word",
        "__version__",
        "read_form",
        "read_regions",
        "write",
    ]
    for name in whaleline.__all__:
        assert getattr(whaleline, name).__doc__, name
    assert whaleline.__version__ == version("whaleline")


def test_what_starts_the_workers_loads_no_library_that_takes_its_time() -> None:
    """So that `whaleline serve` has them on their way before it loads what it needs itself."""
    program = "import sys, whaleline.cli, whaleline.tasks.dispatch.pool; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"cv2", "fastapi", "numpy", "onnxruntime", "sqlalchemy", "tesserocr"} & set(done.stdout.split())


@pytest.mark.parametrize("name", ["settings", "errors", "http", "python", "command_line"])
def test_a_page_that_is_made_from_the_code_is_up_to_date(name: str) -> None:
    spec = spec_from_file_location(name, DOCS / f"{name}_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.FILE.read_text() == module.page(), "run `make docs`"


def test_the_page_of_errors_has_every_code_of_a_task() -> None:
    page = (DOCS / "errors.md").read_text()
    assert not [code for code in (*ResponseStatusCode, *TaskStatus) if code not in page]


def test_the_readme_says_which_task_types_work() -> None:
    rows = re.findall(r"^\| (\w+) \| (yes|not yet|no)\b.*? \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(rows) == len(dict(rows)) == 17  # as many as the protocol has
    assert {name for name, works in rows if works == "yes"} == set(OPERATIONS)
