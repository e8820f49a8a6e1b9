"""Hostile files, made when they are asked for: bombs, cycles, absurd headers, polyglots, odd but sound files."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pikepdf
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from whaleline.documents import Document, Limits, PagePicture

Maker = Callable[[], bytes]


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    """An image as a file."""
    target = io.BytesIO()
    image.save(target, name, **options)
    return target.getvalue()


def first_page(data: bytes, **limits: int) -> PagePicture:
    """The first page of a file."""
    return Document(data, Limits(**limits)).page(1)


def grey(width: int, height: int) -> Image.Image:
    """An image of white paper."""
    return Image.new("L", (width, height), 255)


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAX5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABogABAAAAAAAAARUAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA/mlwcnAAAADeaXBjbwAAAHdodmNDAQQIAAAAnjgAAAAAHvAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAAD"
    "AAAeugJAYQABACpCAQEECAAAAwCeOAAAAwAAHpAEECCy3VXTXNwENBgQAAADAZAAAAMAEIBiAAEACEQBwXMYMBiQAAAAE2NvbHJu"
    "Y2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAEAAAABAAAAAKGNsYXAAAAAoAAAAAQAAAB4AAAAB////6AAAAAL////eAAAAAgAAABBw"
    "aXhpAAAAAAMICAgAAAAYaXBtYQAAAAAAAAABAAEFgQIDBYQAAAEdbWRhdAAAAREoAa8GMgiKLieArdBhhDxfXF///o3+y+EWzNrj"
    "JtUJSVX1gqaXpis8x6j9G1c1cZVS/qQ7hm4G0/GJCCdEUZgxB5arMFbb9LHEAco9VjN2MkHFQ/v/M1f/M49IF+ac2XZDyAueE6oJ"
    "zcRMipmhtWxim8dKXCV9cOYWFq7T2g38fzJHluzucammMrPAvqW0UP/rQK//QFcYjT8JphX2UDovImXJYw0H8RFZhZpgcafl7G+C"
    "TaZpPfGxy0J66dJTgsQhq+1AQW6TMuk0sTRFpRwTOOPPGOABrOF5TZDCDi/mcbozOxmgFatamPDqgEHrFKLqGGbefLiisqbQPUNe"
    "GnZUbd7zcXfrdboVzp2h66tNwQc="
)
"""Red, green, blue and white quarters of 40 x 30 pixels, by libheif and x265."""


# PNG


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of chunks, with right lengths and sums."""
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def ihdr(width: int, height: int, depth: int = 8, colour: int = 0) -> tuple[bytes, bytes]:
    """The header of a PNG file."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def idat(size: int) -> tuple[bytes, bytes]:
    """So many zeros of pixel data."""
    return b"IDAT", zlib.compress(bytes(size), 9)


END = (b"IEND", b"")


def png_bomb(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    """A black PNG of any size in next to no bytes."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    return png(ihdr(width, height, depth, colour), idat((1 + width * channels * depth // 8) * height), END)


def png_profile_bomb() -> bytes:
    """A small picture with a colour profile that grows to 50 MB."""
    return png(ihdr(4, 4), (b"iCCP", b"x\0\0" + zlib.compress(bytes(50_000_000), 9)), idat(20), END)


def png_text_bomb() -> bytes:
    """A small picture with a thousand comments of a megabyte each."""
    return png(ihdr(4, 4), *[(b"zTXt", b"x\0\0" + zlib.compress(bytes(1_000_000), 9))] * 1000, idat(20), END)


def png_too_much_data() -> bytes:
    """A small picture with data for a large one."""
    return png(ihdr(4, 4), idat(50_000_000), END)


def png_bad_checksum(name: bytes) -> bytes:
    """A white picture with a comment, and a wrong checksum in the chunks of this name."""
    data = png(ihdr(4, 4), (b"tEXt", b"Title\0x"), (b"IDAT", zlib.compress(b"\0\xff\xff\xff\xff" * 4)), END)
    at = data.index(name) - 4
    end = at + 12 + int.from_bytes(data[at : at + 4])
    return data[: end - 4] + b"\0\0\0\0" + data[end:]


