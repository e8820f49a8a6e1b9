"""The command `whaleline`: what it prints, how it ends, and that it never shows a stack trace."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from PIL import Image

from harness import LINE_HEIGHT, ServiceProcess, draw, environment, texts, whaleline
from whaleline import running
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
        ("languages", "add"),
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


def test_read_takes_a_page_of_a_document(tmp_path: Path) -> None:
    pages = [Image.open(io.BytesIO(draw([name]))).convert("L") for name in ("Queequeg", "Daggoo")]
    file = tmp_path / "two.tiff"
    pages[0].save(file, save_all=True, append_images=pages[1:])
    assert whaleline("read", str(file), "--page", "2").stdout == "Daggoo\n"
    first = whaleline("read", str(file))
    assert "the first of 2 pages was read" in first.stderr
    none = whaleline("read", str(file), "--page", "3")
    assert (none.returncode, none.stdout) == (2, "")
    assert "page: 3 is not one of the document's 2" in none.stderr


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
    assert result.stderr == "region 900,900,950,950: the region lies outside the image\n"


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("1,2,3", "not of the form X1,Y1,X2,Y2"),
        ("1,2,3,4,5", "not of the form"),
        ("a,b,c,d", "not of the form"),
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
    failed(run("read"), 2, "Missing argument 'FILES...'")
    failed(run("read", crew, "--format", "docx"), 2, "text", "json", "hocr", "pdf")
    failed(run("read", crew, "--language", "Klingon"), 2, "'Klingon' is not a supported language")


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


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has no models but the bundled ones; `apt-get` writes down what it was asked for."""
    monkeypatch.setattr(languages, "_DEBIAN", tmp_path / "none")
    (tmp_path / "apt-get").write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n[ "$1" != fail ]\n')
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return tmp_path


def test_root_adds_languages_by_any_of_their_names(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    done(run("languages", "add", "de", "Ukrainian"))
    packages = "tesseract-ocr-deu tesseract-ocr-frk tesseract-ocr-ukr"
    asked = ["update --quiet", f"install --yes --no-install-recommends {packages}"]
    assert (bare / "asked").read_text().splitlines() == asked


def test_others_are_told_how_to_add_a_language(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    failed(run("languages", "add", "Greek"), 1, "Run: sudo apt-get install --yes", "tesseract-ocr-ell")
    assert not (bare / "asked").exists()


def test_what_apt_get_cannot_install_is_a_failure(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (bare / "apt-get").write_text("#!/bin/sh\nexit 100\n")
    failed(run("languages", "add", "Greek"), 1, "ended with exit code 100")


def test_without_apt_get_the_files_are_named(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "apt-get").unlink()
    monkeypatch.setenv("PATH", str(bare))
    failed(run("languages", "add", "Latvian"), 1, "lav.traineddata", "--tessdata")


def test_a_folder_of_models_that_is_not_there_is_told(tmp_path: Path) -> None:
    failed(run("languages", "--tessdata", str(tmp_path / "absent")), 2, "tessdata", "absent", "directory")


def test_a_language_that_is_there_or_is_none_adds_nothing(bare: Path) -> None:
    assert done(run("languages", "add", "en")) == "Installed already.\n"
    failed(run("languages", "add", "Grek"), 2, "'Grek' is not a language; did you mean Greek?")
    assert not (bare / "asked").exists()


def test_read_takes_a_code_for_a_language(crew: str) -> None:
    assert done(run("read", crew, "--language", "eng")) == "Queequeg\nStarbuck\n"


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
        (("serve", "--log-level", "loud"), ("log_level", "'loud'", "debug, info, warning, error")),
        (("serve", "--log-level", "info,debug"), ("log_level", "'info,debug'", "LIBRARY=")),
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


def test_a_key_of_too_few_bits_is_refused(tmp_path: Path) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(weak.private_bytes(*form))
    ended = whaleline("serve", data=tmp_path / "data", port=0, signing_key=tmp_path / "key.pem")
    assert ended.returncode == 2
    said = f"Error: signing_key: {tmp_path / 'key.pem'} holds an RSA key of 1024 bits; at least 2048 are needed"
    assert ended.stderr.splitlines()[-1] == said
    assert "Traceback" not in ended.stderr
    assert "Warning" not in ended.stderr


# client


def test_templates_of_a_client_that_is_not_there_are_not_looked_for(tmp_path: Path) -> None:
    """The id may be mistyped, or the variable that should hold it empty."""
    for client in ("nobody", ""):
        listed = run("template", "list", "--client", client, WHALELINE_DATA=str(tmp_path / "data"))
        failed(listed, 2, f"There is no client with the id '{client}'")


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
    failed(run("client", "add", "again", "--id", "old-id", **data), 2, "old-id")
    failed(run("client", "add", "short", "--ask-secret", said="short\n", **data), 2, "at least 16")
    failed(run("client", "add", "", **data), 2, "The name is empty")
    assert done(run("client", "remove", "old-id", **data)) == ""


def test_a_database_that_is_made_is_told(tmp_path: Path) -> None:
    data = {"WHALELINE_DATA": str(tmp_path / "data")}
    assert run("client", "add", "first", **data).stderr.startswith(f"There was no database in {tmp_path / 'data'}")
    assert run("client", "add", "second", **data).stderr == ""


@pytest.mark.embedded("where there is a database apart, it is named")
def test_commands_find_the_data_of_the_service_that_runs(
    service: ServiceProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert service.data_dir in running.data_directories()
    # Other services may run on this machine, so what it sees of them is played here.
    others = running.data_directories
    process = tmp_path / "1" / "fd"
    process.mkdir(parents=True)
    (process / "3").symlink_to(service.data_dir / "lock")
    monkeypatch.setattr(running, "data_directories", lambda: others(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.delenv("WHALELINE_DATA", raising=False)
    listed = run("client", "list")
    assert done(listed) == service.command("client", "list")
    assert listed.stderr == f"Using the data of the running service, {service.data_dir}.\n"
    another = tmp_path / "another"
    another.mkdir()
    (another / "whaleline.db").touch()
    (process / "4").symlink_to(another / "lock")
    failed(run("client", "list"), 2, "several services run here", str(service.data_dir), str(another))
    assert not (tmp_path / "elsewhere" / "whaleline-data").exists()


def test_whoever_stops_reading_the_output_ends_the_command_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "whaleline", "languages"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment() | {"PYTHONUNBUFFERED": "1"},
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        assert command.stderr.read() == b""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete_the_command(shell: str) -> None:
    variables = environment() | {"_WHALELINE_COMPLETE": f"{shell}_source"}
    command = [sys.executable, "-c", "from whaleline.cli import main; main(prog_name='whaleline')"]
    told = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert "_WHALELINE_COMPLETE" in told.stdout


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
        ("serve", REDIS | POSTGRESQL | {"blobs": "s3://bucket"}, "signing_key: with a broker, all processes must sign"),
        ("worker", {}, "broker: a worker needs one"),
    ],
)
def test_settings_that_cannot_work_together_are_refused(
    command: str, settings: dict[str, Any], said: str, tmp_path: Path
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


def test_numpy_takes_one_thread_in_a_command() -> None:
    """There are as many workers as cores, and threads that spin while they wait keep the others from their work."""
    program = (
        "import os, whaleline.cli, numpy; numpy.linalg.inv(numpy.eye(500)); print(len(os.listdir('/proc/self/task')))"
    )
    variables = {name: value for name, value in environment().items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
