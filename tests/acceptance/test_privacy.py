"""What lies about: files that other users of the machine could read, and what log lines tell of documents."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from harness import ServiceProcess, grain

StartService = Callable[..., ServiceProcess]

pytestmark = pytest.mark.embedded("the data directory holds everything there")


def modes(directory: Path) -> dict[str, int]:
    """The mode of each file and directory beneath one."""
    return {str(path.relative_to(directory)): stat.S_IMODE(path.lstat().st_mode) for path in directory.rglob("*")}


def test_all_that_the_service_writes_is_its_owners_alone(start_service: StartService, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    service = start_service(data, workers=1)
    service.connect().read(grain(), resultType="ImagePNG")  # whose answer is a blob
    found = modes(data)
    assert {"lock", "whaleline.db", "whaleline.db-wal", "signing-key.pem", "blobs", "blobs/results"} <= found.keys()
    assert any(name.startswith("blobs/results/") for name in found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


def test_what_others_could_read_is_shut_at_the_start_and_told(start_service: StartService, tmp_path: Path) -> None:
    data = tmp_path / "data"
    service = start_service(data, workers=1)
    service.connect().read(grain(), resultType="ImagePNG")
    service.stop()
    for path in data.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (data / "another program's").touch(0o644)
    start_service(data, workers=1)
    found = modes(data)
    assert found.pop("another program's") == 0o644
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}
    assert "files could be read by other users" in service.log


def test_a_shared_blob_directory_keeps_its_groups_rights(start_service: StartService, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    service = start_service(workers=1, blobs=shared.as_uri())
    service.connect().read(grain(), resultType="ImagePNG")
    found = modes(shared)
    assert {found.pop(kind) for kind in ("inputs", "results", "templates")} == {0o2770}
    assert list(found.values()) == [0o660]


def photograph(comment: str) -> bytes:
    """A JPEG file with a comment in its EXIF block."""
    exif = Image.Exif()
    exif[0x010E] = comment  # ImageDescription
    exif.get_ifd(0x8769)[0x9286] = comment.encode()  # UserComment
    out = io.BytesIO()
    Image.new("L", (60, 40), 255).save(out, "JPEG", exif=exif, comment=comment)
    return out.getvalue()


@pytest.mark.parametrize(("level", "is_told"), [("debug", False), ("debug,PIL=debug", True)])
def test_a_documents_own_metadata_is_no_matter_for_the_log(
    start_service: StartService, level: str, is_told: bool
) -> None:
    service = start_service(workers=1, log_level=level)
    service.connect().read(photograph("Moby confidential"))
    service.stop()
    assert "task ended" in service.log
    assert ("Moby confidential" in service.log) is is_told
