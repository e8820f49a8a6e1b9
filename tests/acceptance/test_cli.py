"""The command `whaleline`: what it prints, how it ends, and that it never shows a stack trace."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from lxml import etree

from harness import LINE_HEIGHT, ServiceProcess, draw, texts, whaleline
from whaleline.cli import main
from whaleline.recognition import languages

LINES = ("Queequeg", "Starbuck")
FIRST, SECOND = f"0,0,400,{LINE_HEIGHT}", f"0,{LINE_HEIGHT},400,{2 * LINE_HEIGHT}"


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("images") / "crew.png"
    path.write_bytes(draw(LINES, 400))
    return str(path)


def run(*arguments: str, said: str = "", **environment: str) -> Result:
    result = CliRunner().invoke(main, arguments, input=said, env=environment)
    # Anything but an orderly end would be a stack trace at a terminal.
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def failed(result: Result, code: int, *said: str) -> None:
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    for part in said:
        assert part in result.stderr


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def test_reading_leaves_nothing_behind_at_home_that_a_library_would_send_away(
    crew: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """onnxruntime keeps what it has to tell its maker in the home directory, unless it is told not to."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    told = whaleline("read", crew, "--region", FIRST)
    assert told.stdout == "Queequeg\n", told
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("serve",),
        ("worker",),
        ("migrate",),
        ("client",),
        ("client", "add"),
        ("client", "list"),
        ("client", "remove"),
        ("languages",),
        ("read",),
    ],
)
def test_every_command_helps(arguments: tuple[str, ...]) -> None:
    assert "Usage:" in done(run(*arguments, "--help"))
    assert done(run(*arguments, "-h")) == done(run(*arguments, "--help"))


def test_the_version_is_told() -> None:
    assert done(run("--version")).startswith("whaleline, version ")


# read


def test_read_writes_the_whole_page_as_text(crew: str) -> None:
    assert done(run("read", crew)) == "Queequeg\nStarbuck\n"


def test_read_writes_regions_one_after_the_other(crew: str) -> None:
    assert done(run("read", crew, "--region", SECOND, "--region", FIRST)) == "Starbuck\nQueequeg\n"


def test_read_writes_json(crew: str) -> None:
    lines = done(run("read", crew, "--format", "json", "--region", FIRST, "--region", SECOND)).splitlines()
    assert [json.loads(line)[0]["text"] for line in lines] == list(LINES)


def test_read_writes_hocr(crew: str) -> None:
    document = etree.fromstring(run("read", crew, "--format", "hocr").stdout_bytes)
    assert ["".join(word.itertext()) for word in document.xpath("//*[@class='ocrx_word']")] == list(LINES)


def test_read_writes_one_pdf(crew: str) -> None:
    with pypdfium2.PdfDocument(io.BytesIO(run("read", crew, "--format", "pdf").stdout_bytes)) as document:
        assert document[0].get_textpage().get_text_bounded().split() == list(LINES)
    failed(run("read", crew, "--format", "pdf", "--region", FIRST, "--region", SECOND), 2, "one --region at a time")


def test_read_tells_of_a_region_outside_the_image(crew: str) -> None:
    result = run("read", crew, "--region", "900,900,950,950", "--region", FIRST)
    assert (result.exit_code, result.stdout) == (1, "Queequeg\n")
    assert result.stderr == "region 900,900,950,950 lies outside the image\n"


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("1,2,3", "not of the form X1,Y1,X2,Y2"),
        ("1,2,3,4,5", "not of the form"),
        ("a,b,c,d", "not of the form"),
        ("1.5,2,3,4", "not of the form"),
        ("", "not of the form"),
        ("5,5,5,9", "has no area"),
        ("9,9,5,5", "has no area"),
    ],
)
def test_read_refuses_a_bad_region(crew: str, region: str, said: str) -> None:
    failed(run("read", crew, "--region", region), 2, "--region", said, repr(region))


def test_read_refuses_what_is_not_there(crew: str, tmp_path: Path) -> None:
    failed(run("read", str(tmp_path / "absent.png")), 2, "absent.png", "does not exist")
    failed(run("read", str(tmp_path)), 2, "is a directory")
    failed(run("read"), 2, "Missing argument 'IMAGE'")
    failed(run("read", crew, "--format", "docx"), 2, "text", "json", "hocr", "pdf")
    failed(run("read", crew, "--language", "Klingon"), 1, "'Klingon' is not a language")


