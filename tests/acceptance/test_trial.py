"""RecognizeImageTrial: open to all where the service offers it, and small."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import aspose_ocr_cloud as sdk
import httpx
import pytest

import corpus
from harness import DEADLINE, Api, ServiceProcess, b64, draw
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.recognize_image_trial import MOST_BYTES, hidden
from whaleline.recognition.page import Block, Line, Page, Word

TRIAL = "/v5.0/ocr/RecognizeImageTrial"


def test_every_tenth_word_is_hidden_and_its_signs_stay() -> None:
    words = [f"word{number}," for number in range(1, 24)]
    lines = [words[:7], words[7:]]
    box = Rectangle(0, 0, 9, 9)
    page = Page(9, 9, (Block(tuple(Line(tuple(Word(text, box, 90) for text in line)) for line in lines)),))
    shown = [word.text for word in hidden(page).words]
    assert [number for number, text in enumerate(shown, 1) if "*" in text] == [10, 20]
    assert shown[9] == "******,"
    assert hidden(page) == hidden(page)


def test_it_is_not_there_unless_it_is_offered(api: Api) -> None:
    answer = api.post({"image": b64(draw(["Pip"], 90))}, TRIAL)
    assert answer.status_code == 404
    assert "RecognizeImageTrial," not in answer.json()["detail"].replace(TRIAL, "")


@pytest.mark.embedded("what is looked at is decided before the broker")
def test_the_official_client_reads_without_a_token(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service(workers=1, trial=True)
    lines = ["Call me Ishmael. Some", "years ago never mind", "how long precisely"]
    body = sdk.OCRRecognizeImageBody(image=b64(draw(lines, 900)), settings=sdk.OCRSettingsRecognizeImage())
    for token in (None, "a token that is not valid"):
        with sdk.ApiClient(sdk.Configuration(host=service.url, access_token=token)) as client:
            api = sdk.RecognizeImageTrialApi(client)
            task_id = api.post_recognize_image_trial(body)
            answer = api.get_recognize_image_trial(id=task_id)
            assert answer.task_status == sdk.OCRTaskStatus.COMPLETED
            text = base64.b64decode(answer.results[0].data).decode()
            assert text == "Call me Ishmael. Some\nyears ago never mind\nhow **** precisely"
    with_token = service.connect()
    assert with_token.http.get("/v5.0/ocr/RecognizeImage", params={"id": task_id}).json()["taskStatus"] == "NotExist"
    own = with_token.post({"image": b64(draw(["Pip"], 90))}).text
    with httpx.Client(base_url=service.url, timeout=DEADLINE) as nobody:
        assert nobody.get(TRIAL, params={"id": own}).json()["taskStatus"] == "NotExist"
        assert nobody.get("/v5.0/ocr/RecognizeImage", params={"id": task_id}).status_code == 401
        refused(nobody, service)


def refused(nobody: httpx.Client, service: ServiceProcess) -> None:
    large = nobody.post(TRIAL, json={"image": b64(draw(["Pip"], 90) + bytes(MOST_BYTES))})
    assert (large.status_code, str(MOST_BYTES) in large.json()["detail"]) == (400, True)
    first, second = (corpus.grey(60, 40) for _ in range(2))
    frames = corpus.saved(first, "TIFF", save_all=True, append_images=[second])
    task_id = nobody.post(TRIAL, json={"image": b64(frames)}).text
    told: Any = nobody.get(TRIAL, params={"id": task_id}).json()
    assert "on trial, only the first of the 2 pages was read" in told["error"]["messages"]
    with service.frozen_workers():
        posted = [nobody.post(TRIAL, json={"image": b64(draw(["Pip"], 90))}).status_code for _ in range(3)]
        assert posted == [200, 200, 503]
    posted = [nobody.post(TRIAL, json={"image": b64(b"x")}).status_code for _ in range(20)]
    assert 429 in posted
    assert nobody.delete(TRIAL, params={"id": task_id}).status_code == 200
