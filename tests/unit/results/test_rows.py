"""Rows as tables in which nothing can become a formula."""

from __future__ import annotations

import io
import zipfile

import pytest

from whaleline.results.rows import Value, as_csv, as_xlsx, value_of

NAMES = ("name", "value", "sure", "valid")


def test_rows_are_csv() -> None:
    rows: list[list[Value]] = [["a,b", "1", 98.5, True], ["c", None, 1, False]]
    assert as_csv(NAMES, rows).decode() == 'name,value,sure,valid\n"a,b",1,98.5,true\nc,,1,false\n'


@pytest.mark.parametrize("text", ["=1+2", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1"])
def test_text_cannot_become_a_formula(text: str) -> None:
    assert all(line.lstrip('"').startswith("'") for line in as_csv([text], [[text]]).decode().splitlines())
    sheet = zipfile.ZipFile(io.BytesIO(as_xlsx(NAMES, [[text]]))).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet


@pytest.mark.parametrize("text", ["-12.50", "+49 30 901820", "+4930901820", "-"])
def test_numbers_and_telephone_numbers_stay(text: str) -> None:
    assert as_csv(NAMES, [[text]]).decode().splitlines()[1] == text


def test_numbers_are_numbers_in_a_workbook() -> None:
    sheet = (
        zipfile.ZipFile(io.BytesIO(as_xlsx(NAMES, [["1", "2", 98.5, True]]))).read("xl/worksheets/sheet1.xml").decode()
    )
    assert "<v>98.5</v>" in sheet
    assert 't="b"' in sheet


@pytest.mark.parametrize(
    ("kind", "valid", "value", "in_workbook"),
    [
        ("amount", True, "1250.00", "<v>1250</v>"),
        ("number", True, "-0.5", "<v>-0.5</v>"),
        ("number", True, "007", 't="s"'),  # a code: as a number it would lose its zeros
        ("number", True, "12345678901234567", 't="s"'),  # Excel would round it
        ("amount", False, "1250.00", 't="s"'),
        ("text", True, "1250", 't="s"'),
    ],
)
def test_a_valid_amount_is_a_number_in_a_workbook(kind: str, valid: bool, value: str, in_workbook: str) -> None:
    row = [value_of({"kind": kind, "valid": valid, "value": value})]
    sheet = zipfile.ZipFile(io.BytesIO(as_xlsx(["fee"], [row]))).read("xl/worksheets/sheet1.xml").decode()
    assert in_workbook in sheet.split("</row>")[1]
    assert as_csv(["fee"], [row]).decode() == f"fee\n{value}\n", "with all decimals"


def test_the_same_rows_are_the_same_bytes() -> None:
    assert as_xlsx(NAMES, [["a", "b", 1, True]]) == as_xlsx(NAMES, [["a", "b", 1, True]])
