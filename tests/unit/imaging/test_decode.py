"""Every kind of file and pixel that decode meets, and every way in which it refuses."""

from __future__ import annotations

import io
import warnings

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from whaleline.errors import UnreadableImage
from whaleline.imaging.decode import FORMATS, decode, describe, sniff
from whaleline.imaging.picture import Picture

WIDE, HIGH = 40, 30
ROOMY = 10_000_000


def ramp() -> np.ndarray:
    """Grey that grows from 0 at the left to 255 at the right, so that a mirrored or clipped picture shows."""
    return np.tile(np.linspace(0, 255, WIDE).astype(np.uint8), (HIGH, 1))


def patches() -> Image.Image:
    """Red, green, blue and white quarters."""
    image = Image.new("RGB", (WIDE, HIGH), "white")
    image.paste((255, 0, 0), (0, 0, WIDE // 2, HIGH // 2))
    image.paste((0, 255, 0), (WIDE // 2, 0, WIDE, HIGH // 2))
    image.paste((0, 0, 255), (0, HIGH // 2, WIDE // 2, HIGH))
    return image


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, name, **options)
    return target.getvalue()


def read(data: bytes) -> Picture:
    return decode(data, max_pixels=ROOMY)


def quarters(picture: Picture) -> list[list[int]]:
    h, w = picture.shape[:2]
    return [picture[y, x].tolist() for y in (h // 4, 3 * h // 4) for x in (w // 4, 3 * w // 4)]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_told_and_decoded(name: str) -> None:
    data = saved(patches(), name, **({"quality": 95, "subsampling": 0} if name == "JPEG" else {}))
    assert sniff(data) == name
    picture = read(data)
    assert picture.shape == (HIGH, WIDE, 3)
    assert picture.dtype == np.uint8
    wanted = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]])
    assert np.abs(np.array(quarters(picture), int) - wanted).max() <= 40  # WebP and JPEG lose a little


def test_grey_stays_grey() -> None:
    assert np.array_equal(read(saved(Image.fromarray(ramp()), "PNG")), ramp())


def test_one_bit_becomes_black_and_white() -> None:
    image = Image.fromarray(ramp()).convert("1", dither=Image.Dither.NONE)
    picture = read(saved(image, "PNG"))
    assert picture.shape == (HIGH, WIDE)
    assert set(np.unique(picture)) == {0, 255}
    assert picture[0, 0] == 0
    assert picture[0, -1] == 255


def test_group_4_fax_in_tiff() -> None:
    image = Image.fromarray(ramp()).convert("1", dither=Image.Dither.NONE)
    picture = read(saved(image, "TIFF", compression="group4"))
    assert np.array_equal(picture, np.asarray(image.convert("L")))


@pytest.mark.parametrize("name", ["GIF", "TIFF"])
def test_the_first_frame_counts(name: str) -> None:
    first, second = Image.new("L", (8, 8), 10), Image.new("L", (8, 8), 200)
    picture = read(saved(first, name, save_all=True, append_images=[second]))
    assert picture.shape[:2] == (8, 8)
    assert np.unique(picture).tolist() == [10]


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown upright after a quarter turn clockwise
    data = saved(Image.fromarray(ramp()).convert("RGB"), name, exif=exif)
    picture = read(data)
    assert picture.shape[:2] == (WIDE, HIGH)
    assert int(picture[0].mean()) < 20  # what was left is on top
    assert int(picture[-1].mean()) > 235


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "PA"])
def test_transparency_lies_on_white(mode: str) -> None:
    """Left half black and opaque, right half black and clear: the right half must not come out black."""
    alpha = Image.new("L", (WIDE, HIGH), 0)
    alpha.paste(255, (0, 0, WIDE // 2, HIGH))
    if mode == "P":
        image = Image.new("P", (WIDE, HIGH), 1)
        image.putpalette([0, 0, 0, 0, 0, 0])
        image.paste(0, (0, 0, WIDE // 2, HIGH))
        data = saved(image, "PNG", transparency=1)
    elif mode == "PA":
        image = Image.new("RGBA", (WIDE, HIGH), (0, 0, 0, 0))
        image.putalpha(alpha)
        data = saved(image.quantize(4), "PNG")  # a palette with alpha for each of its colours
    else:
        image = Image.new(mode, (WIDE, HIGH), 0)
        image.putalpha(alpha)
        data = saved(image, "PNG")
    picture = read(data)
    assert picture[:, : WIDE // 2].max() == 0
    assert picture[:, WIDE // 2 :].min() == 255


def test_half_transparent_black_is_mid_grey() -> None:
    picture = read(saved(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG"))
    assert abs(int(picture[0, 0, 0]) - 127) <= 1


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("name", ["PNG", "TIFF"])
def test_deep_grey_keeps_its_range(bits: int, name: str) -> None:
    deep = np.tile(np.linspace(0, 2**bits - 1, WIDE).astype(np.uint16), (HIGH, 1))
    picture = read(saved(Image.fromarray(deep), name))
    assert np.abs(picture.astype(int) - ramp()).max() <= 1


def test_deep_grey_that_counts_from_white() -> None:
    deep = np.tile(np.linspace(0, 65535, WIDE).astype(np.uint16), (HIGH, 1))
    data = saved(Image.fromarray(deep), "TIFF")
    entry = (262).to_bytes(2, "little") + (3).to_bytes(2, "little") + (1).to_bytes(4, "little")
    assert entry + b"\x01" in data
    data = data.replace(entry + b"\x01", entry + b"\x00")  # PhotometricInterpretation: WhiteIsZero
    assert np.abs(read(data).astype(int) - (255 - ramp().astype(int))).max() <= 1


@pytest.mark.parametrize(
    "values",
    [
        np.linspace(0, 1, WIDE).astype(np.float32),
        np.linspace(-1000, 1000, WIDE).astype(np.float32),
        np.linspace(-1000, 1000, WIDE).astype(np.int32),
        np.linspace(0, 2**20, WIDE).astype(np.float32),
    ],
    ids=["unit", "signed float", "signed", "large"],
)
def test_floating_point_and_32_bits_are_scaled(values: np.ndarray) -> None:
    picture = read(saved(Image.fromarray(np.tile(values, (HIGH, 1))), "TIFF"))
    assert np.abs(picture.astype(int) - ramp()).max() <= 1


def test_not_a_number_does_no_harm() -> None:
    values = np.full((4, 4), np.nan, np.float32)
    values[0, 0], values[1, 1] = np.inf, 1
    picture = read(saved(Image.fromarray(values), "TIFF"))
    assert picture[1, 1] == 255
    assert picture[0, 1] == 0


@pytest.mark.parametrize("name", ["TIFF", "JPEG"])
def test_cmyk_becomes_rgb(name: str) -> None:
    """White paper without ink must come out white: Adobe's JPEGs store it inverted."""
    data = saved(patches().convert("CMYK"), name, **({"quality": 95} if name == "JPEG" else {}))
    wanted = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]])
    assert np.abs(np.array(quarters(read(data)), int) - wanted).max() <= 40


def test_lab_becomes_rgb() -> None:
    image = Image.new("LAB", (4, 4), (255, 128, 128))  # L = 100, a = b = 0
    picture = read(saved(image, "TIFF"))
    assert picture.shape == (4, 4, 3)
    assert picture.min() >= 250


def test_ycbcr_becomes_rgb() -> None:
    data = saved(patches().convert("YCbCr"), "TIFF")
    assert np.abs(np.array(quarters(read(data))[0], int) - (255, 0, 0)).max() <= 5


def test_pixel_limit_is_told_with_its_numbers() -> None:
    with pytest.raises(UnreadableImage, match="40 x 30 = 1200 pixels; at most 1199"):
        decode(saved(patches(), "PNG"), max_pixels=1199)
    assert decode(saved(patches(), "PNG"), max_pixels=1200).shape == (HIGH, WIDE, 3)


def test_pixel_limit_is_looked_at_before_decoding() -> None:
    """A header that claims 30000 x 30000 over no data at all must fail by the limit, not by the missing data."""
    data = bytearray(saved(Image.new("L", (1, 1)), "BMP"))
    data[18:26] = (30000).to_bytes(4, "little") * 2
    with pytest.raises(UnreadableImage, match="900000000 pixels"):
        decode(bytes(data), max_pixels=128_000_000)


def test_pillows_own_limit_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read(saved(patches(), "PNG")).shape == (HIGH, WIDE, 3)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_short_is_refused(name: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (HIGH, WIDE), np.uint8)
    data = saved(Image.fromarray(noise), name)
    with pytest.raises(UnreadableImage, match=name):
        read(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x1cftypavif", "AVIF"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<svg/>", "SVG"),
        (b"<!DOCTYPE html><p>", "HTML"),
        (b"AT&TFORM\x00\x00\x00\x01DJVU", "DjVu"),
        (b"PK\x03\x04", "ZIP"),
        (b"hello there", "text"),
        ("Größe ".encode() * 300, "text"),
        (b"", "empty"),
        (b"\x01\x02\x03\xff", "an unknown format"),
    ],
)
def test_other_formats_are_refused_by_name(data: bytes, name: str) -> None:
    assert sniff(data) is None
    assert describe(data).startswith(name)
    with pytest.raises(UnreadableImage, match=name):
        read(data)


def test_nothing_is_warned(recwarn: pytest.WarningsRecorder) -> None:
    exif = b"Exif\x00\x00II*\x00\xff\xff\xff\xff"  # a directory beyond the end
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert read(saved(patches(), "JPEG", exif=exif)).shape == (HIGH, WIDE, 3)
    assert not recwarn.list


SAMPLES = [saved(patches(), name) for name in FORMATS] + [
    saved(patches().quantize(8), "GIF", transparency=1),
    saved(Image.fromarray(ramp()).convert("1"), "TIFF", compression="group4"),
    saved(patches().convert("CMYK"), "JPEG"),
    saved(Image.fromarray(ramp().astype(np.uint16) * 257), "PNG"),
    saved(patches(), "TIFF", compression="tiff_lzw"),
]


def only_a_picture_or_a_refusal(data: bytes) -> None:
    try:
        picture = decode(data, max_pixels=1_000_000)
    except UnreadableImage:
        pass
    else:
        assert picture.dtype == np.uint8
        assert picture.ndim == 2 or picture.shape[2:] == (3,)
        assert 0 < picture.shape[0] * picture.shape[1] <= 1_000_000


@given(st.sampled_from([b"", *(data[:12] for data in SAMPLES)]), st.binary(max_size=400))
def test_arbitrary_bytes(head: bytes, tail: bytes) -> None:
    only_a_picture_or_a_refusal(head + tail)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 7)), max_size=12))
def test_files_with_flipped_bits(sample: bytes, flips: list[tuple[int, int]]) -> None:
    data = bytearray(sample)
    for at, bit in flips:
        # Half of the flips go into the header, where the sizes and offsets are.
        data[at % (64 if at % 2 else len(data))] ^= 1 << bit
    only_a_picture_or_a_refusal(bytes(data))


def test_opencv_and_decode_agree_on_the_order_of_colours() -> None:
    _, encoded = cv2.imencode(".png", np.full((2, 2, 3), (0, 0, 255), np.uint8))  # red, as OpenCV writes it
    assert read(encoded.tobytes())[0, 0].tolist() == [255, 0, 0]
