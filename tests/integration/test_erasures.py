"""Erasing the inputs of tasks that have ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import wait_until
from servers import S3
from whaleline.tasks.blobs import BlobKind, Blobs
from whaleline.tasks.erasures import Erasures


def inputs(blobs: Blobs) -> set[str]:
    return {blob.task_id for blob in blobs.list(BlobKind.INPUT)}


@pytest.fixture
def remote(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return Blobs(s3.create_store())


def test_inputs_in_an_object_store_are_erased_soon_and_others_stay(remote: Blobs) -> None:
    erasures = Erasures(remote)
    for name in ("one", "two", "three", "open"):
        remote.put_input(name, b"image")
    for name in ("one", "two", "gone"):
        erasures.add(name)
    wait_until(lambda: inputs(remote) == {"three", "open"}, "the erasure of two inputs")
    erasures.add("three")  # after the thread has rested
    wait_until(lambda: inputs(remote) == {"open"}, "the erasure of the third")


def test_inputs_are_erased_at_once_when_a_worker_ends(remote: Blobs) -> None:
    erasures = Erasures(remote)
    for number in range(1001):  # more than one request takes
        erasures.add(f"{number}")
    remote.put_input("1000", b"image")
    erasures.flush()
    assert inputs(remote) == set()


def test_inputs_in_a_directory_are_erased_at_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path.as_uri())
    blobs.put_input("one", b"image")
    Erasures(blobs).add("one")
    assert inputs(blobs) == set()
    blobs.put_input("two", b"image")
    blobs.erase_inputs(["gone", "two"])
    assert inputs(blobs) == set()
