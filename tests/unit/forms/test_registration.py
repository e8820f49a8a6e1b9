"""How scans and photographs lie against their form, and that other pages are told."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper_forms import DPI, PaperForm, draw, fill, relative
from scanners import Taken, photograph, scan
from whaleline.forms import registration
from whaleline.forms.drift import Grid
from whaleline.forms.evidence import Evidence
from whaleline.forms.form_picture import FormPicture, form_picture
from whaleline.forms.laying import SURE
from whaleline.forms.likeness import missing
from whaleline.forms.registration import Registration, ScanPicture
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, resized

HALF = 0.5  # of what is drawn: 150 dpi
BENT = 9  # a seed


def register(picture: FormPicture, page: Picture) -> Registration | None:
    return registration.register(picture, ScanPicture(page))


@cache
def form(seed: int, layout: str) -> tuple[PaperForm, FormPicture, tuple[Rectangle, ...]]:
    paper = draw(seed, layout)
    fields = tuple(field.scaled(HALF) for field in paper.fields.values())
    return paper, form_picture(resized(paper.page, HALF), fields), fields


def at_half(taken: Taken) -> float:
    a, b = taken.place(np.array([[450.0, 300], [550, 300]]))
    return float(np.hypot(*(a - b))) / 100


def off(found: Registration | None, taken: Taken, fields: tuple[Rectangle, ...]) -> float:
    """By how many pixels of 150 dpi a field's corner is off at most."""
    assert found is not None
    corners = np.array([corner for field in fields for corner in field.corners], np.float64)
    apart = np.hypot(*(found.placement.points(corners) - taken.place(corners / HALF)).T)
    return float(apart.max()) / at_half(taken) * HALF


@pytest.mark.parametrize("seed", range(2))
def test_a_page_is_scanned_with_the_same_noise_where_it_is_not_moved(seed: int) -> None:
    middle = slice(200, 500)
    paper = np.full((1011, 638), 128, np.uint8)
    moved, unmoved = (scan(paper, DPI, seed, plain=plain).picture[middle, 100:300] for plain in (False, True))
    assert moved.std() == pytest.approx(unmoved.std(), rel=0.1)


@pytest.mark.parametrize("layout", ["comb", "checks"])
def test_a_filled_scan_is_laid_to_the_pixel(layout: str) -> None:
    paper, picture, fields = form(4, layout)
    taken = scan(fill(paper, 4, stamps=2), DPI, 11)
    found = register(picture, taken.picture)
    assert off(found, taken, fields) < 3, taken.told
    assert found is not None
    assert min(found.certainty_of(field) for field in fields) > SURE


def test_a_page_with_hardly_any_print_is_not_faint() -> None:
    page = np.random.default_rng(1).normal(230, 3, (1400, 1000)).clip(0, 255).astype(np.uint8)
    cv2.rectangle(page, (300, 300), (700, 700), 20, 2)
    assert ScanPicture(page).flat is page


def test_a_faint_scan_is_laid_as_any_other() -> None:
    paper, picture, fields = form(4, "boxes")
    taken = scan(fill(paper, 4), DPI, 11)
    faint = np.asarray(np.clip(220 - 0.15 * (255.0 - taken.picture), 0, 255), np.uint8)
    found = register(picture, faint)
    assert found is not None
    assert found.certainty > SURE
    assert off(found, taken, fields) < 3, taken.told


def test_a_photograph_of_a_curled_sheet_is_followed() -> None:
    paper, picture, fields = form(4, "boxes")
    taken = photograph(fill(paper, 4), DPI, BENT)
    assert "bend 0" not in taken.told
    assert off(register(picture, taken.picture), taken, fields) < 3, taken.told


def test_a_card_with_print_on_one_side_is_laid_by_its_edges() -> None:
    paper, picture, fields = form(6, "card")
    taken = photograph(fill(paper, 6), DPI, 16)
    assert off(register(picture, taken.picture), taken, fields) < 3, taken.told


@pytest.mark.parametrize("seed", [110, 145])
def test_a_card_on_a_flatbed_is_laid_straight_where_it_has_no_print(seed: int) -> None:
    paper, picture, fields = form(seed, "card")
    taken = scan(fill(paper, seed), DPI, seed)
    found = register(picture, taken.picture)
    assert off(found, taken, fields) < 1.5, taken.told
    assert found is not None
    assert min(found.certainty_of(field) for field in fields) > SURE


def test_a_scan_that_is_coarser_than_the_forms_picture_is_sure() -> None:
    paper = draw(119, "card")
    finer = 0.7
    fields = tuple(field.scaled(finer) for field in paper.fields.values())
    taken = scan(fill(paper, 119), DPI, 119)
    assert taken.told.startswith("100 dpi")
    found = register(form_picture(resized(paper.page, finer), fields), taken.picture)
    assert found is not None
    assert found.certainty > SURE


