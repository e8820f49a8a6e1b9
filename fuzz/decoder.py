"""Any bytes at all to the decoder: a picture within the limits or UnreadableImage, and nothing else."""

from __future__ import annotations

import driver

with driver.instrumented("PIL", "whaleline.imaging"):
    import corpus
    from whaleline.errors import UnreadableImage
    from whaleline.imaging import decode

_MOST = 250_000  # pixels; more would cost time and find nothing new


def one(data: bytes) -> None:
    """Decode one input."""
    try:
        picture = decode.decode(data, max_pixels=_MOST, max_side=2000)
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
    plain = [corpus.saved(picture, name) for name in decode.FORMATS]
    kinds = [
        corpus.saved(picture.quantize(8), "GIF", transparency=1),
        corpus.saved(picture.convert("1"), "TIFF", compression="group4"),
        corpus.saved(picture, "TIFF", compression="tiff_lzw"),
        corpus.saved(picture, "TIFF", compression="jpeg"),
        corpus.saved(picture.convert("CMYK"), "JPEG", progressive=True),
        corpus.saved(picture.convert("RGBA"), "PNG"),
        corpus.saved(picture, "WEBP", lossless=True),
    ]
    hostile = [make() for make, _ in (corpus.SOUND | corpus.REFUSED).values()]  # type: ignore[operator]
    return plain + kinds + [data for data in hostile if len(data) < driver.LONGEST]


if __name__ == "__main__":
    driver.run(one, seeds)