# TIFF, of one grey frame

Entry = tuple[int, int, int, int]
"""Tag, type (2 text, 3 short, 4 long), count, and value or offset."""


def tiff(*entries: Entry, following: int = 0, data: bytes = b"", order: str = "<") -> bytes:
    """A TIFF file of one directory, with the data right behind it."""
    directory = b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    return head + directory + struct.pack(f"{order}I", following) + data


def frame(width: int, height: int, *more: Entry, pieces: int = 1, compression: int = 1, size: int = 0) -> list[Entry]:
    """The entries of a grey frame of so many strips; their data begins behind the directory."""
    behind = 8 + 2 + 12 * (9 + len(more)) + 4
    table = behind if pieces > 1 else size or width * height
    return sorted(
        [
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 8),
            (259, 3, 1, compression),
            (262, 3, 1, 1),
            (273, 4, pieces, behind),
            (277, 3, 1, 1),
            (278, 4, 1, -(-height // pieces)),
            (279, 4, pieces, table),
            *more,
        ]
    )


def tiff_of(values: np.ndarray, *more: Entry, photometric: int = 1, behind: bytes = b"") -> bytes:
    """The values as a frame of one strip, whatever their type; (height, width), or (planes, height, width).

    Args:
        values: of any numeric type.
        more: further entries; a value of -1 stands for the place of what is behind the pixels.
        photometric: what they mean.
        behind: more data.
    """
    planes = values.reshape(-1, *values.shape[-2:])
    count, height, width = planes.shape
    data = planes.tobytes()
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, values.itemsize * 8), (259, 3, 1, 1)]
    entries += [(262, 3, 1, photometric), (277, 3, 1, count), (278, 4, 1, height)]
    entries += [(284, 3, 1, 2 if count > 1 else 1), (339, 3, 1, {"u": 1, "i": 2, "f": 3}[values.dtype.kind])]
    at = 8 + 2 + 12 * (len(entries) + 2 + len(more)) + 4
    table = at + len(data) + len(behind)
    size = len(data) // count
    offsets, sizes = (at, size) if count == 1 else (table, table + 4 * count)
    entries += [(273, 4, count, offsets), (279, 4, count, sizes)]
    entries += [entry if entry[3] >= 0 else (*entry[:3], at + len(data)) for entry in more]
    tail = struct.pack(f"<{2 * count}I", *(at + size * number for number in range(count)), *[size] * count)
    return tiff(*sorted(entries), data=data + behind + tail)


def tiff_dark_palette(indices: np.ndarray, colours: list[tuple[int, int, int]]) -> bytes:
    """Indices into colours that are written in 8 bits, where 16 belong."""
    table = np.zeros((3, 256), "<u2")
    table[:, : len(colours)] = np.transpose(colours)
    return tiff_of(indices, (320, 3, 768, -1), photometric=3, behind=table.tobytes())


def tiff_cycle() -> bytes:
    """A frame that is followed by itself."""
    return tiff(*frame(4, 4), following=8, data=bytes(16))


def tiff_many_frames() -> bytes:
    """A chain of 100,000 directories."""
    first = tiff(*frame(4, 4), following=8 + 2 + 12 * 9 + 4 + 16, data=bytes(16))
    chain = b"".join(struct.pack("<HI", 0, len(first) + 6 * (number + 1)) for number in range(99_999))
    return first + chain + struct.pack("<HI", 0, 0)


def tiff_strips() -> bytes:
    """Ten million strips of a pixel each, none of which is there."""
    return tiff(*frame(1, 10_000_000, pieces=10_000_000), data=bytes(40_000_000))


