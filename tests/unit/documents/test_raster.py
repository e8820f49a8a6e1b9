"""Every kind of image file and pixel, and every way in which one is refused."""

from __future__ import annotations

import io
import re
import warnings

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import corpus
from corpus import first_page
from whaleline.documents import FORMATS, Document, tiff
from whaleline.documents.formats import sniff
from whaleline.errors import UnreadableImage
from whaleline.imaging.picture import Picture

SAVED = {each.plugin: each.name for each in FORMATS if each.plugin not in ("", "HEIF")}  # for HEIC is no encoder
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
    return first_page(data, max_pixels=ROOMY).picture


def quarters(picture: Picture) -> list[list[int]]:
    h, w = picture.shape[:2]
    return [picture[y, x].tolist() for y in (h // 4, 3 * h // 4) for x in (w // 4, 3 * w // 4)]


@pytest.mark.parametrize("name", SAVED)
def test_every_format_is_told_and_decoded(name: str) -> None:
    data = saved(patches(), name, **({"quality": 95, "subsampling": 0} if name == "JPEG" else {}))
    found = sniff(data)
    assert found is not None
    assert found.plugin == name
    picture = read(data)
    assert picture.shape == (HIGH, WIDE, 3)
    assert picture.dtype == np.uint8
    wanted = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]])
    assert np.abs(np.array(quarters(picture), int) - wanted).max() <= 40  # WebP and JPEG lose a little


def test_heic_is_read() -> None:
    picture = read(corpus.HEIC)
    assert picture.shape == (HIGH, WIDE, 3)
    wanted = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]])
    assert np.abs(np.array(quarters(picture), int) - wanted).max() <= 40


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


@pytest.mark.parametrize("name", ["GIF", "WEBP", "AVIF"])
def test_the_first_frame_is_the_page(name: str) -> None:
    first, second = Image.new("L", (8, 8), 10), Image.new("L", (8, 8), 200)
    document = Document(saved(first, name, save_all=True, append_images=[second]))
    assert len(document) == 1
    picture = document.page(1).picture
    assert picture.shape[:2] == (8, 8)
    assert picture.max() <= 20


@pytest.mark.parametrize("frames", [1, 2])
def test_pages_that_a_tiff_has_lost_are_told_at_its_last_one(frames: int) -> None:
    """The directory of a frame says where the next one is: with the file's last frames its end is cut off."""
    images = [Image.new("L", (8, 8), 10 * number) for number in range(3)]
    data = saved(images[0], "TIFF", save_all=True, append_images=images[1:])
    document = Document(data[: tiff.directories(data, 9)[0][frames].offset])
    notes = [document.page(number).notes for number in range(1, frames + 1)]
    assert notes == [()] * (frames - 1) + [("the TIFF file is cut short; the pages after this one are missing",)]
    assert Document(data).page(3).notes == ()


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"compression": "jpeg"}, {"big_tiff": True}])
def test_each_frame_of_a_tiff_is_a_page(options: dict[str, object]) -> None:
    """Of sizes and kinds of their own, read in any order."""
    frames = [Image.new("L", (8, 8), 10), Image.new("RGB", (16, 8), (200, 0, 0)), Image.new("L", (8, 24), 90)]
    document = Document(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:], **options))
    assert len(document) == 3
    assert document.page(3).picture.shape == (24, 8)
    assert abs(int(document.page(2).picture[0, 0, 0]) - 200) < 5
    assert document.page(2).picture.shape == (8, 16, 3)
    assert abs(int(document.page(1).picture.max()) - 10) < 5


@pytest.mark.parametrize(("dpi", "told"), [(200, 200), (1, None), (99_999, None)])
def test_a_resolution_is_told_where_it_may_be_true(dpi: int, told: int | None) -> None:
    page = first_page(saved(patches(), "JPEG", dpi=(dpi, dpi)))
    assert page.dpi == told
    assert not page.drawn


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


def test_light_print_on_transparency_lies_on_black() -> None:
    """On white it would be lost."""
    image = Image.new("RGBA", (WIDE, HIGH), (0, 0, 0, 0))
    image.paste((255, 250, 230, 255), (5, 5, 20, 20))
    picture = read(saved(image, "PNG"))
    assert picture[10, 10].tolist() == [255, 250, 230]
    assert picture[25, 30].tolist() == [0, 0, 0]


