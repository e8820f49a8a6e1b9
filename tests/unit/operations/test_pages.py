"""Regions on pages of documents: whose pixels they mean, and what is told of those that show nothing."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image

import corpus
from corpus import Sheet
from harness import draw
from whaleline.errors import UnreadableImage
from whaleline.operations.operation import Outcome, ResponseStatusCode, open_document
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.settings import Settings


def page(*lines: str) -> Image.Image:
    """Lines of 60 pixels each, in 600 pixels of width."""
    return Image.open(io.BytesIO(draw(list(lines), 600))).convert("L")


def pdf(*pages: Image.Image) -> bytes:
    """Scans of 200 dpi."""
    return corpus.pdf(*[Sheet((image.width * 0.36, image.height * 0.36), image) for image in pages])


def run(data: bytes, *regions: dict[str, object], limits: dict[str, Any] | None = None, **more: object) -> Outcome:
    given = {"regions": [{"rect": rectangle(*each.pop("at")), **each} for each in regions], **more}  # type: ignore[misc]
    return RECOGNIZE_REGIONS.run(data, RecognizeRegionsSettings.model_validate(given), Settings(**(limits or {})))


def rectangle(left: int, top: int, right: int, bottom: int) -> dict[str, int]:
    return {"topLeftX": left, "topLeftY": top, "bottomRightX": right, "bottomRightY": bottom}


FIRST, SECOND = (0, 0, 600, 60), (0, 60, 600, 120)


def test_regions_lie_on_the_pages_that_they_name_and_come_in_their_order() -> None:
    data = pdf(page("Queequeg", "Tashtego"), page("Daggoo", "Fedallah"))
    outcome = run(data, {"at": SECOND, "page": 2}, {"at": FIRST}, {"at": FIRST, "page": 2, "order": -1})
    assert [result.data for result in outcome.results] == [b"Daggoo", b"Fedallah", b"Queequeg"]
    assert (outcome.code, outcome.messages) == (ResponseStatusCode.OK, ())


def test_each_frame_of_a_tiff_can_be_read() -> None:
    first, second = page("Queequeg"), page("Daggoo")
    data = corpus.saved(first, "TIFF", save_all=True, append_images=[second])
    outcome = run(data, {"at": FIRST, "page": 2}, {"at": FIRST, "page": 1})
    assert [result.data for result in outcome.results] == [b"Daggoo", b"Queequeg"]


def test_without_regions_the_first_page_is_read() -> None:
    outcome = run(pdf(page("Queequeg"), page("Daggoo")))
    assert [result.data for result in outcome.results] == [b"Queequeg"]


def test_a_region_may_be_given_in_pixels_of_any_resolution() -> None:
    """The same line in pixels of the page's 200 dpi and in those of 100; boxes come in the pixels of the question."""
    data = pdf(page("Queequeg", "Tashtego"))
    outcome = run(data, {"at": SECOND}, {"at": (0, 30, 300, 60), "dpi": 100}, resultType="JSON")
    fine, coarse = (json.loads(result.data)[0]["lines"][0] for result in outcome.results)
    assert fine["text"] == coarse["text"] == "Tashtego"
    for corner in ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY"):
        assert abs(fine[corner] / 2 - coarse[corner]) <= 1
    assert outcome.messages == ()


def test_the_resolution_is_of_no_matter_for_an_image() -> None:
    data = corpus.saved(page("Queequeg"), "PNG")
    assert run(data, {"at": FIRST, "dpi": 77}).results[0].data == b"Queequeg"


def test_a_page_that_is_not_there_and_a_place_beyond_a_page_are_told() -> None:
    data = pdf(page("Queequeg"), page("Daggoo"))
    outcome = run(data, {"at": FIRST, "page": 9}, {"at": FIRST}, {"at": (900, 0, 999, 60), "page": 2})
    assert outcome.code is ResponseStatusCode.PARTIALLY_NOT_FOUND
    assert [result.data for result in outcome.results] == [b"", b"Queequeg", b""]
    assert outcome.messages == (
        "region 1 lies on page 9, which the document does not have, and was not read",
        "region 3 (900,0-999,60) lies outside page 2 and was not read",
    )


def test_what_is_to_be_told_of_a_page_names_it() -> None:
    outcome = run(pdf(page("Queequeg"), page("Daggoo")), {"at": FIRST, "page": 2}, limits={"max_pixels": 20_000})
    assert outcome.messages[0].startswith("page 2: the page was drawn at ")


def test_pixels_of_all_pages_together_are_limited() -> None:
    data = pdf(page("Queequeg"), page("Daggoo"))
    regions = [{"at": FIRST, "page": 1}, {"at": FIRST, "page": 2}]
    size = page("Queequeg").width * page("Queequeg").height
    assert len(run(data, *map(dict, regions), limits={"max_drawn_pixels": 2 * size}).results) == 2
    with pytest.raises(UnreadableImage, match=rf"have {2 * size} pixels .*; at most {2 * size - 1}"):
        run(data, *map(dict, regions), limits={"max_drawn_pixels": 2 * size - 1})


def test_pixels_of_regions_count_for_each_page_by_itself() -> None:
    data = pdf(page("Queequeg"), page("Daggoo"))
    regions = [{"at": FIRST, "page": 1}, {"at": FIRST, "page": 2}]
    outcome = run(data, *map(dict, regions), limits={"max_region_pixels": 60_000}, makeSkewCorrect=False)
    assert [result.data for result in outcome.results] == [b"Queequeg", b"Daggoo"]
    with pytest.raises(UnreadableImage, match="at most"):
        run(data, {"at": FIRST}, {"at": FIRST}, limits={"max_region_pixels": 60_000}, makeSkewCorrect=False)


def test_the_place_of_a_lost_page_stays_empty() -> None:
    data = pdf(page("Queequeg"), page("Daggoo"))
    regions = [{"rect": rectangle(*FIRST), "page": number} for number in (2, 3, 1)]
    request, settings = RecognizeRegionsSettings.model_validate({"regions": regions}), Settings()
    document = open_document(data, settings)
    numbers = RECOGNIZE_REGIONS.pages_to_read(document, request, settings)
    assert numbers == (1, 2)
    second = RECOGNIZE_REGIONS.read(document, 2, request, settings)
    outcome = RECOGNIZE_REGIONS.join(document, [None, second], request, settings)
    assert [result.data for result in outcome.results] == [b"Daggoo", b"", b""]
    assert outcome.messages == ("region 2 lies on page 3, which the document does not have, and was not read",)