def test_noise_of_the_forms_picture_is_no_print_that_scans_lack() -> None:
    paper = draw(141, "card")
    source = scan(fill(paper, 142, share=0.5), DPI, 141, plain=True).picture
    picture = resized(source, 500 / source.shape[1])
    fields = tuple(field.scaled(500 / paper.page.shape[1]) for field in paper.fields.values())
    taken = scan(fill(paper, 141), DPI, 141)
    found = register(form_picture(picture, fields), taken.picture)
    assert found is not None
    assert found.certainty > SURE


def test_a_form_of_which_the_picture_shows_a_part_is_not_drawn_to_the_sheets_edges() -> None:
    paper, _, fields = form(6, "card")
    cut = 16  # pixels, within those that are searched for the edge
    part = resized(paper.page, HALF)[cut:-cut, cut:-cut]
    moved = tuple(field.moved(-cut, -cut) for field in fields)
    taken = photograph(fill(paper, 6), DPI, 6)
    found = register(form_picture(np.ascontiguousarray(part), moved), taken.picture)
    assert found is not None
    corners = np.array([corner for field in moved for corner in field.corners], np.float64)
    apart = np.hypot(*(found.placement.points(corners) - taken.place((corners + cut) / HALF)).T)
    assert float(apart.max()) / at_half(taken) * HALF < cut / 2, taken.told


@pytest.mark.sampled(2)
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_quarter_turns_are_seen(quarters: int) -> None:
    paper, picture, fields = form(4, "table")
    turned = np.ascontiguousarray(np.rot90(resized(paper.page, HALF), -quarters))
    found = register(picture, turned)
    assert found is not None
    (left, top) = found.placement.corners(fields[0])[0]
    height, width = paper.page.shape
    x, y = fields[0].left, fields[0].top
    wanted = [(x, y), (height * HALF - y, x), (width * HALF - x, height * HALF - y), (y, width * HALF - x)][quarters]
    assert (left, top) == pytest.approx(wanted, abs=0.7)


@pytest.mark.parametrize("layout", ["boxes", "sparse"])
def test_a_page_of_another_form_is_told(layout: str) -> None:
    _, picture, _ = form(4, "boxes")
    other = draw(5, layout)
    found = register(picture, scan(fill(other, 5), DPI, 5).picture)
    assert found is None or found.certainty < SURE / 2


def test_a_form_with_the_same_table_and_other_words_is_told() -> None:
    paper, picture, _ = form(1, "table")
    other = draw(1, "table", renamed=1.0)
    assert other.fields == paper.fields
    found = register(picture, scan(fill(other, 1), DPI, 1).picture)
    assert found is None or found.certainty < SURE / 2


@pytest.mark.parametrize("layout", ["lines", "card"])
def test_a_relative_of_which_most_print_is_the_forms_is_told(layout: str) -> None:
    paper, picture, _ = form(4, layout)
    other = relative(paper, 4)
    assert (other.page != paper.page).any()
    found = register(picture, scan(fill(other, 4), DPI, 4).picture)
    assert found is None or found.certainty < SURE


def test_a_page_is_not_sure_where_clear_frames_lie_beside_their_places() -> None:
    paper, picture, _ = form(4, "boxes")
    page = paper.page.copy()
    for field in list(paper.fields.values())[::3]:
        rows, columns = slice(field.top - 8, field.bottom + 8), slice(field.left - 8, field.right + 16)
        page[rows, columns] = np.roll(page[rows, columns], 8, axis=1)
    for shown, is_sure in ((paper.page, True), (page, False)):
        found = register(picture, resized(shown, HALF))
        assert found is not None
        assert (found.certainty > SURE) == is_sure


def test_print_that_other_print_has_the_place_of_is_missing_and_print_under_a_stamp_is_not() -> None:
    random = np.random.default_rng(3)
    blank = np.full((1400, 1000), 255, np.uint8)
    one, other = (blank.copy() for _ in range(2))
    for page in (one, other):
        for y in range(60, 1400, 45):
            cv2.putText(page, "".join(map(chr, random.integers(65, 91, 40))), (20, y), cv2.FONT_HERSHEY_PLAIN, 2, 0, 2)
    half = np.concatenate([one[:700], other[700:]])
    stamped = np.asarray(cv2.circle(one.copy(), (500, 700), 200, 0, 9), np.uint8)
    mask = np.full(one.shape, 255, np.uint8)
    assert missing(one, half, mask) > 0.25  # other lines of text at the same places are a little alike
    assert missing(one, stamped, mask) < 0.03
    mask[650:] = 0
    assert missing(one, half, mask) == 0


