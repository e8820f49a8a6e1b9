"""The whole corpus through a running service: each file an answer of the protocol, no worker lost, memory bounded."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import corpus
from harness import Api, ServiceProcess, b64, draw, line_region, region, texts, workers_of

MIB = 1024 * 1024


TOO_LARGE = {"65,000 wide", "PDF of 200 inches", "SVG of 200 inches"}
"""Sound files of which this service reads no region as large as the whole."""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service of its own with one worker, whose memory is nobody else's doing."""
    process = ServiceProcess(
        tmp_path_factory.mktemp("hostile") / "data", workers=1, max_region_pixels=10_000_000
    ).start()
    yield process
    assert process.stop() == 0, process.log


@pytest.fixture(scope="module")
def aimed(target: ServiceProcess) -> Api:
    return target.connect()


def workers(service: ServiceProcess) -> dict[int, int]:
    """The peak resident size in bytes of each child process that can claim a task, by its id."""
    peaks = {}
    for worker in workers_of(service):
        found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{worker.pid}/status").read_text(), re.MULTILINE)
        assert found
        peaks[worker.pid] = int(found[1]) * 1024
    return peaks


def test_the_corpus_passes_through_one_and_the_same_worker(target: ServiceProcess, aimed: Api, page: bytes) -> None:
    """Sound files are read, the others end as Error with the decoder's sentence, and then a page is read as ever."""
    assert texts(aimed.read(page))
    before = workers(target)
    assert before
    ids = {}
    for name, (make, _) in (corpus.SOUND | corpus.REFUSED).items():
        ids[name] = aimed.submit(make(), resultType="JSON")
    for name, task_id in ids.items():
        answer = aimed.finished(task_id)
        if name in corpus.REFUSED or name in TOO_LARGE:
            assert (answer["taskStatus"], answer["responseStatusCode"]) == ("Error", "Error"), (name, answer)
            (message,) = answer["error"]["messages"]
            expected = corpus.REFUSED[name][1] if name in corpus.REFUSED else "at most 32000 to a side"
            assert re.search(expected, message), (name, message)
        else:
            assert answer["taskStatus"] == "Completed", (name, answer)
    assert "All men live enveloped" in texts(aimed.read(page))[0]
    after = workers(target)
    assert after.keys() == before.keys(), "a worker was lost"
    for pid, peak in after.items():
        # The largest files have 40 MB; a page at the limit is drawn in 4 bytes for each of 128 million pixels.
        assert peak - before[pid] < 650 * MIB
    assert "Traceback" not in target.log


def test_regions_past_their_common_area_end_the_task(aimed: Api, page: bytes) -> None:
    """700 x 180 pixels a hundred times over are more than ten million; the first page of the protocol is not."""
    answer = aimed.read(page, regions=[region(0, 0, 700, 180)] * 100, resultType="ImagePNG")
    assert (answer["taskStatus"], answer["responseStatusCode"]) == ("Error", "Error")
    assert answer["error"]["messages"] == [
        "The 100 regions have 12600000 pixels together; at most 10000000 are allowed."
    ]
    assert aimed.read(page, regions=[line_region(0)], resultType="ImagePNG")["taskStatus"] == "Completed"


def test_a_region_that_turns_into_a_bomb_ends_the_task(aimed: Api) -> None:
    strip = corpus.saved(corpus.grey(30_000, 2), "PNG")
    answer = aimed.read(strip, Rotate=45)
    assert answer["taskStatus"] == "Error"
    assert "turned by 45 degrees, makes a picture of 21215 x 21215 = 450076225 pixels" in answer["error"]["messages"][0]


# Bodies, as bytes

TINY = json.dumps({"image": b64(draw(["Pip"], 90))})[:-1]