def tiff_cut_directory() -> bytes:
    """Ten million strips, told by a directory that breaks off right behind."""
    entries = frame(1, 10_000_000, pieces=10_000_000)
    directory = b"".join(struct.pack("<HHII", tag, kind, n, 8 if n > 1 else value) for tag, kind, n, value in entries)
    return b"II*\0" + struct.pack("<I", 40_000_008) + bytes(40_000_000) + struct.pack("<H", 20) + directory


def tiff_comment() -> bytes:
    """A comment of four gigabytes."""
    return tiff(*frame(4, 4, (270, 2, 0xFFFFFFFF, 8)), data=bytes(16))


def tiff_full_directory() -> bytes:
    """A directory of 65,535 entries."""
    return tiff(*[(number, 4, 1, 1) for number in range(65_535)])


def tiff_deflate_bomb(width: int, height: int) -> bytes:
    """A compressed black frame."""
    packed = zlib.compress(bytes(width * height), 9)
    return tiff(*frame(width, height, compression=8, size=len(packed)), data=packed)


# GIF and WebP


def gif_frames(count: int) -> bytes:
    """An animation."""
    data = saved(Image.new("P", (10, 10)), "GIF")
    return data[:-1] + data[data.index(b",") : -1] * count + b";"


def gif_screen(width: int, height: int) -> bytes:
    """A tiny frame on a screen of any size."""
    data = saved(Image.new("P", (10, 10)), "GIF")
    return data[:6] + struct.pack("<HH", width, height) + data[10:]


def gif_frame_beyond_screen() -> bytes:
    """A frame of 65,535 x 65,535 on a screen of 10 x 10."""
    data = saved(Image.new("P", (10, 10)), "GIF")
    at = data.index(b",")
    return data[: at + 5] + struct.pack("<HH", 65535, 65535) + data[at + 9 :]


def webp_frames(count: int, canvas: int = 16) -> bytes:
    """An animation of 16 x 16 on a square canvas."""
    side = struct.pack("<I", 15)[:3]
    picture = saved(Image.new("RGB", (16, 16)), "WEBP")[12:]
    body = bytes(6) + side * 2 + b"\x01\0\0\0" + picture
    each = b"ANMF" + struct.pack("<I", len(body)) + body
    size = struct.pack("<I", canvas - 1)[:3]
    head = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size * 2 + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(each) * count) + b"WEBP" + head + each * count


def jpeg2000_of(side: int) -> bytes:
    """A small picture that says it is a large one."""
    return saved(grey(8, 8), "JPEG2000").replace(struct.pack(">II", 8, 8), struct.pack(">II", side, side))


# PDF


@dataclass(frozen=True)
class Sheet:
    """A page of a PDF file.

    Attributes:
        size: width and height in points.
        image: what fills it.
        text: what is written on it, in Helvetica of 24 points, from 20 points above its lower left corner.
        hidden: whether the text is a layer that is not drawn.
        rotate: degrees clockwise.
    """

    size: tuple[float, float] = (300, 200)
    image: Image.Image | None = None
    text: str = ""
    hidden: bool = False
    rotate: int = 0


def pdf(*sheets: Sheet, **options: Any) -> bytes:
    """A PDF file of these pages; options of pikepdf's save."""
    document = pikepdf.new()
    for sheet in sheets:
        width, height = sheet.size
        page = document.add_blank_page(page_size=sheet.size)
        content = ""
        if sheet.image is not None:
            stream = pikepdf.Stream(document, zlib.compress(sheet.image.tobytes()))
            stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            stream.Width, stream.Height = sheet.image.size
            stream.BitsPerComponent, stream.Filter = 8, pikepdf.Name.FlateDecode
            stream.ColorSpace = pikepdf.Name.DeviceGray if sheet.image.mode == "L" else pikepdf.Name.DeviceRGB
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=stream))
            content += f"q {width} 0 0 {height} 0 0 cm /Im Do Q "
        if sheet.text:
            kind = {"/Type": pikepdf.Name.Font, "/Subtype": pikepdf.Name.Type1, "/BaseFont": pikepdf.Name.Helvetica}
            page.Resources.Font = pikepdf.Dictionary(F=pikepdf.Dictionary(kind))
            content += f"BT /F 24 Tf {3 if sheet.hidden else 0} Tr 20 20 Td ({sheet.text}) Tj ET"
        page.Contents = pikepdf.Stream(document, content.encode())
        page.Rotate = sheet.rotate
    target = io.BytesIO()
    document.save(target, static_id=True, **options)
    return target.getvalue()


