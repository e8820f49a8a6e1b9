"""Documents with several pages, whose pages any worker reads: kills, cancellation, gaps, and the turns of others."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import corpus
from harness import Api, Deployment, ServiceProcess, blobs, draw, line_region, rows, texts, wait_until, workers_of

pytestmark = pytest.mark.every_deployment

StartService = Callable[..., ServiceProcess]

NAMES = ("Queequeg", "Daggoo", "Tashtego", "Fedallah", "Bildad", "Peleg", "Pip", "Elijah")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, deploy: Callable[[Path], Deployment]) -> Iterator[ServiceProcess]:
    """A service with two workers, which tests may kill."""
    data_dir = tmp_path_factory.mktemp("pair") / "data"
    process = ServiceProcess(data_dir, deploy(data_dir), workers=2, max_pixels=100_000).start()
    yield process
    assert process.stop() == 0, process.log


def document(*lines: str, large: int | None = None) -> bytes:
    """A page of one line for each; one of them may be larger than the service reads."""
    pages = [Image.open(io.BytesIO(draw([line], 400))).convert("L") for line in lines]
    if large is not None:
        pages[large - 1] = pages[large - 1].resize((4000, 600))
    return corpus.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")


def regions(count: int) -> list[dict[str, Any]]:
    return [line_region(0, width=400) | {"page": page} for page in range(1, count + 1)]


def submit(api: Api, lines: tuple[str, ...] = NAMES, **options: Any) -> str:
    return api.submit(document(*lines, **options), regions=regions(len(lines)))


def assert_nothing_left(service: ServiceProcess, task: str) -> None:
    """No part, no input, and of results the task's own at most."""
    assert rows(service, f"SELECT count(*) FROM tasks WHERE parent = '{task}'") == [(0,)]
    wait_until(lambda: not [blob for blob in blobs(service, "inputs") if blob.name == task], "the erasure of the input")
    assert not [blob for blob in blobs(service, "results") if blob.name.startswith(f"{task}-")]


def running_pages(service: ServiceProcess, task: str) -> int:
    sql = f"SELECT count(*) FROM tasks WHERE parent = '{task}' AND status = 'Processing'"
    return int(rows(service, sql)[0][0])


def test_pages_are_read_apart_and_joined_in_their_order(pair: ServiceProcess) -> None:
    api = pair.connect()
    task = submit(api)
    answer = api.finished(task)
    assert (answer["responseStatusCode"], answer["error"]) == ("Ok", None)
    assert texts(answer) == list(NAMES)
    assert_nothing_left(pair, task)


def test_large_results_of_pages_are_blobs_until_they_are_joined(pair: ServiceProcess) -> None:
    api = pair.connect()
    task = api.submit(document(*NAMES[:3]), regions=regions(3), resultType="ImagePNG", makeUpsampling=True)
    answer = api.finished(task)
    assert (answer["responseStatusCode"], len(answer["results"])) == ("Ok", 3)
    assert_nothing_left(pair, task)


def test_a_page_that_cannot_be_read_leaves_a_gap_that_is_named(pair: ServiceProcess) -> None:
    api = pair.connect()
    task = submit(api, NAMES[:3], large=2)
    answer = api.finished(task)
    assert (answer["taskStatus"], answer["responseStatusCode"]) == ("Completed", "ResultDataLost")
    assert texts(answer) == ["Queequeg", "", "Tashtego"]
    (message,) = answer["error"]["messages"]
    assert message.startswith("page 2 was not read: The TIFF image is 4000 x 600 = 2400000 pixels")
    assert_nothing_left(pair, task)


def test_a_document_of_which_no_page_can_be_read_ends_as_error(pair: ServiceProcess) -> None:
    api = pair.connect()
    pages = [corpus.grey(1000, 1000)] * 2
    task = api.submit(corpus.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), regions=regions(2))
    answer = api.finished(task)
    assert answer["taskStatus"] == "Error"
    assert answer["error"]["messages"][0].startswith("None of the 2 pages could be read; page 1 was not read: The TIFF")
    assert_nothing_left(pair, task)


def test_a_killed_worker_costs_a_page(pair: ServiceProcess) -> None:
    api = pair.connect()
    task = submit(api)
    wait_until(lambda: running_pages(pair, task) or None, "a page at work")
    workers_of(pair)[0].kill()
    answer = api.finished(task)
    assert answer["responseStatusCode"] == "Ok", answer
    assert texts(answer) == list(NAMES)
    assert_nothing_left(pair, task)


def test_cancelling_ends_all_pages(pair: ServiceProcess) -> None:
    api = pair.connect()
    task = submit(api, NAMES * 12)
    wait_until(lambda: running_pages(pair, task) or None, "a page at work")
    api.cancel(task)
    assert api.get(task)["taskStatus"] == "NotExist"
    assert rows(pair, "SELECT count(*) FROM tasks WHERE status IN ('Pending', 'Processing')") == [(0,)]
    assert_nothing_left(pair, task)
    assert texts(api.finished(submit(api, NAMES[:2]))) == list(NAMES[:2])


def test_anothers_task_does_not_wait_for_the_rest_of_a_document(pair: ServiceProcess) -> None:
    api, other = pair.connect(), pair.connect(*pair.add_client("other"))
    task = submit(api, NAMES * 12)
    wait_until(lambda: running_pages(pair, task) or None, "a page at work")
    assert texts(other.read(draw(["small"]))) == ["small"]
    assert api.get(task, wait=0)["taskStatus"] == "Processing"
    api.cancel(task)


def test_the_end_of_the_service_costs_no_finished_page(start_service: StartService, tmp_path: Path) -> None:
    soon = {"lease_seconds": 3, "workers": 2}
    service = start_service(tmp_path / "data", **soon)
    api = service.connect()
    task = submit(api, NAMES * 4)

    def finished() -> list[tuple[Any, ...]]:
        return rows(service, f"SELECT id, claim FROM tasks WHERE parent = '{task}' AND status = 'Completed'")

    wait_until(lambda: len(finished()) > 3 or None, "some finished pages")
    service.kill()
    before = finished()
    service = start_service(tmp_path / "data", **soon)
    after = dict(rows(service, f"SELECT id, claim FROM tasks WHERE parent = '{task}'"))
    assert before
    assert all(after[part] == claim for part, claim in before)
    api = service.connect(token=api.token)
    assert texts(api.finished(task)) == list(NAMES * 4)
    assert_nothing_left(service, task)