def test_print_with_writing_beside_it_is_not_missing() -> None:
    blank = np.full((1400, 1000), 255, np.uint8)
    for y in range(60, 1400, 90):
        cv2.rectangle(blank, (100, y), (900, y + 60), 0, 2)
    filled = blank.copy()
    for y in range(60, 1400, 90):  # in boxes that no field of the template is in
        cv2.putText(filled, f"Written {y * 731}", (120, y + 45), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 0, 4)
    mask = np.full(blank.shape, 255, np.uint8)
    assert missing(blank, filled, mask) < 0.01
    assert missing(filled, blank, mask) > 0.1


def test_a_form_with_print_on_most_of_its_paper_has_corners() -> None:
    page = np.full((1400, 200), 255, np.uint8)
    for y in range(0, 1400, 24):
        cv2.putText(page, f"Mg{y * 7919}", (0, y + 20), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    assert len(form_picture(page, ()).corners) > 100


def test_a_field_far_from_all_print_is_less_sure_than_one_amid_it_although_the_print_lies_straight() -> None:
    page = np.full((1400, 1000), 255, np.uint8)
    for row in range(4):
        cv2.putText(page, f"Line {row} of {row * 37}", (60, 80 + 40 * row), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    near, far = Rectangle(400, 130, 600, 160), Rectangle(800, 1350, 1000, 1380)
    from_above = np.array([[1, 0, 0], [0, 1, 0], [0, 1e-5, 1]])  # 20 pixels at the far end, and none in the print
    seen = np.asarray(cv2.warpPerspective(page, from_above, (1000, 1400)), np.uint8)
    found = register(form_picture(page, [near, far]), seen)
    assert found is not None
    assert found.certainty_of(far) < SURE < found.certainty_of(near)


def test_a_blank_page_lies_nowhere() -> None:
    _, picture, _ = form(4, "boxes")
    blank: Picture = np.full((40, 30), 200, np.uint8)
    assert register(picture, blank) is None
    assert register(form_picture(blank, ()), blank) is None


@given(st.lists(st.floats(-150, 150), min_size=8, max_size=8), st.floats(-180, 180), st.floats(0.5, 2))
def test_a_mesh_of_any_homography_maps_there_and_back(shifts: list[float], degrees: float, zoom: float) -> None:
    width, height = 800, 1100
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = cv2.getRotationMatrix2D((400, 550), degrees, zoom)
    moved = corners @ turn[:, :2].T + turn[:, 2] + np.array(shifts).reshape(4, 2) * zoom
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, moved.astype(np.float32)), np.float64)
    grid = Grid(width, height)
    points = np.random.default_rng(1).uniform(0, 1, (50, 2)) * [width, height]
    there = grid.mesh(matrix, grid.still).points(points)
    back = cv2.perspectiveTransform(there[None], np.linalg.inv(matrix))[0]
    assert np.abs(back - points).max() < 1.5  # bilinear between the nodes


def test_the_drift_follows_most_points_and_bends_no_more_than_they_do() -> None:
    grid = Grid(800, 1100)
    random = np.random.default_rng(2)
    at = random.uniform(0, 1, (300, 2)) * [800, 1100]
    true = np.stack([4 + at[:, 0] * 0.01, 8 * np.sin(at[:, 1] / 350)], axis=1)
    moved = true + random.normal(0, 0.3, true.shape)
    moved[::5] += random.uniform(-40, 40, moved[::5].shape)  # what was written over the print
    drift = grid.fit(Evidence(at, moved, np.ones(at.shape)), 1.0, np.eye(3))
    assert np.abs(grid.shares(at).of(drift.nodes) - true).max() < 1.0
    assert drift.strays(grid.shares(at)).max() < 2


def test_a_single_point_does_not_bend_a_page_where_it_has_no_other_print() -> None:
    grid, random = Grid(800, 1100), np.random.default_rng(3)
    at = np.concatenate([random.uniform(0, 1, (50, 2)) * [400, 600], [[700.0, 1000.0]]])
    moved = random.normal(0, 0.05, at.shape)
    moved[-1] = [9, 7]  # writing that looks alike in both pictures
    drift = grid.fit(Evidence(at, moved, np.ones(at.shape)), 1.0, np.eye(3))
    assert np.abs(drift.at(grid.shares(np.array([[800.0, 1100.0]])))).max() < 1


def test_what_is_less_than_a_pixel_of_the_scan_does_not_bend_a_page() -> None:
    grid, random = Grid(800, 1100), np.random.default_rng(3)
    at = random.uniform(0, 1, (60, 2)) * [400, 1100]
    moved = random.normal(0, 0.1, at.shape)
    moved[:, 0] += 4 * (at[:, 0] / 400) ** 2  # half a pixel off a straight line at most
    for coarse, is_bent in ((1.0, True), (4.0, False)):
        drift = grid.fit(Evidence(at, moved, np.ones(at.shape)), 1.0, np.eye(3), coarse)
        across = drift.nodes[:, 0].reshape(grid.rows, grid.columns)
        assert (np.abs(np.diff(across, n=2)).max() > 1e-3) == is_bent