def pdf_of(content: bytes, *more: bytes, box: str = "0 0 300 200", resources: str = "") -> bytes:
    """A PDF file of one page, without a table of its objects; `more` are objects from 5 on."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R/Resources<<{resources}>>>>".encode(),
        content,
        *more,
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF"


def pdf_stream(data: bytes, entries: str = "") -> bytes:
    """A compressed stream object."""
    packed = zlib.compress(data, 9)
    return f"<</Filter/FlateDecode/Length {len(packed)}{entries}>>stream\n".encode() + packed + b"\nendstream"


def pdf_content_bomb() -> bytes:
    """Instructions that grow to 100 MB, and draw nothing."""
    return pdf_of(pdf_stream(b" " * 100_000_000))


def pdf_image_bomb() -> bytes:
    """An image that says it has 60,000 x 60,000 pixels, and has a few."""
    entries = "/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceGray"
    drawn = pdf_stream(b"q 300 0 0 200 0 0 cm /Im Do Q")
    return pdf_of(drawn, pdf_stream(bytes(1000), entries), resources="/XObject<</Im 5 0 R>>")


def pdf_form_cycle() -> bytes:
    """A form that draws itself."""
    entries = "/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</XObject<</Fm 5 0 R>>>>"
    return pdf_of(pdf_stream(b"/Fm Do"), pdf_stream(b"/Fm Do", entries), resources="/XObject<</Fm 5 0 R>>")


def pdf_with_password() -> bytes:
    """A page that nobody may see."""
    return pdf(Sheet(), encryption=pikepdf.Encryption(user="x", owner="y"))


def pdf_page_cycle() -> bytes:
    """A tree of pages whose only branch is its root."""
    return pdf_of(b"null").replace(b"[3 0 R]", b"[2 0 R]")


# DjVu


def iff(name: bytes, data: bytes) -> bytes:
    """A chunk of an IFF file."""
    return name + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


def djvu_page(image: Image.Image, dpi: int = 300, size: tuple[int, int] | None = None) -> bytes:
    """A page whose black pixels are a mask, coded as faxes are (DjVu 3, appendix 4)."""
    width, height = size or image.size
    inverse = Image.eval(image.convert("L"), lambda value: 255 - value).convert("1")
    fax = saved(inverse, "TIFF", compression="group4")
    tags = TiffImageFile(io.BytesIO(fax)).tag_v2
    mask = fax[tags[273][0] :][: tags[279][0]]
    info = struct.pack(">HHBB", width, height, 24, 0) + struct.pack("<H", dpi) + bytes((22, 1))
    coded = b"MMR\0" + struct.pack(">HH", *image.size) + mask
    return iff(b"FORM", b"DJVU" + iff(b"INFO", info) + iff(b"Smmr", coded))


def djvu(*images: Image.Image, **options: Any) -> bytes:
    """A file of one or two pages."""
    pages = [djvu_page(image, **options) for image in images]
    if len(pages) == 1:
        return b"AT&T" + pages[0]
    # The names of two pages, compressed by DjVuLibre's bzz, which nothing else here can do.
    names = bytes.fromhex("fffff2bf347b7d26097e76")
    at = 4 + 8 + 4 + 8 + 3 + 4 * len(pages) + len(names) + (3 + len(names)) % 2
    places = [at + sum(map(len, pages[:number])) for number in range(len(pages))]
    directory = struct.pack(f">BH{len(pages)}I", 0x81, len(pages), *places) + names
    return b"AT&T" + iff(b"FORM", b"DJVM" + iff(b"DIRM", directory) + b"".join(pages))


# SVG


def svg(body: str, size: str = 'width="96" height="48"', head: str = "") -> bytes:
    """An SVG file of an inch by half an inch."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{head}<svg {names} {size}>{body}</svg>".encode()