BODIES: dict[str, tuple[bytes, int, str]] = {
    "the last of two images": (b'{"image": "QUJD", "image": "dGV4dA=="}', 400, "text is not supported"),
    "settings twice": ((TINY + ', "settings": {"Rotate": "x"}, "settings": {}}').encode(), 200, ""),
    "one key in two cases": ((TINY + ', "settings": {"rotate": 0, "Rotate": 90}}').encode(), 200, ""),
    "not a number": (
        (TINY + ', "settings": {"Rotate": NaN}}').encode(),
        400,
        "settings.Rotate: nan is not a number",
    ),
    "infinity": (
        (TINY + ', "settings": {"Rotate": -Infinity}}').encode(),
        400,
        "settings.Rotate: -inf is not a number",
    ),
    "a huge number": ((TINY + ', "settings": {"Rotate": 1' + "0" * 300 + "}}").encode(), 400, "settings.Rotate"),
    "a million digits": ((TINY + ', "settings": {"Rotate": ' + "9" * 10**6 + "}}").encode(), 400, "body"),
    "a million digits in text": (
        (TINY + ', "settings": {"Rotate": "' + "9" * 10**6 + '"}}').encode(),
        400,
        "settings.Rotate",
    ),
    "a large exponent": ((TINY + ', "settings": {"Rotate": 1e308}}').encode(), 400, "settings.Rotate"),
    "a lone surrogate": ((TINY + r', "settings": {"language": "\ud800"}}').encode(), 400, "no low surrogate"),
    "a lone surrogate as key": ((TINY + r', "settings": {"\udfff": 1}}').encode(), 400, "invalid high surrogate"),
    "a surrogate in raw bytes": (
        TINY.encode() + b', "settings": {"language": "\xed\xa0\x80"}}',
        400,
        "not valid UTF-8",
    ),
    "what only looks like UTF-8": (b"\n" + b"t\xf4" + b"t" * 100, 400, "not JSON"),
    "NUL": (
        (TINY + r', "settings": {"language": "English\u0000"}}').encode(),
        400,
        r"'English\\x00' is not a language",
    ),
    "NUL as key": ((TINY + r', "\u0000": {"\u0000": 0}}').encode(), 200, ""),
    "NUL bytes": (bytes(1000), 400, "not JSON"),
    "a deep value": ((TINY + ', "settings": {"x": ' + "[" * 900 + "]" * 900 + "}}").encode(), 200, ""),
    "a deeper value": ((TINY + ', "settings": {"x": ' + "[" * 5000 + "]" * 5000 + "}}").encode(), 400, "not JSON"),
    "deep regions": (
        (TINY + ', "settings": {"regions": ' + "[" * 900 + "]" * 900 + "}}").encode(),
        400,
        "settings.regions",
    ),
    "a million lists": (b"[" + b"[]," * 10**6 + b"[]]", 400, "its JSON has 2000002 values; at most 100000"),
    "a million keys": (b"{" + b'"a":1,' * 10**6 + b'"a":1}', 400, "values; at most 100000"),
    "a million regions": (
        (TINY + ', "settings": {"regions": [' + "{}," * 10**6 + "{}]}}").encode(),
        400,
        "values; at most",
    ),
    "megabytes of spaces": (b" " * (8 * MIB) + TINY.encode() + b"}" + b"\n" * (8 * MIB), 200, ""),
    "an image of spaces": (b'{"image": "' + b" " * (8 * MIB) + b'"}', 400, "its Base64 is empty"),
    "an image of padding": (b'{"image": "' + b"=" * (8 * MIB) + b'"}', 400, "its Base64 is empty"),
    "a comment without an end": (b"/*" + b"*" * MIB, 400, "not JSON"),
    "UTF-16": ('{"image": "QUJD"}'.encode("utf-16"), 400, "not JSON"),
    "a function": (b'{"image": (function(){})()}', 400, "not JSON"),
    "prototype": ((TINY + ', "__proto__": {"settings": 1}, "__class__": 1}').encode(), 200, ""),
}


@pytest.mark.parametrize("name", BODIES)
def test_odd_bodies_have_a_plain_answer(aimed: Api, name: str) -> None:
    body, status, said = BODIES[name]
    answer = aimed.post(body)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert aimed.finished(answer.text)["taskStatus"] == "Completed"
    else:
        assert re.search(said, answer.json()["detail"]), answer.text
        assert answer.json()["detail"].isascii()
        assert len(answer.content) < 5000


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="NOT TESTED: nothing tells resident sizes here")
def test_the_memory_of_large_bodies_is_given_back(target: ServiceProcess, aimed: Api) -> None:
    """By several threads and of many sizes; with glibc's own bounds 120 MiB and more stay behind."""

    def post(seed: int) -> None:
        api, chance = target.connect(token=aimed.token), random.Random(seed)
        for _ in range(15):
            body = {"image": b64(bytes(chance.randrange(200_000, 6_000_000))), "settings": {}}
            assert api.post(body).status_code == 400

    service = psutil.Process(target.process.pid)
    assert aimed.post({"image": b64(b"x"), "settings": {}}).status_code == 400
    before = service.memory_info().rss
    with ThreadPoolExecutor(4) as clients:
        list(clients.map(post, range(4)))
    assert service.memory_info().rss - before < 50 * MIB