def test_read_tells_how_to_add_a_language(crew: str) -> None:
    absent = next((each for each in languages.languages() if languages.missing(each, languages.folders())), None)
    if absent is None:
        pytest.skip("every language is installed on this machine, so that none can be asked for in vain")
    failed(run("read", crew, "--language", absent.wire), 2, f"{absent.wire} is not installed", "apt-get install")


def test_read_refuses_what_is_no_image(tmp_path: Path) -> None:
    for name, content, said in (
        ("a.pdf", b"%PDF-1.4", "PDF"),
        ("b.png", draw(["x"])[:200], "damaged"),
        ("c", b"", "empty"),
    ):
        (tmp_path / name).write_bytes(content)
        failed(run("read", str(tmp_path / name)), 1, said)


def test_read_keeps_to_the_limit_of_pixels(crew: str) -> None:
    failed(run("read", crew, "--max-pixels", "1000"), 1, "400 x 120 = 48000 pixels", "1000")


# languages


def test_languages_tells_what_is_there_and_how_to_add_the_rest() -> None:
    lines = done(run("languages")).splitlines()
    assert len(lines) == 154
    assert lines[0].split() == ["English", "en", "eng,", "PP-OCRv6", "installed"]
    for line in lines:
        assert line.endswith(" installed") or " missing    apt-get install tesseract-ocr-" in line


def test_languages_tells_the_packages_and_the_languages_that_are_missing(tmp_path: Path) -> None:
    every = done(run("languages")).splitlines()
    lacking = done(run("languages", "--missing")).splitlines()
    assert lacking == [line for line in every if " missing    " in line]
    packages = done(run("languages", "--packages")).split()
    assert set(packages) == {name for line in lacking for name in line.split() if name.startswith("tesseract-ocr-")}


def test_languages_looks_into_the_folder_given(tmp_path: Path) -> None:
    (tmp_path / "deu.traineddata").touch()
    lines = done(run("languages", "--tessdata", str(tmp_path))).splitlines()
    assert next(line for line in lines if line.startswith("German ")).endswith(" installed")


# settings


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("serve", "--port", "70000"), ("port", "70000", "65535")),
        (("serve", "--workers", "many"), ("workers", "many")),
        (("serve", "--hold-seconds", "31"), ("hold_seconds", "31", "30")),
        (("serve", "--max-body-bytes", "0"), ("max_body_bytes", "0", "1024")),
        (("serve", "--signing-key", "/nonexistent/key.pem"), ("signing_key", "/nonexistent/key.pem")),
        (("serve", "--tls-certificate", "/nonexistent/cert.pem"), ("tls_certificate", "/nonexistent/cert.pem")),
        (("serve", "--tls-key", "/nonexistent/key.pem"), ("tls_key", "tls_certificate")),
        (("serve", "--database", "nonsense"), ("database", "nonsense")),
        (("serve", "--host", "256.1.1.1"), ("256.1.1.1",)),
        (("serve", "--no-such-setting"), ("--no-such-setting",)),
        (("client", "list", "--database", "nonsense"), ("database", "nonsense")),
        (("fly",), ("fly",)),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path: Path, arguments: tuple[str, ...], said: tuple[str, ...]) -> None:
    ended = whaleline(*arguments, data=tmp_path / "data", port=0)
    assert ended.returncode == 2, ended
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    for part in said:
        assert part in ended.stderr


def test_a_setting_in_the_environment_counts_and_an_option_counts_more(crew: str) -> None:
    failed(run("read", crew, WHALELINE_MAX_PIXELS="1000"), 1, "1000")
    assert done(run("read", crew, "--max-pixels", "100000", WHALELINE_MAX_PIXELS="1000"))
    failed(run("read", crew, WHALELINE_MAX_PIXELS="lots"), 2, "max_pixels", "lots")


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for command in (("serve",), ("client", "list")):
        ended = whaleline(*command, data=tmp_path / "file", port=0)
        assert ended.returncode in (1, 2)
        assert str(tmp_path / "file") in ended.stderr
        assert "Traceback" not in ended.stderr


# client