def svg_entities() -> bytes:
    """Ten entities, each ten times the one before."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    return svg("<text>&e9;</text>", head=f"<!DOCTYPE svg [{levels}]>")


def svg_uses() -> bytes:
    """Ten groups, each ten times the one before."""
    groups = '<g id="g0"><rect width="9" height="9"/></g>' + "".join(
        f'<g id="g{n}">{f"""<use xlink:href="#g{n - 1}"/>""" * 10}</g>' for n in range(1, 10)
    )
    return svg(f'<defs>{groups}</defs><use xlink:href="#g9"/>')


def svg_picture(data: bytes) -> bytes:
    """A picture within an SVG file."""
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    return svg(f'<image width="96" height="48" xlink:href="{url}"/>')


# JPEG and BMP


def jpeg_scans(count: int, side: int) -> bytes:
    """A progressive file that goes over its pixels again and again."""
    data = saved(grey(side, side), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + b"\xff\xd9"


def jpeg_exif_cycle() -> bytes:
    """EXIF whose every pointer leads back to its start."""
    exif = b"Exif\0\0" + tiff((274, 3, 1, 6), (34665, 4, 1, 8), (34853, 4, 1, 8), following=8)
    return saved(grey(8, 4), "JPEG", exif=exif)


def bmp(width: int, height: int, *, bits: int = 8, coding: int = 0, colours: int = 2, data: bytes = b"") -> bytes:
    """A BMP file with a palette of black and white."""
    palette = b"\0\0\0\0\xff\xff\xff\0"
    at = 14 + 40 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, coding, len(data), 0, 0, colours, 0)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + palette + data


def bmp_indices(indices: np.ndarray, bits: int, *, grey: int = 0, packed: bytes = b"") -> bytes:
    """Indices into a palette, from the bottom up.

    Args:
        indices: (height, width).
        bits: 1, 4 or 8 for each.
        grey: so many levels as palette, 0, 1, 2 and so on; black and white if 0.
        packed: the same by run lengths.
    """
    height, width = indices.shape
    levels = range(grey) if grey else (0, 255)
    palette = b"".join(bytes((level, level, level, 0)) for level in levels)
    digits = np.unpackbits(indices.astype(np.uint8)[:, :, None], axis=2)[:, :, 8 - bits :].reshape(height, -1)
    rows = np.packbits(np.pad(digits, ((0, 0), (0, -digits.shape[1] % 32))), axis=1)
    data = packed or rows[::-1].tobytes()
    coding = 0 if not packed else {8: 1, 4: 2}[bits]
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, coding, len(data), 0, 0, len(levels), 0)
    at = 14 + 40 + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + palette + data


def bmp_with_alpha(image: Image.Image) -> bytes:
    """32 bits a pixel whose header names a mask for alpha."""
    width, height = image.size
    data = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes("raw", "BGRA")
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    info = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, len(data), 0, 0, 0, 0) + masks + bytes(108 - 56)
    return b"BM" + struct.pack("<IHHI", 122 + len(data), 0, 0, 122) + info + data


def noise(width: int = 40, height: int = 30) -> Image.Image:
    """A picture that does not compress, so that damage anywhere meets data."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8))


