"""The pictures of a line that are tried after the plain one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, font
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, ink
from whaleline.imaging.pictures import View, band, best_channel, first, further, roughness, stretched, visible
from whaleline.imaging.sight import Sight

TEXT = "Captain Ahab"


def printed(size: int = 30, print_: int = 0, paper: int = 255) -> Picture:
    own = font(DEJAVU, size)
    image = Image.new("L", (round(own.getlength(TEXT)) + 2 * size, 2 * size), paper)
    ImageDraw.Draw(image).text((size, round(1.4 * size)), TEXT, font=own, fill=print_, anchor="ls")
    return np.array(image, np.uint8)


def coloured(print_: tuple[int, int, int], paper: tuple[int, int, int]) -> Picture:
    share = printed()[..., None].astype(np.float32) / 255
    mixed = np.array(print_) + share * (np.array(paper) - np.array(print_))
    return np.asarray(mixed.round(), np.uint8)


def alike(picture: Picture, plain: Picture) -> float:
    """Share of pixels on which the ink of both agrees."""
    return float(np.mean(ink(picture) == ink(plain)))


def views(picture: Picture, *, joined: bool = False) -> list[View]:
    return list(further(Sight(picture), joined=joined))


def test_the_first_picture_has_a_margin_unless_print_touches_the_edge_or_is_ruled() -> None:
    plain = printed()
    shown = first(Sight(plain))
    assert shown.picture.shape == (72, plain.shape[1] + 12)
    assert np.array_equal(shown.picture[6:-6, 6:-6], plain)
    ruled = plain.copy()
    ruled[50:52, 5:-5] = 0
    rows = ink(plain).any(axis=1)
    for picture in (ruled, np.ascontiguousarray(plain[rows]), np.ascontiguousarray(plain[:, : plain.shape[1] // 2])):
        assert first(Sight(picture)).picture is picture


def test_of_clean_print_the_pictures_differ_by_their_margins_alone() -> None:
    plain = printed()
    letters = plain[ink(plain).any(axis=1)][:, ink(plain).any(axis=0)]
    for view in views(plain):
        print_ = ink(view.picture)
        assert np.array_equal(view.picture[print_.any(axis=1)][:, print_.any(axis=0)], letters)
    assert len({view.picture.shape for view in views(plain)}) == len(views(plain))


@pytest.mark.parametrize("size", [20, 30, 60])
def test_a_column_of_a_view_is_found_again_in_the_plain_picture(size: int) -> None:
    """The first and the last column of print, by `left` and `scale`."""
    plain = printed(size)
    wanted = np.flatnonzero(ink(plain).any(axis=0))[[0, -1]]
    for view in views(plain):
        own = np.flatnonzero(ink(view.picture).any(axis=0))[[0, -1]]
        assert (own - view.left) / view.scale == pytest.approx(wanted, abs=2 / view.scale)


def test_of_a_ruled_line_the_first_has_no_rule() -> None:
    plain = printed()
    ruled = plain.copy()
    ruled[50:52, 5:-5] = 0
    assert alike(views(ruled)[0].picture, plain) > 0.99
    assert views(ruled)[0].picture.shape == plain.shape


def test_where_letters_hang_together_a_stroke_is_no_rule() -> None:
    ruled = printed()
    ruled[50:52, 5:-5] = 0
    assert all(ink(view.picture).any(axis=0).sum() > 0.8 * ruled.shape[1] for view in views(ruled, joined=True))


def test_of_coloured_print_one_shows_the_channel_that_tells_most() -> None:
    """Blue on red of the same grey."""
    picture = coloured((0, 0, 255), (97, 0, 0))
    assert not ink(picture).any()
    assert any(
        alike(255 - view.picture, printed()) > 0.97 or alike(view.picture, printed()) > 0.97
        for view in views(picture)
        if view.picture.shape == printed().shape
    )


def test_of_faint_print_one_is_stretched() -> None:
    faint = printed(print_=215, paper=245)
    assert any(
        np.ptp(view.picture) == 255 and alike(view.picture, printed()) > 0.97
        for view in views(faint)
        if view.picture.shape == faint.shape
    )
    assert all(np.ptp(view.picture) >= 255 for view in views(printed()))


def test_of_noisy_print_one_is_smooth() -> None:
    noise = np.random.default_rng(3).normal(0, 40, printed().shape)
    noisy = (printed(print_=60, paper=200) + noise).clip(0, 255).astype(np.uint8)
    others = [view.picture for view in views(noisy) if view.picture is not noisy]
    smooth = [picture for picture in others if picture.shape == noisy.shape]
    assert smooth
    assert all(roughness(picture) < roughness(noisy) for picture in smooth)
    assert min(map(roughness, smooth)) < roughness(noisy) / 3
    assert max(alike(picture, printed()) for picture in smooth) > 0.95


def test_of_a_tall_line_one_is_small() -> None:
    assert 32 in [view.picture.shape[0] for view in views(printed(60))]
    assert 32 not in [view.picture.shape[0] for view in views(printed(20))]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (31_000, 1), (3, 3)])
@pytest.mark.parametrize("colour", [False, True])
def test_slivers_have_pictures_too(size: tuple[int, int], colour: bool) -> None:
    picture = np.full((*size, 3) if colour else size, 255, np.uint8)
    picture[0, 0] = 0
    assert all(view.picture.size for view in views(picture))


def test_what_is_visible_is_taken_as_it_is() -> None:
    assert visible(sight := Sight(printed())) is sight
    assert visible(Sight(np.full((50, 50, 3), 200, np.uint8))) is None


def test_print_that_differs_by_its_colour_alone_is_visible() -> None:
    seen = visible(Sight(coloured((0, 0, 255), (97, 0, 0))))
    assert seen is not None
    assert alike(seen.picture, printed()) > 0.97


def test_print_a_few_levels_from_its_paper_is_visible() -> None:
    faint = printed(print_=238, paper=252)
    seen = visible(Sight(faint))
    assert seen is not None
    assert seen.picture is faint
    assert alike(seen.grey, printed()) > 0.97
    assert any(np.ptp(view.picture) > 200 for view in further(seen))


def test_noise_is_not() -> None:
    noise = np.random.default_rng(5).normal(235, 3, (300, 800)).clip(0, 255).astype(np.uint8)
    assert visible(Sight(noise)) is None


def test_paper_is_not_stretched() -> None:
    paper = np.random.default_rng(5).integers(240, 246, (60, 300)).astype(np.uint8)
    assert stretched(paper) is paper
    assert best_channel(paper) is None
    assert best_channel(np.repeat(printed()[..., None], 3, axis=-1)) is None


def test_the_band_of_a_line_in_much_paper() -> None:
    picture = np.full((300, 1500), 255, np.uint8)
    line = printed()
    picture[100 : 100 + line.shape[0], 200 : 200 + line.shape[1]] = line
    rows, columns = np.nonzero(picture < 128)
    found = band(Sight(picture))
    assert found.left < columns.min() < columns.max() < found.right
    assert found.top < rows.min() < rows.max() < found.bottom
    assert found.height < 80
    assert found.width < line.shape[1] + 40


@pytest.mark.parametrize("picture", [printed()[8:52], np.full((40, 90), 255, np.uint8)])
def test_the_band_of_what_fills_its_rectangle_is_all_of_it(picture: Picture) -> None:
    assert band(Sight(picture)) == Rectangle(0, 0, picture.shape[1], picture.shape[0])


def test_a_band_holds_the_half_of_a_line_that_has_faded() -> None:
    picture = np.full((60, 120), 255, np.uint8)
    picture[20:36, 60:110:3] = 0
    picture[20:36, 10:60:3] = 235
    assert not Sight(picture).ink[:, :60].any()
    found = band(Sight(picture))
    assert (found.left, found.right) == (0, 120)
    assert (found.top, found.bottom) == (15, 41)


def test_a_band_leaves_out_the_tips_of_the_neighbours() -> None:
    picture = np.full((60, 200), 255, np.uint8)
    picture[20:36, 20:180:3] = 0
    picture[0:2, 30:60:3] = picture[56:60, 100:140:3] = 0
    found = band(Sight(picture))
    assert (found.top, found.bottom) == (15, 41)
    colon = np.full((60, 30), 255, np.uint8)
    colon[10:18, 10:18] = colon[40:48, 10:18] = 0
    assert band(Sight(colon)) == Rectangle(0, 0, 30, 60)