def test_light_paper_with_dark_print_and_clear_corners_lies_on_white() -> None:
    image = Image.new("RGBA", (WIDE, HIGH), (0, 0, 0, 0))
    image.paste((250, 250, 250, 255), (2, 2, WIDE - 2, HIGH - 2))
    image.paste((20, 20, 20, 255), (10, 10, 30, 14))
    picture = read(saved(image, "PNG"))
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[12, 20].tolist() == [20, 20, 20]


@pytest.mark.parametrize("name", ["PNG", "BMP"])
def test_alpha_of_0_everywhere_hides_nothing(name: str) -> None:
    image = patches().convert("RGBA")
    image.putalpha(0)
    picture = read(corpus.bmp_with_alpha(image) if name == "BMP" else saved(image, name))
    assert quarters(picture) == [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]


def test_alpha_in_a_bmp_counts_where_it_is_used() -> None:
    image = patches().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, WIDE // 2, HIGH // 2))
    assert quarters(read(corpus.bmp_with_alpha(image)))[0] == [255, 255, 255]


CHECKS = np.indices((6, 8)).sum(0) % 2
"""Black and white by turns, the top left one black."""


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_a_bmp_with_a_palette_of_black_and_white(bits: int) -> None:
    picture = read(corpus.bmp_indices(CHECKS, bits))
    assert np.array_equal(picture.reshape(6, 8, -1)[..., 0], CHECKS * 255)


@pytest.mark.parametrize(("bits", "white"), [(4, b"\x11"), (8, b"\x01")])
def test_a_bmp_by_run_lengths_with_a_palette_of_black_and_white(bits: int, white: bytes) -> None:
    """Each row is a black pixel and seven white ones."""
    indices = np.tile([0, 1, 1, 1, 1, 1, 1, 1], (2, 1))
    row = b"\x01\x00\x07" + white + b"\0\0"
    picture = read(corpus.bmp_indices(indices, bits, packed=row * 2 + b"\0\1"))
    assert np.array_equal(picture[..., 0], indices * 255)


def test_a_bmp_whose_palette_is_its_indices() -> None:
    indices = np.tile(np.arange(16), (4, 1))
    assert np.array_equal(read(corpus.bmp_indices(indices, 4, grey=16))[..., 0], indices)


def test_a_tiff_palette_of_8_bits() -> None:
    picture = read(corpus.tiff_dark_palette(CHECKS.astype(np.uint8), [(10, 20, 30), (250, 240, 230)]))
    assert picture[0, 0].tolist() == [10, 20, 30]
    assert picture[0, 1].tolist() == [250, 240, 230]


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32])
def test_all_of_a_whole_numbers_range_is_seen(kind: type[np.integer]) -> None:
    span = np.iinfo(kind)
    values = np.tile(
        np.linspace(span.min, span.max, WIDE, dtype=np.float64).clip(span.min, span.max).astype(kind), (HIGH, 1)
    )
    assert np.abs(read(corpus.tiff_of(values)).astype(int) - ramp()).max() <= 1


@pytest.mark.parametrize("outlier", [1e9, -1e9])
@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_an_outlier_does_not_darken_the_rest(kind: type[np.number], outlier: float) -> None:
    values = np.tile(np.linspace(0, 1 if kind is np.float32 else 4095, WIDE).astype(kind), (HIGH, 1))
    values[3, 3] = outlier
    difference = np.abs(read(corpus.tiff_of(values)).astype(int) - ramp())
    difference[3, 3] = 0
    assert difference.max() <= 1


def test_an_outlier_of_16_bits_does_not_darken_12() -> None:
    values = np.tile(np.linspace(0, 4095, WIDE).astype(np.uint16), (HIGH, 1))
    values[3, 3] = 65535
    assert np.abs(read(corpus.tiff_of(values))[4:].astype(int) - ramp()[4:]).max() <= 1


def test_a_point_on_an_empty_page_is_no_outlier() -> None:
    values = np.ones((1000, 1000), np.float32)
    values[500:503, 500:503] = 0
    picture = read(corpus.tiff_of(values))
    assert picture[501, 501] == 0
    assert picture[0, 0] == 255


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_without_its_end_is_read_whole_and_says_so(mode: str, progressive: bool) -> None:
    data = saved(patches().convert(mode), "JPEG", progressive=progressive)
    frame = first_page(data[:-2], max_pixels=ROOMY)
    assert np.array_equal(frame.picture, read(data))
    assert frame.notes == ("the JPEG file is cut short and was read as far as it goes",)
    assert first_page(data, max_pixels=ROOMY).notes == ()


