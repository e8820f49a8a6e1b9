"""Idempotency-Key: a request that is sent again makes no second task."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import Api, b64, draw, texts

pytestmark = pytest.mark.every_deployment


def test_the_same_request_under_the_same_key_brings_the_same_task(api: Api) -> None:
    body = {"image": b64(draw(["only once"]))}
    first, again, bare = (
        api.post(body, headers={"Idempotency-Key": key}) for key in ('"same-1"', '"same-1"', "same-1")
    )
    assert first.status_code == 200
    assert first.text == again.text == bare.text
    assert texts(api.finished(first.text)) == ["only once"]
    assert api.post(body, headers={"Idempotency-Key": "same-1"}).text == first.text


def test_requests_that_come_at_once_make_one_task(api: Api) -> None:
    body = {"image": b64(draw(["at once"]))}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post(body, headers={"Idempotency-Key": "at-once"}), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.text for answer in answers}) == 1


def test_another_request_under_the_same_key_is_refused(api: Api) -> None:
    first = api.post({"image": b64(draw(["one"]))}, headers={"Idempotency-Key": "reused"})
    other = api.post({"image": b64(draw(["two"]))}, headers={"Idempotency-Key": "reused"})
    assert (first.status_code, other.status_code) == (200, 422)
    assert "was used for another request" in other.json()["detail"]


def test_keys_are_a_client_s_own(api: Api, stranger: Api) -> None:
    body = {"image": b64(draw(["mine"]))}
    headers = {"Idempotency-Key": "shared-by-chance"}
    assert api.post(body, headers=headers).text != stranger.post(body, headers=headers).text


def test_a_key_is_free_again_once_its_task_is_erased(api: Api) -> None:
    body = {"image": b64(draw(["again"]))}
    first = api.post(body, headers={"Idempotency-Key": "freed"}).text
    api.cancel(first)
    second = api.post(body, headers={"Idempotency-Key": "freed"})
    assert second.status_code == 200
    assert second.text != first


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "two words"])
def test_a_key_of_the_wrong_form_is_named(api: Api, key: str) -> None:
    answer = api.post({"image": b64(draw(["x"]))}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["errors"]