def test_a_client_is_added_listed_and_removed(tmp_path: Path) -> None:
    data = {"WHALELINE_DATA": str(tmp_path / "data")}
    assert done(run("client", "list", **data)) == ""
    told = done(run("client", "add", "Pequod", **data)).split()
    assert told[::2] == ["id", "secret"]
    client_id, secret = told[1::2]
    assert len(secret) >= 32
    listed = done(run("client", "list", **data))
    assert listed.startswith(f"{client_id}  ")
    assert listed.endswith("  Pequod\n")
    assert secret not in listed
    # Only a hash is kept.
    assert not any(secret.encode() in file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert done(run("client", "remove", client_id, **data)) == ""
    assert done(run("client", "list", **data)) == ""
    failed(run("client", "remove", client_id, **data), 1, client_id)


def test_a_client_may_bring_its_id_and_secret(service: ServiceProcess) -> None:
    data = {f"WHALELINE_{name.upper()}": str(value) for name, value in service.settings.items()}
    secret = "the secret of the white whale"
    result = run("client", "add", "old", "--id", "old-id", "--ask-secret", said=f"{secret}\n", **data)
    assert done(result) == "id      old-id\n"
    assert secret not in result.output
    assert service.token("old-id", secret)
    failed(run("client", "add", "again", "--id", "old-id", **data), 1, "old-id")
    failed(run("client", "add", "short", "--ask-secret", said="short\n", **data), 1, "at least 16")
    assert done(run("client", "remove", "old-id", **data)) == ""


# serve


def test_serve_tells_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = whaleline("serve", data=tmp_path / "data", port=port)
    assert ended.returncode == 2
    assert f"127.0.0.1:{port}: Address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.embedded("a data directory that holds no database may have any number of services")
def test_serve_tells_that_the_data_directory_is_taken(service: ServiceProcess) -> None:
    ended = whaleline("serve", data=service.data_dir, port=0)
    assert ended.returncode == 2
    assert str(service.data_dir) in ended.stderr
    assert "another service" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.embedded("elsewhere the tests make it, for the signing key")
def test_the_data_directory_is_the_owners_alone(service: ServiceProcess) -> None:
    assert service.data_dir.stat().st_mode & 0o077 == 0


REDIS, POSTGRESQL = {"broker": "redis://localhost:1/0"}, {"database": "postgresql://localhost:1/none"}


@pytest.mark.parametrize(
    ("command", "settings", "said"),
    [
        (
            "serve",
            REDIS,
            "broker: workers on other hosts cannot reach a SQLite file; set database to a postgresql:// URL",
        ),
        ("worker", REDIS, "broker: workers on other hosts cannot reach a SQLite file"),
        ("serve", REDIS | POSTGRESQL, "broker: workers on other hosts cannot reach the data directory; set blobs to"),
        (
            "serve",
            {"broker": "mqtt://localhost"},
            "broker: 'mqtt://localhost': it must begin with redis:// or rediss://",
        ),
        ("serve", {"blobs": "gs://bucket"}, "blobs: 'gs://bucket': it must begin with s3:// or file://"),
        ("serve", REDIS | POSTGRESQL | {"blobs": "s3://bucket"}, "signing_key: with a broker there may be several"),
        ("worker", {}, "broker: a worker needs one"),
    ],
)
def test_settings_that_cannot_work_together_are_refused(
    command: str, settings: dict[str, str], said: str, tmp_path: Path
) -> None:
    told = whaleline(command, data=tmp_path / "data", port=0, **settings)
    assert (told.returncode, told.stdout) == (2, "")
    assert said in told.stderr
    assert "Traceback" not in told.stderr


def test_a_directory_that_is_said_to_be_shared_need_not_be_where_the_data_is(tmp_path: Path) -> None:
    shared = tmp_path / "a shared one"
    service = ServiceProcess(tmp_path / "data", workers=1, blobs=shared.as_uri(), row_answer_bytes=0).start()
    try:
        api = service.connect()
        task = api.submit(draw(["elsewhere"]))
        assert texts(api.finished(task)) == ["elsewhere"]
        assert [path.name.partition(".")[0] for path in (shared / "results").iterdir()] == [task]
        assert not (tmp_path / "data" / "blobs").exists()
    finally:
        service.kill()
