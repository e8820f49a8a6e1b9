"""Draw the pictures of docs/receipts-and-invoices.md: a slip and an invoice with the fields that are found in them.

usage: PYTHONPATH=benchmarks python docs/receipts_pictures.py
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
from PIL import Image, ImageDraw, ImageFont

import invoice_maker
from whaleline.operations import OPERATIONS
from whaleline.settings import Settings

FOLDER = Path(__file__).parent / "receipts"
_LEFT_OUT = ("supplier_address", "receiver_address", "currency", "supplier_vat_id", "amount_due", "payment_reference")
"""Fields that stand where others stand."""
SLIP = """\
GOOD HARDWARE SDN BHD
NO 3, JALAN BESAR,
56100 KUALA LUMPUR.

Date: 25/03/2018   10:18
Hammer             32.50
Nails               4.00
Total GST 6%        2.07
Total        RM    36.50
Cash               50.00
Change             13.50
"""


def main() -> None:
    """Write both pictures."""
    slip = Image.new("RGB", (560, 500), "white")
    pen, font = ImageDraw.Draw(slip), ImageFont.load_default(size=24)
    for row, line in enumerate(SLIP.splitlines()):
        label, _, amount = line.rpartition("  ")
        pen.text((50, 40 + 38 * row), (label or line).strip(), 0, font)
        if label:
            pen.text((510, 40 + 38 * row), amount.strip(), 0, font, anchor="ra")
    shown(slip, "RecognizeReceipt", "slip")
    invoice = invoice_maker.make(1009).picture
    shown(invoice, "RecognizeAndParseInvoice", "invoice")


def shown(picture: Image.Image, kind: str, name: str) -> None:
    """A picture with the fields that a task type finds in it, framed and named."""
    wide = Image.new("RGB", (picture.width * 5 // 4, picture.height), "white")
    wide.paste(picture)
    picture = wide
    png = io.BytesIO()
    picture.save(png, "PNG")
    operation = OPERATIONS[kind]
    request = operation.settings_model.model_validate({"resultType": "JSON"})
    (result,) = operation.run(png.getvalue(), request, Settings()).results
    fields: dict[str, dict[str, Any]] = orjson.loads(result.data)["fields"]
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=max(14, picture.width // 75))
    named: dict[tuple[int, int, int, int], list[str]] = {}
    for field, place in fields.items():
        if "topLeftX" in place and field not in _LEFT_OUT:
            box = (place["topLeftX"], place["topLeftY"], place["bottomRightX"], place["bottomRightY"])
            named.setdefault(box, []).append(field)
    for (left, top, right, bottom), names in named.items():
        pen.rectangle((left - 4, top - 3, right + 4, bottom + 3), outline="#0a6ebd", width=2)
        pen.text((right + 8, top - 2), ", ".join(names), "#0a6ebd", font)
    if kind == "RecognizeAndParseInvoice":
        picture = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
    FOLDER.mkdir(exist_ok=True)
    picture.quantize(16).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
