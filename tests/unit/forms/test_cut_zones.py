"""Machine readable zones of which a part is cut off by the field's edge, or covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import font
from whaleline.forms.template import Kind, Scheme, TemplateField
from whaleline.forms.values import read_value
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

ZONES: Mapping[str, Sequence[str]] = {
    "TD1": ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
    "TD2": ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"),
    "TD3": ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    "MRV-A": ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"),
    "MRV-B": ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"),
}
FACES = ("truetype/dejavu/DejaVuSansMono.ttf", "truetype/noto/NotoSansMono-Regular.ttf")
SIZE, MARGIN, LEAD = 28, 20, 44
FIELD = TemplateField(name="zone", rectangle=Rectangle(0, 0, 9, 9), kind=Kind.IDENTIFIER, scheme=Scheme.MRZ)


def drawn(lines: Sequence[str], face: str) -> tuple[Picture, float, list[tuple[int, int]]]:
    """A zone, the width of its letters, and where the letters of each line begin and end."""
    chosen = font(face, SIZE)
    pitch = chosen.getlength("0")
    picture = Image.new("L", (int(pitch * len(lines[0])) + 2 * MARGIN, LEAD * len(lines) + 2 * MARGIN), 245)
    draw = ImageDraw.Draw(picture)
    rows = []
    for number, line in enumerate(lines):
        at = (MARGIN, MARGIN + LEAD * number)
        draw.text(at, line, 25, font=chosen)
        _, top, _, bottom = draw.textbbox(at, "0", font=chosen)
        rows.append((int(top), int(bottom)))
    return np.asarray(picture, np.uint8), pitch, rows


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("size", "face"), list(zip(ZONES, cycle(FACES), strict=False)))
def test_a_zone_is_valid_if_it_is_whole(size: str, face: str) -> None:
    picture, *_ = drawn(ZONES[size], face)
    found = read_value(FIELD, picture)
    assert (found.value, found.valid, found.reasons) == ("\n".join(ZONES[size]), True, ())
    assert found.confidence > 80


def test_a_zone_is_valid_if_its_field_is_hardly_larger() -> None:
    picture, _, rows = drawn(ZONES["TD1"], FACES[0])
    assert read_value(FIELD, picture[rows[0][0] - 2 : rows[-1][1] + 2, MARGIN - 1 : 1 - MARGIN]).valid


CUTS = ("right", "left", "beginning", "below", "above", "tails")


# Each part is cut from one size: a zone takes a second to read.
@pytest.mark.sampled(3)
@pytest.mark.parametrize(("side", "size"), list(zip(CUTS, cycle(ZONES), strict=False)))
def test_a_zone_that_is_cut_off_is_not_valid(side: str, size: str) -> None:
    picture, pitch, rows = drawn(ZONES[size], FACES[0])
    count = len(ZONES[size][0])
    (top, under), (over, bottom) = rows[0], rows[-1]
    part = {
        "right": picture[:, : int(MARGIN + pitch * count * 2 / 3)],
        "left": picture[:, int(MARGIN + pitch * count / 3) :],
        "beginning": picture[:, int(MARGIN + pitch) :],
        "below": picture[: (over + bottom) // 2],
        "above": picture[(top + under) // 2 :],
        "tails": picture[: bottom - (bottom - over) // 3],
    }[side]
    found = read_value(FIELD, np.ascontiguousarray(part))
    assert not found.valid
    assert found.reasons
    assert found.confidence < 50


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("shade", "line", "place", "count"),
    [(15, 0, 7, 1), (130, 0, 11, 3), (245, 1, 3, 3)],
)
def test_a_zone_with_a_blot_is_not_valid(shade: int, line: int, place: int, count: int) -> None:
    picture, pitch, rows = drawn(ZONES["TD3"], FACES[0])
    top, under = rows[line]
    covered = picture.copy()
    covered[top - 3 : under + 3, int(MARGIN + pitch * place) : int(MARGIN + pitch * (place + count)) + 1] = shade
    found = read_value(FIELD, covered)
    assert not found.valid, found
    assert found.confidence < 50
    assert any("covered" in reason for reason in found.reasons)
