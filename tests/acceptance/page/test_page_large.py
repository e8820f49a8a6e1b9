"""An image of 100 megapixels on the page, and many regions."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import expect

from browser import Tab
from harness import draw, wait_until

SIZE = (12_000, 8_500)

# Notes what drawing costs: the pixels that a frame takes from bitmaps, and whether the page's own thread makes any.
COUNT = """() => {
  window.drawn = { inFrame: 0, most: 0, bitmaps: 0 };
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (source, ...rest) {
    drawn.inFrame += source.width * source.height;
    drawn.most = Math.max(drawn.most, drawn.inFrame);
    return draw.call(this, source, ...rest);
  };
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...rest) {
    drawn.inFrame = 0; // with which each drawing begins
    return clear.call(this, ...rest);
  };
  const make = window.createImageBitmap;
  window.createImageBitmap = (...rest) => {
    drawn.bitmaps += 1;
    return make(...rest);
  };
}"""

# Moves the picture about and zooms for some time; tells the median time between two frames, and what they cost at most.
STIR = """async () => {
  const stage = document.querySelector('#stage');
  const box = stage.getBoundingClientRect();
  const frame = () => new Promise(requestAnimationFrame);
  const frames = [];
  drawn.most = 0;
  for (let step = 0; step < 90; step += 1) {
    const zooms = step % 30 < 15;
    stage.dispatchEvent(new WheelEvent('wheel', {
      clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true, cancelable: true,
      deltaY: zooms ? (step < 45 ? -20 : 12) : 40, deltaX: zooms ? 0 : 30, ctrlKey: zooms,
    }));
    const before = performance.now();
    await frame();
    frames.push(performance.now() - before);
  }
  return { median: frames.sort((a, b) => a - b)[frames.length >> 1], pixels: drawn.most, bitmaps: drawn.bitmaps };
}"""


@pytest.fixture(scope="module")
def large() -> bytes:
    image = Image.new("L", SIZE, 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=90)
    for y in range(100, SIZE[1] - 100, 260):
        for x in range(100, SIZE[0] - 1000, 1700):
            pen.text((x, y), f"whale {x},{y}", 0, font)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def test_a_hundred_megapixels_and_hundreds_of_regions_stay_smooth(tab: Tab, large: bytes) -> None:
    tab.page.evaluate(COUNT)
    tab.open_image(draw(["small"] * 4), "small.png")
    small = tab.page.evaluate(STIR)
    tab.open_image(large, "large.png")
    expect(tab.page.locator("#image-facts")).to_have_text("large.png, 12,000 × 8,500 pixels")
    told = tab.page.evaluate(STIR)
    print(small, told)  # noqa: T201 - figures that a change may be compared by
    assert told["bitmaps"] == 0, "decoding and cutting go on beside the page's own thread"
    assert 0 < told["pixels"] < SIZE[0] * SIZE[1] / 10, "a frame takes the tiles in sight at the nearest halved size"
    # Drawing a hundred megapixels in each frame takes fifty times as long as a small image, and more.
    assert told["median"] < 6 * small["median"]

    fields = [
        {"name": f"field {n}", "rect": {"topLeftX": x, "topLeftY": y, "bottomRightX": x + 400, "bottomRightY": y + 120}}
        for n, (x, y) in enumerate((500 * (n % 20), 300 * (n // 20)) for n in range(400))
    ]
    pages = [{"width": SIZE[0], "height": SIZE[1]}]
    template = {"format": "whaleline-template", "version": 1, "name": "Ledger", "pages": pages, "fields": fields}
    data = json.dumps(template).encode()
    tab.tab("templates")
    tab.page.set_input_files("#import-template", {"name": "l.json", "mimeType": "application/json", "buffer": data})
    tab.page.get_by_role("button", name="Edit Ledger").click()
    expect(tab.cards).to_have_count(400)
    with_regions = tab.page.evaluate(STIR)
    print(with_regions)  # noqa: T201
    assert with_regions["median"] < 10 * told["median"]
    tab.page.keyboard.press("Control+z")
    expect(tab.cards).to_have_count(0)


def test_its_regions_are_exact_and_are_read(tab: Tab, large: bytes) -> None:
    tab.open_image(large, "large.png")
    tab.add(5180, 4240, 6600, 4420, name="far inside")
    tab.page.locator("#zoom-one").click()
    box = tab.page.locator(".region").bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (1420, 180)
    tab.read()
    assert tab.texts() == ["whale 5200,4260"]


def test_pixels_are_shown_at_their_places(tab: Tab) -> None:
    """A tile's colours stand where the image has them; stripes that no smaller copy can hold tell when it is there."""
    image = Image.new("RGB", (3000, 2000), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((1500, 1000, 2999, 1999), fill=(200, 30, 30))
    for x in range(1400, 1460, 4):
        pen.rectangle((x, 900, x + 1, 960), fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    tab.open_image(out.getvalue(), "quarters.png")
    canvas = tab.page.locator("#stage canvas")

    def look(scale: float) -> tuple[Image.Image, int]:
        """What is shown, with the image's middle in its own, and the darkest of the stripes."""
        shown = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
        x, y = shown.width // 2, shown.height // 2
        far, near = round(90 * scale), round(50 * scale)
        darkest, _ = shown.crop((x - far, y - far, x - near, y - near)).convert("L").getextrema()
        return shown, int(darkest)  # type: ignore[arg-type]

    def sharp(scale: float) -> Image.Image:
        def seen() -> Image.Image | None:
            shown, darkest = look(scale)
            return shown if darkest < 60 else None

        return wait_until(seen, "the sharp tile")

    tab.page.locator("#zoom-one").click()
    for scale in (1.0, 1.25, 1.25**2):
        shown = sharp(scale)
        x, y = shown.width // 2, shown.height // 2
        for dx, dy, wanted in ((-20, -20, (255, 255, 255)), (20, -20, (255, 255, 255)), (20, 20, (200, 30, 30))):
            assert shown.getpixel((x + dx, y + dy)) == wanted
        tab.page.locator("#zoom-in").click()
