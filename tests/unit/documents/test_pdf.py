"""Pages of PDF files as pictures: their resolution, their turn, what is drawn on them, and what opens them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image

import corpus
from corpus import Sheet, first_page
from whaleline.documents import Document
from whaleline.errors import UnreadableImage

A4 = (595, 842)


def scan(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(3).integers(0, 2, (height, width), np.uint8) * 255)


@pytest.mark.parametrize("dpi", [100, 200, 300, 400])
def test_a_scan_is_drawn_in_its_own_pixels(dpi: int) -> None:
    image = scan(4 * dpi, 3 * dpi)
    page = first_page(corpus.pdf(Sheet((4 * 72, 3 * 72), image)))
    assert page.drawn
    assert page.dpi == pytest.approx(dpi)
    assert np.array_equal(page.picture, np.asarray(image))


def test_a_hidden_layer_of_text_does_not_make_a_scan_coarser_or_finer() -> None:
    page = first_page(corpus.pdf(Sheet((288, 216), scan(800, 600), "Queequeg", hidden=True)))
    assert page.dpi == pytest.approx(200)


def test_a_page_without_an_image_is_drawn_at_300_dpi() -> None:
    page = first_page(corpus.pdf(Sheet(A4, text="Queequeg")))
    assert page.dpi == 300
    assert page.picture.shape == (3509, 2480)
    assert page.picture.min() == 0


def test_print_over_a_coarse_background_is_drawn_at_300_dpi() -> None:
    assert first_page(corpus.pdf(Sheet((288, 216), corpus.noise(400, 300), "Queequeg"))).dpi == 300


def test_a_fine_image_is_drawn_at_600_dpi_at_most() -> None:
    assert first_page(corpus.pdf(Sheet((72, 72), scan(1200, 1200)))).dpi == 600


def test_a_background_of_one_pixel_is_no_scan() -> None:
    assert first_page(corpus.pdf(Sheet(A4, corpus.grey(1, 1)))).dpi == 300


@pytest.mark.parametrize(("degrees", "corner"), [(0, (0, 0)), (90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_a_page_is_turned_as_it_says(degrees: int, corner: tuple[int, int]) -> None:
    image = Image.new("L", (300, 200), 255)
    image.paste(0, (0, 0, 20, 20))
    picture = first_page(corpus.pdf(Sheet((72, 48), image, rotate=degrees))).picture
    assert picture.shape == ((200, 300) if degrees % 180 == 0 else (300, 200))
    assert picture[corner] == 0
    assert np.count_nonzero(picture == 0) == 400


def test_colour_stays_colour() -> None:
    picture = first_page(corpus.pdf(Sheet((36, 36), Image.new("RGB", (150, 150), (250, 10, 20))))).picture
    assert picture[75, 75].tolist() == [250, 10, 20]


@pytest.mark.parametrize("is_note", [False, True])
def test_what_is_coloured_on_a_grey_scan_stays_coloured(is_note: bool) -> None:
    with pikepdf.open(io.BytesIO(corpus.pdf(Sheet((72, 72), Image.new("L", (300, 300), 128))))) as document:
        page, red = document.pages[0], b"1 0 0 rg 0 0 36 36 re f"
        if is_note:
            drawn = document.make_stream(red)
            drawn.Type, drawn.Subtype, drawn.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 36, 36]
            note = {"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Stamp, "/Rect": [0, 0, 36, 36]}
            page.Annots = [pikepdf.Dictionary(note | {"/F": 4, "/AP": pikepdf.Dictionary(N=drawn)})]
        else:
            page.contents_add(red)
        target = io.BytesIO()
        document.save(target)
    picture = first_page(target.getvalue()).picture
    assert picture[250, 50].tolist() == [255, 0, 0]
    assert picture[50, 250].tolist() == [128, 128, 128]


def test_a_large_page_is_drawn_more_coarsely_and_says_so() -> None:
    page = first_page(corpus.pdf(Sheet((720, 720))), max_pixels=1_000_000)
    assert 990_000 < page.picture.size <= 1_000_000
    assert page.dpi == pytest.approx(100, abs=1)
    (note,) = page.notes
    assert note.startswith("the page was drawn at 100 dpi rather than 300, since at most 1000000 pixels")


def test_what_is_filled_into_a_form_is_drawn() -> None:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(144, 72))
    black = pikepdf.Stream(document, b"0 g 0 0 144 72 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    black.BBox = [0, 0, 144, 72]
    field = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, Rect=[0, 0, 144, 72]
        )
    )
    field.FT = pikepdf.Name.Tx
    field.T, field.F, field.AP = pikepdf.String("name"), 4, pikepdf.Dictionary(N=black)
    page.Annots = pikepdf.Array([field])
    document.Root.AcroForm = document.make_indirect(pikepdf.Dictionary(Fields=[field]))
    target = io.BytesIO()
    document.save(target)
    assert first_page(target.getvalue()).picture.mean() < 50


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_an_empty_password_opens_by_itself_and_another_is_asked_for(revision: int) -> None:
    options: dict[str, Any] = {"R": revision, "aes": revision >= 4, "metadata": revision >= 4}
    for user in ("", "secret"):
        data = corpus.pdf(Sheet(), encryption=pikepdf.Encryption(owner="owner", user=user, **options))
        if user:
            with pytest.raises(UnreadableImage, match="is encrypted and opens with a password only"):
                Document(data)
        else:
            assert len(Document(data)) == 1


def test_a_file_without_pages_is_not_called_encrypted_after_one_that_is() -> None:
    with pytest.raises(UnreadableImage, match="password"):
        Document(corpus.pdf(Sheet(), encryption=pikepdf.Encryption(user="secret")))
    with pytest.raises(UnreadableImage, match="damaged"):
        Document(corpus.pdf())


def test_a_file_that_lost_its_end_is_repaired() -> None:
    data = corpus.pdf(Sheet(A4, text="Queequeg"), object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert first_page(data[: data.rindex(b"xref")]).picture.min() == 0


def test_pages_come_in_any_order() -> None:
    sheets = [Sheet((72, 72), Image.new("L", (300, 300), 40 * number)) for number in range(5)]
    document = Document(corpus.pdf(*sheets))
    assert [int(document.page(number).picture[9, 9]) for number in (5, 1, 3)] == [160, 0, 80]
