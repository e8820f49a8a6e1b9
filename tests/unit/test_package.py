"""What is built for PyPI: what the sdist and the wheel hold, and what they say of themselves."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path

import pytest

from harness import environment

ROOT = Path(__file__).parents[2]
HOME = "https://example.org/whaleline"
"""A placeholder, until the project has one."""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", place], cwd=ROOT, check=True, capture_output=True)
    return place


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return Parser().parsestr(archive.read(f"whaleline-{version('whaleline')}.dist-info/METADATA").decode())


def sources() -> set[str]:
    found = (path for path in (ROOT / "src" / "whaleline").rglob("*") if path.is_file())
    return {path.relative_to(ROOT / "src").as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_sdist_holds_what_is_needed_to_build_and_no_more(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    others = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml", ".gitignore"}
    assert names == {f"src/{name}" for name in sources()} | others


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    about = f"whaleline-{version('whaleline')}.dist-info/"
    assert {name for name in names if not name.startswith(about)} == sources()
    assert "whaleline/py.typed" in names
    assert f"{about}licenses/LICENSE" in names


def test_twine_finds_nothing_wrong(dist: Path) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, dist.iterdir())]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told
    assert told.stdout.count("PASSED") == 2


def test_links_lead_somewhere_where_the_readme_is_shown_without_its_files(metadata: Message) -> None:
    shown = metadata.get_payload()
    assert isinstance(shown, str)
    links = re.findall(r"\]\(([^)]+)\)", shown)
    assert links
    for link in links:
        assert link.startswith(("https://", "#")), link
        if link.startswith(f"{HOME}/"):
            page = link.removeprefix(f"{HOME}/").partition("/main/")[2].partition("#")[0]
            assert (ROOT / page).is_file(), link


def test_its_urls_are_the_placeholders_that_have_to_be_filled_in() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert all(url.startswith(HOME) for url in project["urls"].values())


def test_what_needs_more_machines_is_an_extra(metadata: Message) -> None:
    needed = metadata.get_all("Requires-Dist", [])
    for name in ("celery", "psycopg", "hiredis"):
        (line,) = (each for each in needed if each.startswith(name))
        assert line.endswith("; extra == 'scaled'")


@pytest.mark.parametrize(
    ("module", "settings", "said"),
    [
        ("psycopg", {"database": "postgresql://localhost/x"}, "database: psycopg is not installed"),
        ("redis", {"broker": "redis://localhost"}, "broker: redis is not installed"),
        ("celery", {"broker": "amqp://localhost"}, "broker: celery is not installed"),
    ],
)
def test_without_the_extra_a_setting_that_needs_it_is_refused(module: str, settings: dict[str, str], said: str) -> None:
    program = f"import sys; sys.modules[{module!r}] = None; from whaleline.cli import main; main(['serve'])"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, env=environment(**settings), capture_output=True, text=True, check=False)
    assert told.returncode == 2, told
    assert f"{said}; pip install 'whaleline[scaled]'" in told.stderr


def test_without_the_extra_the_service_runs_on_one_machine(tmp_path: Path) -> None:
    absent = ("celery", "kombu", "billiard", "amqp", "redis", "hiredis", "psycopg")
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({absent})); from whaleline.cli import main; main(['serve'])"
    )
    settings = environment(data=tmp_path / "data", port=0, workers=1)
    with subprocess.Popen([sys.executable, "-c", program], env=settings, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        told = next((line for line in service.stdout if line.startswith("Whaleline listens on")), None)
        service.send_signal(signal.SIGINT)
    assert told is not None
    assert service.returncode == 0