def test_a_jpeg_that_is_cut_short_says_how_much_is_missing() -> None:
    image = corpus.noise(40, 320).convert("L")
    data = saved(image, "JPEG")
    frame = first_page(data[: len(data) // 2], max_pixels=ROOMY)
    (note,) = frame.notes
    match = re.fullmatch(r".*as far as it goes; the last (\d+) of 320 rows of pixels are missing", note)
    assert match
    there = 320 - int(match[1])
    assert 100 < there < 220
    whole = read(data)
    assert np.array_equal(frame.picture[: there - 8], whole[: there - 8])
    assert np.unique(frame.picture[there:]).tolist() == [128]


def test_a_comment_with_a_wrong_checksum_does_not_matter() -> None:
    assert read(corpus.png_bad_checksum(b"tEXt")).min() == 255


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (corpus.tiff_of(np.ones((4, 4), np.float64)), "unknown pixel mode"),
        (corpus.tiff_of(np.ones((3, 4, 4), np.uint16), photometric=2), "planes of more than 8 bits"),
        (corpus.tiff(*corpus.frame(4, 4, compression=34712), data=bytes(16)), "compression 34712"),
        (corpus.bmp(4, 4, coding=4, data=bytes(16)), "compression"),
        (saved(patches(), "JPEG").replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"), "12-bit"),
    ],
    ids=["float64", "planes", "JPEG 2000 in TIFF", "JPEG in BMP", "JPEG of 12 bits"],
)
def test_what_is_not_supported_is_not_called_damaged(data: bytes, what: str) -> None:
    with pytest.raises(UnreadableImage, match=f"file is of a kind that is not supported: .*{what}"):
        read(data)


def test_pixel_limit_is_told_with_its_numbers() -> None:
    with pytest.raises(UnreadableImage, match="40 x 30 = 1200 pixels; at most 1199"):
        first_page(saved(patches(), "PNG"), max_pixels=1199)
    assert first_page(saved(patches(), "PNG"), max_pixels=1200).picture.shape == (HIGH, WIDE, 3)


def test_pixel_limit_is_looked_at_before_decoding() -> None:
    """A header that claims 30000 x 30000 over no data at all must fail by the limit, not by the missing data."""
    data = bytearray(saved(Image.new("L", (1, 1)), "BMP"))
    data[18:26] = (30000).to_bytes(4, "little") * 2
    with pytest.raises(UnreadableImage, match="900000000 pixels"):
        first_page(bytes(data), max_pixels=128_000_000)


def test_pillows_own_limit_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read(saved(patches(), "PNG")).shape == (HIGH, WIDE, 3)


@pytest.mark.parametrize("name", [name for name in SAVED if name != "JPEG"])
def test_a_file_cut_short_is_refused(name: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (HIGH, WIDE), np.uint8)
    data = saved(Image.fromarray(noise), name)
    with pytest.raises(UnreadableImage, match=SAVED[name]):
        read(data[: len(data) // 2])


def test_nothing_is_warned(recwarn: pytest.WarningsRecorder) -> None:
    exif = b"Exif\x00\x00II*\x00\xff\xff\xff\xff"  # a directory beyond the end
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert read(saved(patches(), "JPEG", exif=exif)).shape == (HIGH, WIDE, 3)
    assert not recwarn.list


SAMPLES = [saved(patches(), name) for name in SAVED] + [
    saved(patches().quantize(8), "GIF", transparency=1),
    saved(Image.fromarray(ramp()).convert("1"), "TIFF", compression="group4"),
    saved(patches().convert("CMYK"), "JPEG"),
    saved(Image.fromarray(ramp().astype(np.uint16) * 257), "PNG"),
    saved(patches(), "TIFF", compression="tiff_lzw"),
]


def only_a_picture_or_a_refusal(data: bytes) -> None:
    try:
        picture = first_page(data, max_pixels=1_000_000).picture
    except UnreadableImage:
        pass
    else:
        assert picture.dtype == np.uint8
        assert picture.ndim == 2 or picture.shape[2:] == (3,)
        assert 0 < picture.shape[0] * picture.shape[1] <= 1_000_000


@given(st.sampled_from([b"", *(data[:12] for data in SAMPLES)]), st.binary(max_size=400))
def test_arbitrary_bytes(head: bytes, tail: bytes) -> None:
    only_a_picture_or_a_refusal(head + tail)


@settings(max_examples=400)
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
