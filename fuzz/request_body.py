"""Any bytes at all as the body of a POST: settings that can be stored and read again, or InvalidRequest."""

from __future__ import annotations

import json

import driver

with driver.instrumented("whaleline"):
    import corpus
    from harness import b64, region
    from whaleline.errors import InvalidRequest
    from whaleline.operations import OPERATIONS
    from whaleline.settings import Settings
    from whaleline.wire import body

_SETTINGS = Settings(max_regions=20, max_image_bytes=4096)


def one(data: bytes) -> None:
    """Parse one body, as submit does, and what it would store, as a worker does."""
    for operation in OPERATIONS.values():
        try:
            image, request = body.parse_task(operation, data, _SETTINGS)
            operation.check(image, request, _SETTINGS)
        except InvalidRequest as error:
            assert error.field
            assert str(error).isascii()
            continue
        assert 0 < len(image) <= _SETTINGS.max_image_bytes
        stored = request.model_dump_json(by_alias=True)
        assert operation.settings_model.model_validate_json(stored) == request


def seeds() -> list[bytes]:
    """Bodies as clients send them, and some that they do not."""
    image = b64(corpus.saved(corpus.grey(2, 2), "PNG"))
    settings = [
        {},
        {"language": "English", "resultType": "Text", "Rotate": 90, "dsrMode": "CraftPoly", "dsrConfidence": 3},
        {"regions": [region(0, 0, 9, 9, 1), region(-5, -5, 2**31 - 1, 9)], "makeSkewCorrect": "false"},
        {"regions": None, "language": "", "rotate": "7", "resultTypeTable": "Csv", "makeUpsampling": True},
    ]
    bodies = [json.dumps({"image": image, "settings": each}).encode() for each in settings]
    odd = [b'\xef\xbb\xbf{"image": "data:image/png;base64,' + image.encode() + b'",}', b"{'file':0x1f,/**/}", b"[[[["]
    return bodies + odd


DICTIONARY = ["image", "settings", "regions", "rect", "topLeftX", "bottomRightY", "order", "language", "resultType"]
DICTIONARY += ["Rotate", "dsrMode", "null", "true", "NaN", "Infinity", "-1", "1e9", "\\\\ud800", "data:", ";base64,"]


if __name__ == "__main__":
    driver.run(one, seeds, dictionary=DICTIONARY)
