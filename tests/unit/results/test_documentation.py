"""The examples in docs/results.md are what is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.results import Reading, ResultType, write

DOCUMENT = (Path(__file__).parents[3] / "docs" / "results.md").read_text()


@pytest.fixture
def reading() -> Reading:
    word = Word("whale-lines.", Rectangle(12, 16, 202, 44), 90.2)
    return Reading(
        Rectangle(120, 340, 380, 400),
        np.full((60, 260), 255, np.uint8),
        Page(260, 60, (Block((Line((word,)),)),)),
        Affine.shift(120, 340),
    )


def example(language: str) -> str:
    found: str
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    return found


def test_the_json_example(reading: Reading) -> None:
    (result,) = write(ResultType.JSON, reading)
    assert json.loads(result.data) == json.loads(example("json"))


def test_the_hocr_example(reading: Reading) -> None:
    def without_version(document: str) -> str:
        return re.sub('content="Whaleline [^"]+"', "", document)

    (result,) = write(ResultType.Hocr, reading)
    assert without_version(result.data.decode()) == without_version(example("xml"))


def test_the_table_of_types() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", DOCUMENT, re.MULTILINE)
    assert {name: tuple(re.findall(r"\w+", parts)) for name, parts in rows} == {
        str(result_type): result_type.parts for result_type in ResultType
    }
