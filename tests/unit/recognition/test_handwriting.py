"""HWT_ENG: letters drawn with fonts of several hands and read back."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import error, font
from emissions import line, seen
from whaleline.imaging.picture import Picture
from whaleline.recognition import read
from whaleline.recognition.handwriting import mended
from whaleline.recognition.languages import Language, find

HANDS = {
    "dkg": "truetype/fifthhorseman/dkg.ttf",
    "breip": "truetype/breip/Breip.ttf",
    "femkeklaver": "truetype/femkeklaver/femkeklaver.ttf",
    "rufscript": "truetype/rufscript/Rufscript010.ttf",
    "kristi": "truetype/kristi/Kristi.ttf",
    "delphine": "truetype/sjfonts/Delphine.ttf",
    "humor": "truetype/humor-sans/Humor-Sans.ttf",  # has capitals alone
}
LETTER = """Dear Margaret, thank you for the parcel
which arrived on Monday morning. The
children were delighted with the books,
and your brother sends his best wishes."""
NOTE = """Bring three pounds of flour, some butter
and a dozen eggs. I will meet you at the
station before seven tonight."""


def handwriting() -> Language:
    language = find("HWT_ENG")
    assert language is not None
    return language


def written(text: str, hand: str) -> Picture:
    image = Image.new("L", (1700, 520), 255)
    ImageDraw.Draw(image).multiline_text((60, 50), text, font=font(HANDS[hand], 56), fill=20, spacing=24)
    picture = np.asarray(image)
    rows, columns = np.nonzero(picture < 128)
    return picture[: rows.max() + 50, : columns.max() + 60]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("hand", HANDS)
def test_a_hand_is_read(hand: str) -> None:
    errors = [
        error(text.lower(), read(written(text, hand), handwriting()).text.lower(), "Latn") for text in (LETTER, NOTE)
    ]
    assert sum(errors) / len(errors) <= 3


def test_one_line() -> None:
    page = read(written("thank you for the parcel", "dkg"), handwriting())
    assert page.text == "thank you for the parcel"
    assert [word.box.left for word in page.words] == sorted(word.box.left for word in page.words)


@pytest.mark.parametrize(
    ("shown", "doubts", "read", "meant"),
    [
        ("the leade-ship of", {8: "x", 9: "r"}, "the leade-ship of", "the leadership of"),
        ("howeve-, it", {6: "r"}, "howeve-, it", "however, it"),
        ("a gardan wall", {6: "e"}, "a gardan wall", "a garden wall"),
        ("stay until evening, at", {10: ""}, "stay untilevening, at", "stay until evening, at"),
        ("the emphas is on", {10: ""}, "the emphas is on", "the emphasis on"),
        ("un derstand howeve-", {2: "", 18: "r"}, "un derstand howeve-", "understand however"),
        ("a gardun wall", {4: "n"}, "a gardun wall", "a gardun wall"),  # nobody saw an e
        ("Mr. Gaitskell of Osnaburgh", {}, "Mr. Gaitskell of Osnaburgh", "Mr. Gaitskell of Osnaburgh"),
    ],
)
def test_a_word_of_no_list_becomes_one_that_was_seen_too(
    shown: str, doubts: dict[int, str], read: str, meant: str
) -> None:
    emission = seen(shown, 0.9, doubts)
    words = mended(line(read), [emission]).words
    assert " ".join(word.text for word in words) == meant
    if read.count(" ") == meant.count(" "):
        assert [word.box for word in words] == [word.box for word in line(read).words]


def test_the_parts_of_a_word_share_its_box() -> None:
    first, second = mended(line("untilevening"), [seen("until evening", 0.9, {5: ""})]).words
    assert (first.text, second.text) == ("until", "evening")
    assert (first.box.left, first.box.right, second.box.left, second.box.right) == (0, 100, 100, 240)


def test_nothing_written() -> None:
    assert read(np.full((200, 400), 255, np.uint8), handwriting()).text == ""
