"""How fast documents become searchable PDFs, and how well, beside Tesseract and OCRmyPDF in the same run.

    python benchmarks/document_speed.py --data DIR [--scans 6] [--written 8] [--ocrmypdf PROGRAM] [--expect]

DIR/pages holds scans with their texts, DIR/tables PDF pages with what stands in the cells of their tables. Each
program gets all pages of a kind as one PDF (Tesseract, which reads none, their pictures as they are drawn) and makes a
searchable PDF and its text. Told are pages for each second of a processor, since those of the clock depend on what else
runs; and errors: of scans the letters that are wrong, of the others the cells that are not in the text. A program that
is not there is named, and left out. With --expect the exit code is 1 unless scans are read no slower than by OCRmyPDF
--force-ocr, and the others twice as fast with fewer errors.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pikepdf
from PIL import Image
from rapidfuzz.distance import Levenshtein

from whaleline.documents import Document
from whaleline.heap import keep_pictures
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import open_document
from whaleline.settings import Settings

Texts = list[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """Pages of one kind: a PDF of them, and the errors in % that their texts have."""

    name: str
    pdf: bytes
    pages: int
    error: Callable[[Texts], float]


def main() -> None:
    """Run all programs on both kinds of page, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--scans", type=int, default=6)
    arguments.add_argument("--written", type=int, default=8)
    arguments.add_argument("--ocrmypdf", default=shutil.which("ocrmypdf"), help="the program, or its path")
    arguments.add_argument("--expect", action="store_true")
    given = arguments.parse_args()
    programs: dict[str, Callable[[bytes], Texts]] = {"Whaleline": whaleline}
    if shutil.which("tesseract"):
        programs["Tesseract"] = tesseract
    if given.ocrmypdf:
        programs["OCRmyPDF --force-ocr"] = lambda pdf: ocrmypdf(given.ocrmypdf, pdf)
    missing = {"Tesseract", "OCRmyPDF --force-ocr"} - programs.keys()
    for name in sorted(missing):
        print(f"{name} is not there, and is left out")
    keep_pictures()  # as a worker does
    whaleline(written(given.data, 1).pdf)  # so that its engines are loaded
    faults = []
    print("| pages | program | pages/s of a processor | errors |\n|---|---|---|---|")
    for kind in (scans(given.data, given.scans), written(given.data, given.written)):
        found = {name: measured(program, kind) for name, program in programs.items()}
        for name, (speed, error) in found.items():
            print(f"| {kind.pages} {kind.name} | {name} | {speed:.2f} | {error:.2f} % |", flush=True)
        if "OCRmyPDF --force-ocr" not in found:
            continue
        (own, wrong), (other, their) = found["Whaleline"], found["OCRmyPDF --force-ocr"]
        times = 1 if kind.name == "scans" else 2
        if own < times * other:
            faults.append(f"{kind.name}: {own / other:.2f} times as fast as OCRmyPDF, expected {times}")
        if wrong > their:
            faults.append(f"{kind.name}: {wrong:.2f} % wrong, by OCRmyPDF {their:.2f} %")
    for fault in faults:
        print(f"missed: {fault}")
    sys.exit(1 if given.expect and (faults or missing) else 0)


def measured(program: Callable[[bytes], Texts], kind: Kind) -> tuple[float, float]:
    """Pages for each second of a processor, and errors in %."""
    begin = busy()
    texts = program(kind.pdf)
    seconds = busy() - begin
    if len(texts) != kind.pages:
        raise SystemExit(f"{len(texts)} texts of {kind.pages} pages")
    return kind.pages / seconds, kind.error(texts)


def busy() -> float:
    """Seconds of a processor that this process and those it has waited for have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def whaleline(pdf: bytes) -> Texts:
    """By this process, as one worker does it."""
    operation, settings = OPERATIONS["RecognizePdf"], Settings()
    request = operation.settings_model.model_validate({"resultType": "TextAndPdf"})
    document = open_document(pdf, settings)
    parts = [operation.read(document, number, request, settings) for number in operation.pages(document, request)]
    operation.join(document, parts, request, settings)
    return [base64.b64decode(orjson.loads(part)["files"][0]).decode() for part in parts]


def tesseract(pdf: bytes) -> Texts:
    """By the program, from pictures."""
    document = Document(pdf)
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number in range(1, len(document) + 1):
            name = Path(folder) / f"{number}.png"
            Image.fromarray(document.page(number).picture).save(name, compress_level=1)
            names.append(str(name))
        listed = Path(folder) / "list.txt"
        listed.write_text("\n".join(names), encoding="utf-8")
        run(["tesseract", str(listed), str(Path(folder) / "out"), "txt", "pdf"])
        return (Path(folder) / "out.txt").read_text(encoding="utf-8").removesuffix("\f").split("\f")


def ocrmypdf(program: str, pdf: bytes) -> Texts:
    """By the program, which draws all pages anew."""
    with tempfile.TemporaryDirectory() as folder:
        given, made, text = (str(Path(folder) / name) for name in ("in.pdf", "out.pdf", "out.txt"))
        Path(given).write_bytes(pdf)
        options = ["--force-ocr", "--jobs", "1", "--optimize", "0", "--output-type", "pdf", "--sidecar", text]
        run([program, *options, given, made])
        return Path(text).read_text(encoding="utf-8").removesuffix("\f").split("\f")


def run(command: Sequence[str]) -> None:
    """Run a program with one thread, as a worker of ours has."""
    variables = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    subprocess.run(command, check=True, capture_output=True, env=variables)


def scans(data: Path, count: int) -> Kind:
    """Scanned pages, as spread over the set as may be."""
    texts = sorted((data / "pages").glob("*.txt"))
    chosen = texts[:: max(1, len(texts) // count)][:count]
    images = [next(each for each in text.parent.glob(f"{text.stem}.*") if each != text) for text in chosen]
    truths = [squeezed(text.read_text(encoding="utf-8")) for text in chosen]
    document = pikepdf.new()
    for path in images:
        picture = io.BytesIO()
        with Image.open(path) as image:
            image.save(picture, "PDF", resolution=300)
        with pikepdf.open(picture) as page:
            document.pages.extend(page.pages)

    def error(read: Texts) -> float:
        wrong = sum(Levenshtein.distance(squeezed(text), truth) for text, truth in zip(read, truths, strict=True))
        return 100 * wrong / sum(map(len, truths))

    return Kind("scans", saved(document), len(images), error)


def written(data: Path, count: int) -> Kind:
    """Pages that hold their text, as spread over the set as may be."""
    rows = [row for row in json.loads((data / "tables" / "truth.json").read_text(encoding="utf-8")) if row.get("pdf")]
    rows = rows[:: max(1, len(rows) // count)][:count]
    document = pikepdf.new()
    cells = []
    for row in rows:
        with pikepdf.open(data / "tables" / row["pdf"]) as source:
            document.pages.append(source.pages[row["page"] - 1])
        cells.append([squeezed(cell["text"]) for table in row["tables"] for cell in table.get("cells", ())])

    def error(read: Texts) -> float:
        lacking = sum(cell not in squeezed(text) for text, page in zip(read, cells, strict=True) for cell in page)
        return 100 * lacking / sum(map(len, cells))

    return Kind("pages with text", saved(document), len(rows), error)


def squeezed(text: str) -> str:
    """A text without spaces."""
    return "".join(text.split())


def saved(document: pikepdf.Pdf) -> bytes:
    """A document's bytes."""
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


if __name__ == "__main__":
    main()
