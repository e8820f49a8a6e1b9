"""operations/schema.py by itself, with a model of the test's own."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whaleline.errors import InvalidRequest
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.operations.schema import Int32, WireModel, choice, parse
from whaleline.wording import misspelt, quoted


class Mast(StrEnum):
    FORE = "Fore"
    MAIN = "Main"
    MIZZEN = "Mizzen"


class Sail(WireModel):
    square_feet: Int32 = 7


class Ship(WireModel):
    mast: Annotated[Mast, choice(Mast, Middle=Mast.MAIN)] = Mast.FORE
    sails: tuple[Sail, ...] = ()
    name: str = "Pequod"


@pytest.mark.parametrize(
    ("value", "mast"),
    [("Main", Mast.MAIN), (" mAIN ", Mast.MAIN), ("middle", Mast.MAIN), (1, Mast.FORE), (3, Mast.MIZZEN)],
)
def test_a_choice_goes_by_name_synonym_and_number(value: Any, mast: Mast) -> None:
    assert parse(Ship, {"mast": value}).mast is mast


@pytest.mark.parametrize("value", ["Bow", 0, 4, -1, True, 1.0, [], {}])
def test_another_choice_is_answered_with_all(value: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"is not one of Fore, Main, Mizzen$") as caught:
        parse(Ship, {"mast": value}, "ship")
    assert caught.value.field == "ship.mast"


def test_keys_fold_and_nothing_means_the_default() -> None:
    ship = parse(
        Ship, {"MAST": None, "Name": "", "sails": [{"SQUAREFEET": "12", "x": 1}, {"squareFeet": None}], "y": 2}
    )
    assert ship == Ship(sails=(Sail(squareFeet=12), Sail()))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"masts": "Main"}, "ship: unknown key 'masts'; did you mean mast?"),
        ({"Sials": []}, "ship: unknown key 'Sials'; did you mean sails?"),
        (
            {"sails": [{}, {"square_feet": 7}]},
            "ship.sails[1]: unknown key 'square_feet'; did you mean squareFeet?",
        ),
        ({"sails": [{"SquareFoot": 7}]}, "ship.sails[0]: unknown key 'SquareFoot'; did you mean squareFeet?"),
    ],
)
def test_a_misspelt_key_is_answered_with_what_was_meant(value: Any, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(Ship, value, "ship")
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "extra",
    [
        {"squareFeets": None},  # says nothing
        {"names": 1, "name": "Rachel"},  # the right one is there, too
        {"game": 1},  # another word
        {"mst": 1, "x": 1, "": 1, "\0": 1, "m" * 1000: 1},
        {"squareFeet": 1},  # a key of another model
        {"resultTypeTable": "Csv", "makeSpellCheck": True},  # keys of the protocol
    ],
)
def test_other_unknown_keys_are_passed_over(extra: dict[str, Any]) -> None:
    assert parse(Ship, extra | {"sails": [{"note": 1}]}).sails == (Sail(),)


def test_no_key_of_the_protocol_is_taken_for_another_one() -> None:
    """Clients of an older make or for another type of task send any of them."""
    keys = set(RecognizeRegionsSettings.model_json_schema(by_alias=True)["properties"])
    for absent in keys:
        assert misspelt(absent, keys - {absent}) is None, absent


def test_a_null_does_not_hide_a_value_under_another_spelling() -> None:
    assert parse(Ship, {"name": "Rachel", "Name": None}).name == "Rachel"


def test_every_fault_is_told_and_the_first_one_names_the_field() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(Ship, {"mast": "Bow", "sails": [{}, {"squareFeet": 2**40}]})
    assert caught.value.field == "mast"
    assert "sails[1].squareFeet: 1099511627776 is more than 2147483647" in str(caught.value)


def test_no_more_than_ten_faults_are_told() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(Ship, {"sails": [1] * 1000})
    assert str(caught.value).count(";") == 9


def test_a_model_that_is_none_at_all_is_called_body() -> None:
    with pytest.raises(InvalidRequest, match=r"^body: a list is not an object$"):
        parse(Ship, [])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (-7, "-7"),
        (1.5, "1.5"),
        ("é", "'\\xe9'"),
        ([], "a list"),
        ({}, "an object"),
        ("x" * 100, "'" + "x" * 59 + "..."),
    ],
)
def test_values_are_quoted_as_json_has_them(value: Any, shown: str) -> None:
    assert quoted(value) == shown


def test_a_number_that_python_would_not_write_is_quoted_all_the_same() -> None:
    assert quoted(16**6000 - 1) == "0x" + "f" * 58 + "..."


@given(st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.integers()))
def test_a_quotation_is_short_and_ascii(value: Any) -> None:
    assert quoted(value).isascii()
    assert len(quoted(value)) <= 63


def test_settings_survive_the_way_to_the_worker() -> None:
    rect = {"topLeftX": -1, "topLeftY": 2, "bottomRightX": 3, "bottomRightY": 4}
    sent = {"language": "hwt_eng", "regions": [{"rect": rect, "order": 9}], "rotate": 90, "dsrMode": "CraftPoly"}
    settings = parse(RecognizeRegionsSettings, sent)
    stored = settings.model_dump_json(by_alias=True)
    assert RecognizeRegionsSettings.model_validate_json(stored) == settings
    assert json.loads(stored)["Rotate"] == 90


def test_absent_keys_take_the_documented_defaults() -> None:
    assert json.loads(parse(RecognizeRegionsSettings, {}).model_dump_json(by_alias=True)) == {
        "language": "English",
        "regions": [],
        "resultType": "Text",
        "makeSkewCorrect": True,
        "makeBinarization": False,
        "makeContrastCorrection": True,
        "makeUpsampling": False,
        "makeSpellCheck": False,
        "Rotate": 0,
        "dsrMode": "Regions",
        "dsrConfidence": "Default",
        "resultTypeTable": "Text",
        "textLayer": "auto",
        "template": None,
    }
