"""What a template may be, and what is said of one that may not."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from whaleline.errors import InvalidRequest
from whaleline.forms.template import Kind, Scheme, Template, schema
from whaleline.forms.template_values import MAX_PICTURE
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.schema import parse


def rect(left: int = 0, top: int = 0, right: int = 10, bottom: int = 10) -> dict[str, int]:
    return {"topLeftX": left, "topLeftY": top, "bottomRightX": right, "bottomRightY": bottom}


def template(*fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    named = [{"name": f"field {at}", "rect": rect()} | field for at, field in enumerate(fields or ({},))]
    return {"name": "card", "pages": [{"width": 100, "height": 50}], "fields": named} | changes


def test_a_template_comes_back_from_its_json() -> None:
    full = {
        "name": "number",
        "rect": rect(3, 4, 30, 14),
        "kind": "identifier",
        "scheme": "iban",
        "language": "german",
        "region": "DE",
        "pattern": "DE[0-9]+",
        "characters": "DE0123456789",
        "required": True,
        "leastConfidence": 60,
    }
    read = parse(Template, template(full, pages=[{"width": 100, "height": 50, "picture": "aGVsbG8="}]))
    field = read.fields[0]
    assert (field.rectangle, field.kind, field.scheme) == (Rectangle(3, 4, 30, 14), Kind.IDENTIFIER, Scheme.IBAN)
    assert (field.language, read.pages[0].picture) == ("German", b"hello")
    assert Template.model_validate_json(read.model_dump_json(by_alias=True)) == read


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (template({"name": "a"}, {"name": "a"}), "2 fields are called 'a'; names are unique"),
        (template({"name": ""}), "fields[0].name: is missing or empty"),
        (template({"name": "a\n"}), "fields[0].name: it begins or ends with a space"),
        (template(name="a/b"), "name: it has a slash"),
        (template(name="schema"), "name: it has a slash, or is a name that the service needs itself"),
        (template(name="a" * 101), "has more than 100 characters"),
        (template({"page": 2}), "lies on page 2 of 1"),
        (template({"rect": rect(right=101)}), "(0,0-101,10) reaches beyond its page of 100 x 50 pixels"),
        (template({"rect": rect(right=0)}), "fields[0].rect: the rectangle 0,0-0,10 has no area"),
        (template({"rect": {"topLeftX": 1.5}}), "fields[0].rect: it needs whole numbers for topLeftX"),
        (template({"kind": "colour"}), "fields[0].kind: 'colour' is not one of 'text', 'number'"),
        (template({"kind": "choice"}), "choices: the kind choice needs some"),
        (template({"choices": ["yes"]}), "choices: the kind text has none"),
        (template({"scheme": "iban"}), "scheme: the kind text has none"),
        (template({"language": "Klingon"}), "fields[0].language: 'Klingon' is not a supported language"),
        (template({"region": "Germany"}), "fields[0].region: 'Germany' is not the code of a country, such as GB or DE"),
        (template({"region": "XX"}), "fields[0].region: 'XX' is not the code of a country"),
        (template({"region": 7}), "fields[0].region"),
        (template({"leastConfidence": 101}), "fields[0].leastConfidence: 101 is more than 100"),
        (template({"leastConfidence": float("nan")}), "fields[0].leastConfidence: nan is not a number"),
        (template({"patern": "x"}), "fields[0].patern: there is no such key"),
        (template(pages=[]), "pages: is missing or empty"),
        (template(fields=[]), "fields: is missing or empty"),
        (template(fields=[{}] * 1001), "fields: 1001 are more than the limit of 1000"),
        (template(format="other"), "format: 'other' is not 'whaleline-template'"),
        (template(pages=[{"width": 0, "height": 1}]), "pages[0].width: 0 is less than 1"),
        (template(pages=[{"width": 1, "height": 1, "picture": "?"}]), "pages[0].picture: it is not Base64"),
        (
            template(pages=[{"width": 1, "height": 1, "picture": "A" * (MAX_PICTURE // 3 * 4 + 8)}]),
            f"a picture may have {MAX_PICTURE}",
        ),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        parse(Template, wrong)
    assert message in str(error.value)


@pytest.mark.parametrize(("given", "country"), [("de", "DE"), ("UK", "GB"), (None, None)])
def test_a_country_is_named_by_its_code(given: str | None, country: str | None) -> None:
    assert parse(Template, template({"region": given})).fields[0].region == country


def test_the_schema_takes_what_the_model_takes() -> None:
    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    assert validator.is_valid(template())
    assert validator.is_valid(parse(Template, template()).model_dump(mode="json", by_alias=True))
    assert not validator.is_valid(template({"kind": "colour"}))
    assert not validator.is_valid(template({"patern": "x"}))
