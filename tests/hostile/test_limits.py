"""docs/limits.md against the settings and the tests that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whaleline.documents import Limits, pdf, raster, svg
from whaleline.imaging import region
from whaleline.settings import Settings

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "limits.md").read_text().splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| limit |"))
]


@pytest.mark.parametrize("row", [row for row in ROWS if row[1]], ids=lambda row: row[1].strip("`"))
def test_each_setting_has_its_default(row: list[str]) -> None:
    assert str(Settings.model_fields[row[1].strip("`")].default) == row[2]


def test_every_maximum_among_the_settings_has_a_row() -> None:
    told = {row[1].strip("`") for row in ROWS}
    assert {name for name in Settings.model_fields if name.startswith("max_") or name.endswith("_minute")} <= told


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_names_its_test(row: list[str]) -> None:
    assert re.search(r"`test_\w+`|^the same$", row[-1]), row


def test_what_is_fixed_is_told_as_it_is() -> None:
    fixed = {row[0]: row[2] for row in ROWS if not row[1]}
    assert fixed["strips or tiles of a frame of a TIFF"] == str(raster.MAX_PIECES)
    assert fixed["scans of a JPEG"] == str(raster.MAX_SCANS)
    assert fixed["elements of an SVG, each as often as it is referred to; a letter counts as ten"] == str(
        svg.MAX_ELEMENTS
    )
    assert fixed["dots an inch of a PDF page"] == str(pdf.MAX_DPI)
    assert fixed["a side of a region, turned"].startswith(str(region.MAX_SIDE))
    settings = Settings()
    assert Limits() == Limits(settings.max_pixels, settings.max_side, settings.max_pages)


def test_every_test_that_the_docs_name_exists() -> None:
    defined = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    named = {
        name
        for page in (ROOT / "docs").glob("*.md")
        for name in re.findall(r"\b(test_\w+)\b(?!\.py)", page.read_text())
    }
    assert named
    assert not named - defined
