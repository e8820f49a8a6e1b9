"""What RecognizeRegions checks at the door, and what read_regions gives."""

from __future__ import annotations

from pathlib import Path

import pytest

import whaleline
from harness import draw
from whaleline.errors import InvalidRequest
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS, RecognizeRegionsSettings
from whaleline.recognition import languages, spelling
from whaleline.settings import Settings


def test_a_language_without_its_data_is_refused_with_the_command_that_adds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(languages, "_DEBIAN", tmp_path)  # a machine without Debian's packs
    request = RecognizeRegionsSettings.model_validate({"language": "Greek"})
    with pytest.raises(InvalidRequest) as raised:
        RECOGNIZE_REGIONS.check(draw(["x"]), request, Settings())
    assert raised.value.field == "settings.language"
    assert "language Greek is not installed; add it with: apt-get install tesseract-ocr-ell" in str(raised.value)


def test_readings_stand_in_the_order_of_the_regions_and_none_for_one_outside(tmp_path: Path) -> None:
    file = tmp_path / "page.png"
    file.write_bytes(draw(["first line", "second line"]))
    readings = whaleline.read_regions(file, [(0, 60, 700, 120), (800, 0, 900, 60), (0, 0, 900, 60)])
    assert [reading and reading.page.text for reading in readings] == ["second line", None, "first line"]
    assert str(readings[2].rectangle) == "0,0-700,60"


def test_without_regions_the_whole_image_is_one() -> None:
    (reading,) = whaleline.read_regions(draw(["first line", "second line"]))
    assert reading.page.text == "first line\nsecond line"
    (result,) = whaleline.write(whaleline.ResultType.Text, reading)
    assert result.data == b"first line\nsecond line"


def test_a_language_that_is_none_is_refused() -> None:
    with pytest.raises(whaleline.InvalidRequest, match="'Klingon' is not a language"):
        whaleline.read_regions(draw(["x"]), language="Klingon")


def test_misread_words_are_replaced_where_the_spell_check_is_on() -> None:
    image = draw(["tirne of the govemment"])
    read, checked = (
        RECOGNIZE_REGIONS.run(image, RecognizeRegionsSettings.model_validate({"makeSpellCheck": on}), Settings())
        for on in (False, True)
    )
    assert read.results[0].data == b"tirne of the govemment"
    assert checked.results[0].data == b"time of the government"
    assert checked.messages == ()


def test_a_spelling_that_cannot_be_checked_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spelling, "FOLDERS", (tmp_path,))  # a machine without dictionaries
    request = RecognizeRegionsSettings.model_validate({"makeSpellCheck": True})
    outcome = RECOGNIZE_REGIONS.run(draw(["tirne"]), request, Settings())
    assert outcome.results[0].data == b"tirne"
    assert outcome.messages == (
        "the spelling of English was not checked; add its dictionary with: apt-get install hunspell-en-us",
    )