SOUND: dict[str, tuple[Maker, tuple[int, int]]] = {
    "one pixel": (lambda: saved(grey(1, 1), "PNG"), (1, 1)),
    "one pixel high": (lambda: saved(grey(900, 1), "PNG"), (900, 1)),
    "one pixel wide": (lambda: saved(grey(1, 900), "PNG"), (1, 900)),
    "65,000 wide": (lambda: saved(grey(65_000, 40), "PNG"), (65_000, 40)),
    "PNG with data for more": (png_too_much_data, (4, 4)),
    "PNG with a page behind it": (lambda: saved(grey(9, 9), "PNG") + b"<html><script>1</script></html>", (9, 9)),
    "GIF with a ZIP behind it": (lambda: saved(grey(9, 9), "GIF") + b"PK\x03\x04" + bytes(64), (9, 9)),
    "TIFF of itself": (tiff_cycle, (4, 4)),
    "TIFF with a comment of 4 GB": (tiff_comment, (4, 4)),
    "GIF on no screen": (lambda: gif_screen(0, 0), (10, 10)),
    "GIF of 100,000 frames": (lambda: gif_frames(100_000), (10, 10)),
    "WebP of 100,000 frames": (lambda: webp_frames(100_000), (16, 16)),
    "JPEG with cyclic EXIF": (jpeg_exif_cycle, (4, 8)),
    "JPEG without its end": (lambda: saved(noise(), "JPEG")[:-2], (40, 30)),
    "JPEG cut in two": (lambda: saved(noise(), "JPEG")[:-400], (40, 30)),
    "PNG with a wrong sum of a comment": (lambda: png_bad_checksum(b"tEXt"), (4, 4)),
    "JPEG of many scans": (lambda: jpeg_scans(50, 64), (64, 64)),
    "PDF without a table of objects": (lambda: pdf_of(b"null"), (1250, 834)),
    "PDF of 100 MB of instructions": (pdf_content_bomb, (1250, 834)),
    "PDF with an image that is not there": (pdf_image_bomb, (2500, 1667)),
    "PDF with a form of itself": (pdf_form_cycle, (1250, 834)),
    "PDF of 200 inches": (lambda: pdf_of(b"null", box="0 0 14400 14400"), (11303, 11303)),
    "PDF without area": (lambda: pdf_of(b"null", box="0 0 0 0"), (2550, 3300)),
    "SVG of 200 inches": (lambda: svg("", 'width="200in" height="2in"'), (60_000, 600)),
    "SVG of itself": (lambda: svg('<g id="a"><use xlink:href="#a"/></g>'), (300, 150)),
    "BMP from the top down": (lambda: bmp(4, -4, data=bytes(16)), (4, 4)),
    "BMP by run lengths": (lambda: bmp(4, 4, coding=1, data=b"\x04\1\0\0" * 4 + b"\0\1"), (4, 4)),
}
"""Odd files with the size that they are read at."""

