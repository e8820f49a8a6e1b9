"""What others may rely on: the package's public names, and the documented settings."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import whaleline

DOCS = Path(__file__).parents[2] / "docs"


def test_the_public_names() -> None:
    # A name that is taken away breaks somebody's program; one that is added is a promise. Both want a CHANGELOG entry.
    assert whaleline.__all__ == [
        "Block",
        "ConfigurationError",
        "InvalidRequest",
        "Line",
        "Page",
        "Reading",
        "Rectangle",
        "Result",
        "ResultType",
        "UnreadableImage",
        "WhalelineError",
        "Word",
        "read_regions",
        "write",
    ]
    for name in whaleline.__all__:
        assert getattr(whaleline, name).__doc__, name


def test_the_page_of_settings_is_what_the_table_says() -> None:
    spec = spec_from_file_location("settings_table", DOCS / "settings_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "settings.md").read_text() == module.page(), "run `make docs`"
