"""docs/limits.md against the settings and the tests that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whaleline.imaging import decode, region
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
    assert fixed["strips or tiles of a TIFF"] == str(decode.MAX_PIECES)
    assert fixed["scans of a JPEG"] == str(decode.MAX_SCANS)
    assert fixed["a side of a region, turned"].startswith(str(region.MAX_SIDE))
    assert str(decode.MAX_SIDE) == str(Settings().max_side)


def test_every_test_named_there_exists() -> None:
    defined = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "limits.md").read_text()))
    assert named
    assert not named - defined
