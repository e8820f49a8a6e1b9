"""Where a task can stand, and what its client is told there: the documented keys and never another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import REGIONS, Api, ServiceProcess, blobs, draw, grain, line_region, region, rows, texts, wait_until

pytestmark = pytest.mark.every_deployment

UNKNOWN = "9b2f9a1e-7c1b-4b6e-9f7b-0d6c1b1d3c55"


def not_exist(task_id: str) -> bytes:
    answer = {"id": task_id, "responseStatusCode": "TaskNotFound", "taskStatus": "NotExist"}
    return json.dumps(answer | {"results": None, "error": None}, separators=(",", ":")).encode()


def content(api: Api, task_id: str) -> bytes:
    answer = api.http.get(REGIONS, params={"id": task_id})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.content


def of_task(service: ServiceProcess, kind: str, task_id: str) -> list[Any]:
    return [blob for blob in blobs(service, kind) if blob.name.startswith(task_id)]


@pytest.mark.parametrize("task_id", [UNKNOWN, "x", "../../etc/passwd", "a b", "é", "x" * 5000, "%00", "' OR 1=1 --"])
def test_an_unknown_id_does_not_exist_whatever_it_looks_like(api: Api, task_id: str) -> None:
    assert json.loads(content(api, task_id)) == json.loads(not_exist(task_id))
    assert api.status(task_id)["taskStatus"] == "NotExist"
    api.cancel(task_id)


def test_cancelled_and_foreign_tasks_look_like_unknown_ones(api: Api, stranger: Api, page: bytes) -> None:
    cancelled, foreign = api.submit(page), stranger.submit(page)
    stranger.finished(foreign)
    api.cancel(cancelled)
    unknown = content(api, UNKNOWN)
    assert unknown == not_exist(UNKNOWN)
    for task_id in (cancelled, foreign):
        assert content(api, task_id).replace(task_id.encode(), UNKNOWN.encode()) == unknown
        assert api.status(task_id) == json.loads(not_exist(task_id))


def test_a_foreign_task_cannot_be_cancelled(api: Api, stranger: Api, page: bytes) -> None:
    foreign = stranger.submit(page)
    api.cancel(foreign)
    assert stranger.finished(foreign)["taskStatus"] == "Completed"


def test_a_waiting_and_a_cancelled_waiting_task(service: ServiceProcess, api: Api, page: bytes) -> None:
    with service.frozen_workers():
        kept, dropped = api.submit(page), api.submit(page)
        waiting = {"responseStatusCode": "NotReady", "taskStatus": "Pending", "results": None, "error": None}
        assert api.get(kept, wait=0) == {"id": kept} | waiting
        assert api.status(kept) == {"id": kept} | waiting
        api.cancel(dropped)
        assert content(api, dropped) == not_exist(dropped)
    assert api.finished(kept)["taskStatus"] == "Completed"
    assert content(api, dropped) == not_exist(dropped)


def test_a_running_task_and_its_end_by_cancel(api: Api, page: bytes) -> None:
    # Many regions of a full page keep a worker busy for seconds.
    lines = [f"Line {number} of a page that takes its time to read" for number in range(30)]
    task_id = api.submit(draw(lines, 1000), regions=[region(0, 0, 1000, 1800)] * 100)
    running = wait_until(
        lambda: None if (answer := api.get(task_id, wait=0))["taskStatus"] == "Pending" else answer,
        "the start of the task",
    )
    assert (running["taskStatus"], running["responseStatusCode"]) == ("Processing", "NotReady")
    assert (running["results"], running["error"]) == (None, None)
    api.cancel(task_id)
    assert content(api, task_id) == not_exist(task_id)
    # Its worker was killed; another takes its place.
    assert api.read(page)["taskStatus"] == "Completed"


KEYS = {"id", "responseStatusCode", "taskStatus", "results", "error"}


def test_a_completed_task_has_one_result_for_each_region_in_order(api: Api) -> None:
    lines = ["Ahab", "Ishmael", "Queequeg", "Starbuck", "Stubb"]
    orders = [5, -1, 5, 0, None]
    regions = [line_region(number, order, 400) for number, order in enumerate(orders)]
    answer = api.read(draw(lines, 400), regions=regions)
    assert set(answer) == KEYS
    assert (answer["responseStatusCode"], answer["taskStatus"], answer["error"]) == ("Ok", "Completed", None)
    assert all(set(result) == {"type", "data"} for result in answer["results"])
    # No order counts as 0, as the protocol's integers do; equal ones stay as they were given.
    assert texts(answer) == ["Ishmael", "Starbuck", "Stubb", "Ahab", "Queequeg"]


def test_regions_beyond_the_image_are_told_and_keep_their_place(api: Api) -> None:
    regions = [region(0, 200, 50, 300, 2), region(-30, -20, 900, 60, 3), line_region(1, 1, 400)]
    answer = api.read(draw(["Queequeg", "Starbuck"], 400), regions=regions)
    assert set(answer) == KEYS
    assert (answer["responseStatusCode"], answer["taskStatus"]) == ("PartiallyNotFound", "Completed")
    assert texts(answer) == ["Starbuck", "", "Queequeg"]
    # The second one reaches beyond the image, which takes nothing away.
    assert answer["error"]["messages"] == ["region 1 (0,200-50,300) lies outside the image and was not read"]
    assert answer["error"]["warnings"] == answer["error"]["messages"]


@pytest.mark.parametrize("result_type", ["Text", "JSON", "Hocr", "Pdf", "TextAndPdfAndHocr"])
def test_no_text_is_no_result_data(api: Api, result_type: str) -> None:
    answer = api.read(draw(["", ""]), resultType=result_type, regions=[line_region(0), line_region(1)])
    assert (answer["responseStatusCode"], answer["taskStatus"]) == ("NoAnyResultData", "Completed")
    assert len(answer["results"]) == 2 * len(result_type.split("And"))
    assert answer["error"]["messages"] == answer["error"]["warnings"] == ["no text was found"]


def test_a_picture_needs_no_text(api: Api) -> None:
    assert api.read(draw([""]), resultType="ImagePNG")["responseStatusCode"] == "Ok"


def test_a_lost_result_is_reported_as_lost(service: ServiceProcess, api: Api) -> None:
    task_id = api.submit(grain(), resultType="ImagePNG")
    api.finished(task_id)
    (blob,) = of_task(service, "results", task_id)
    blob.unlink()
    answer = api.get(task_id)
    assert (answer["responseStatusCode"], answer["taskStatus"]) == ("ResultDataLost", "Completed")
    assert not answer["results"]
    assert answer["error"]["messages"]
    assert answer["error"]["warnings"] is not None


@pytest.mark.parametrize("is_large", [False, True], ids=["in its row", "in a blob"])
def test_a_result_is_the_same_bytes_every_time_and_under_every_path(
    service: ServiceProcess, api: Api, page: bytes, is_large: bool
) -> None:
    task_id = api.submit(grain(), resultType="ImagePNG") if is_large else api.submit(page)
    first = api.http.get(REGIONS, params={"id": task_id}, headers={"Prefer": "wait=30"}).content  # told of its end
    assert json.loads(first)["responseStatusCode"] == "Ok"
    assert len(of_task(service, "results", task_id)) == is_large
    assert content(api, task_id) == first
    assert api.http.get("/v5.0/recognizeregions", params={"id": task_id}).content == first
    assert api.status(task_id) == json.loads(first) | {"results": None}


def test_a_completed_task_can_be_erased(service: ServiceProcess, api: Api) -> None:
    task_id = api.submit(grain(), resultType="ImagePNG")
    api.finished(task_id)
    wait_until(lambda: not of_task(service, "inputs", task_id), "the erasure of the input")
    assert of_task(service, "results", task_id)
    api.cancel(task_id)
    assert not of_task(service, "inputs", task_id)
    assert not of_task(service, "results", task_id)
    assert content(api, task_id) == not_exist(task_id)


def test_urgent_tasks_go_first_and_equal_ones_by_age(narrow_service: ServiceProcess, narrow: Api) -> None:
    # One worker, stopped while the tasks queue up behind one that it may have been given already.
    image = draw(["Pip"], 100)
    with narrow_service.frozen_workers():
        narrow.submit(image)
        late = narrow.submit(image, headers={"Priority": "u=7"})
        usual = [narrow.submit(image) for _ in range(3)]
        early = narrow.submit(image, headers={"Priority": "u=0, i"})
    for task_id in (late, *usual, early):
        narrow.finished(task_id)
    finished = [task for (task,) in rows(narrow_service, "SELECT id FROM tasks ORDER BY finished")]
    assert [task for task in finished if task in {late, *usual, early}] == [early, *usual, late]
