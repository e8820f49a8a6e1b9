"""Any bytes at all to the decoder: a picture within the limits or UnreadableImage, and nothing else."""

from __future__ import annotations

import driver

with driver.instrumented("PIL", "whaleline.documents", "whaleline.imaging"):
    import corpus
    from whaleline.documents import FORMATS, Document, Limits
    from whaleline.errors import UnreadableImage

_MOST = 250_000  # pixels; more would cost time and find nothing new


def one(data: bytes) -> None:
    """Decode one input."""
    try:
        document = Document(data, Limits(max_pixels=_MOST, max_side=2000, max_pages=20))
        picture = document.page(len(document)).picture
    except UnreadableImage as error:
        assert str(error)
        return
    height, width = picture.shape[:2]
    assert picture.dtype == "uint8"
    assert picture.shape[2:] in ((), (3,))
    assert 0 < height * width <= _MOST


def seeds() -> list[bytes]:
    """A small file of each format and kind of pixel, and the small ones of the hostile corpus."""
    picture = corpus.noise(12, 9)
    plain = [corpus.saved(picture, each.plugin) for each in FORMATS if each.plugin not in ("", "HEIF")]
    kinds = [
        corpus.saved(picture.quantize(8), "GIF", transparency=1),
        corpus.saved(picture.convert("1"), "TIFF", compression="group4"),
        corpus.saved(picture, "TIFF", compression="tiff_lzw"),
        corpus.saved(picture, "TIFF", compression="jpeg"),
        corpus.saved(picture.convert("CMYK"), "JPEG", progressive=True),
        corpus.saved(picture.convert("RGBA"), "PNG"),
        corpus.saved(picture, "WEBP", lossless=True),
        corpus.saved(picture, "TIFF", save_all=True, append_images=[picture.convert("L")]),
        corpus.HEIC,
        corpus.pdf(corpus.Sheet((9, 9), picture, "a"), corpus.Sheet((20, 9))),
        corpus.pdf_of(corpus.pdf_stream(b"0 0 99 99 re f")),
        corpus.djvu(picture, picture),
        corpus.svg_picture(corpus.saved(picture, "PNG")),
        corpus.svg('<g id="g"><text x="9" y="9">a</text></g><use xlink:href="#g"/>'),
    ]
    hostile = [make() for make, _ in (corpus.SOUND | corpus.REFUSED).values()]
    return plain + kinds + [data for data in hostile if len(data) < driver.LONGEST]


if __name__ == "__main__":
    driver.run(one, seeds)
