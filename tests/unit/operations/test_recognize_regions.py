"""What RecognizeRegions checks at the door, and what read_regions gives."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

import whaleline
from harness import draw
from whaleline.errors import InvalidRequest
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.region_settings import RecognizeRegionsSettings
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


def test_a_jpeg_that_is_cut_short_is_read_and_told_once() -> None:
    target = io.BytesIO()
    Image.open(io.BytesIO(draw(["Moby Dick", "Pequod"], 300))).convert("L").save(target, "JPEG")
    cut = target.getvalue()[:-2]
    rectangle = {"topLeftX": 0, "topLeftY": 0, "bottomRightX": 300, "bottomRightY": 60}
    request = RecognizeRegionsSettings.model_validate({"regions": [{"rect": rectangle}] * 2})
    outcome = RECOGNIZE_REGIONS.run(cut, request, Settings())
    assert [result.data for result in outcome.results] == [b"Moby Dick", b"Moby Dick"]
    assert outcome.messages == ("the JPEG file is cut short and was read as far as it goes",)
    (reading,) = whaleline.read_regions(cut)
    assert reading.page.notes == outcome.messages
