"""schemathesis against the running service: whatever our own OpenAPI document allows, and much that it does not.

Every answer must have a status, a media type and a schema that the document tells of.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from harness import DEADLINE, REGIONS, Api, ServiceProcess, b64, draw

if TYPE_CHECKING:  # else each process of tests would import it, which takes a second
    import schemathesis
    from schemathesis.core.transport import Response

TINY = b64(draw(["Pip"], 90))

accepted: list[str] = []
"""Ids that POST answered with."""


EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))
"""Requests to each resource, in either mode; `make fuzz` asks for more."""

BOUNDED = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", ["positive", "negative"])
def test_answers_are_as_the_document_says(service: ServiceProcess, api: Api, kind: str) -> None:
    """Requests that the document allows, and requests that it does not."""
    import schemathesis  # noqa: PLC0415
    from schemathesis import GenerationMode  # noqa: PLC0415
    from schemathesis.core.result import Ok  # noqa: PLC0415

    mode = GenerationMode(kind)
    described = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    operations = [result.ok() for result in described.get_all_operations() if isinstance(result, Ok)]
    if mode is GenerationMode.NEGATIVE:  # what has a name in its path alone takes any; the token is a valid one, always
        operations = [each for each in operations if list(each.body) or list(each.query)]
    assert len(operations) >= 12
    tried = set()
    for operation in operations:

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_it(case: schemathesis.Case[Any]) -> None:
            is_post = case.operation.label == f"POST {REGIONS}"
            if is_post and isinstance(case.body, dict) and case.body.get("image"):
                case.body["image"] = TINY  # a schema cannot say what an image is, and the settings are to be reached
            answer = case.call(headers={"Authorization": f"Bearer {api.token}"}, timeout=DEADLINE)
            validate(case, answer)
            tried.add((case.operation.label, answer.status_code))
            if is_post and answer.status_code == 200:
                accepted.append(answer.text)

        try_it()
    assert {label for label, _ in tried} == {operation.label for operation in operations}
    assert (f"POST {REGIONS}", 200 if mode is GenerationMode.POSITIVE else 400) in tried


def validate(case: schemathesis.Case[Any], answer: Response) -> None:
    """Not whether what the schema forbids is refused: the protocol's clients need to be read kindly."""
    from schemathesis import checks  # noqa: PLC0415

    case.validate_response(
        answer,
        checks=[
            checks.not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_headers_conformance,
            checks.response_schema_conformance,
            checks.unsupported_method,
            checks.allow_header_conformance,
        ],
    )


def test_what_was_accepted_ends_well(api: Api) -> None:
    assert accepted
    for task_id in accepted:
        answer = api.finished(task_id)
        assert answer["taskStatus"] == "Completed" or "makes a picture of" in str(answer["error"]), answer