REFUSED: dict[str, tuple[Maker, str]] = {
    "PNG bomb": (lambda: png_bomb(12_000, 12_000), "144000000 pixels; at most"),
    "PNG of no width": (lambda: png(ihdr(0, 9), idat(9), END), "damaged"),
    "PNG of 2^31": (lambda: png(ihdr(2**31 - 1, 2**31 - 1), idat(9), END), "a side may have at most 65535"),
    "PNG 100,000 wide": (lambda: png_bomb(100_000, 10), "100000 x 10 pixels; a side may have at most 65535"),
    "PNG profile bomb": (png_profile_bomb, "damaged"),
    "PNG text bomb": (png_text_bomb, "damaged"),
    "PNG with a wrong sum of its header": (lambda: png_bad_checksum(b"IHDR"), "damaged"),
    "JPEG without pixels": (lambda: saved(noise(), "JPEG").partition(b"\xff\xda")[0] + b"\xff\xda", "damaged"),
    "PNG that is a page": (lambda: b"\x89PNG\r\n\x1a\n<html></html>", "damaged"),
    "TIFF bomb": (lambda: tiff_deflate_bomb(12_000, 12_000), "144000000 pixels; at most"),
    "TIFF of ten million strips": (tiff_strips, "10000000 strips or tiles; at most 200000"),
    "TIFF with a cut directory": (tiff_cut_directory, "10000000 strips or tiles; at most 200000"),
    "TIFF of 2^32 strips": (lambda: tiff(*frame(4, 4, pieces=2**32 - 1)), "4294967295 strips or tiles"),
    "TIFF of 2^32 tiles": (lambda: tiff(*frame(4, 4, (324, 4, 2**32 - 1, 8)), order=">"), "4294967295 strips or tiles"),
    "TIFF of 100,000 frames": (tiff_many_frames, "more than 2000 pages"),
    "TIFF with a full directory": (tiff_full_directory, "not supported"),
    "TIFF of 65,535 channels": (
        lambda: tiff(*[e if e[0] != 277 else (277, 3, 1, 65535) for e in frame(9, 9)], data=bytes(81)),
        "damaged",
    ),
    "TIFF directory at its end": (lambda: b"II*\0\xff\xff\xff\xff", "damaged"),
    "BigTIFF directory at its end": (lambda: b"II+\0\x08\0\0\0" + b"\xff" * 8, "damaged"),
    "TIFF of four bytes": (lambda: b"II*\0", "damaged"),
    "GIF screen bomb": (lambda: gif_screen(65_535, 65_535), "4294836225 pixels; at most"),
    "GIF frame bomb": (gif_frame_beyond_screen, "damaged"),
    "WebP canvas bomb": (lambda: webp_frames(2, 16_384), "damaged|pixels; at most"),
    "JPEG of 5,000 scans": (lambda: jpeg_scans(5000, 1000), "in 50.. scans; at most 100"),
    "JPEG 2000 of 2^31": (lambda: jpeg2000_of(2**31 - 1), "at most 65535|damaged"),
    "PNM bomb": (lambda: b"P5 100000 100000 255\n", "at most 65535"),
    "PNM of letters": (lambda: b"P2 4 4 255 a b c", "damaged"),
    "AVIF cut short": (lambda: saved(noise(), "AVIF")[:200], "damaged"),
    "HEIC cut short": (lambda: HEIC[:400], "damaged"),
    "HEIC of 2^31": (lambda: HEIC.replace(struct.pack(">II", 64, 64), b"\x7f\xff\xff\xff" * 2), "damaged|at most"),
    "PDF of a header": (lambda: b"%PDF-1.7\n", "damaged"),
    "PDF with a cycle of pages": (pdf_page_cycle, "damaged"),
    "PDF with a password": (pdf_with_password, "opens with a password"),
    "DjVu bomb": (lambda: djvu(grey(8, 8), size=(65_535, 65_535)), "4294836225 pixels; at most"),
    "DjVu cut short": (lambda: djvu(grey(8, 8))[:30], "damaged"),
    "DjVu of nothing": (lambda: b"AT&TFORM\0\0\0\4DJVU", "damaged"),
    "SVG of entities": (svg_entities, "damaged"),
    "SVG of a thousand million elements": (svg_uses, "elements; at most 1000000"),
    "SVG of a hundred thousand letters": (lambda: svg(f"<text>{'lol' * 33_334}</text>"), "elements; at most 1000000"),
    "SVG with a picture bomb": (lambda: svg_picture(png_bomb(12_000, 12_000)), "144000000 pixels; at most"),
    "SVG of no size": (lambda: svg("", ""), "its size"),
    "SVG of no width": (lambda: svg("", 'width="0" height="9"'), "no area"),
    "SVG of 10,000 groups": (lambda: svg("<g>" * 10_000 + "</g>" * 10_000), "damaged"),
    "BMP bomb": (lambda: bmp(30_000, 30_000), "900000000 pixels; at most"),
    "BMP of the lowest height": (lambda: bmp(4, -(2**31)), "a side may have at most 65535"),
    "BMP of no width": (lambda: bmp(0, 4), "damaged"),
    "BMP of 2^32 colours": (lambda: bmp(4, 4, colours=2**32 - 1, data=bytes(16)), "not supported"),
    "BMP of runs that lead nowhere": (lambda: bmp(4000, 4000, coding=1, data=b"\xff\x00" * 70 + b"\0\1"), "damaged"),
}
"""Files that are refused, with the reason as a regular expression."""
