"""The programs in examples/, each run by its own language against the service."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import DEADLINE, ServiceProcess, environment

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
COMMANDS = {
    "python": (sys.executable, "read_regions.py"),
    "javascript": ("node", "read_regions.mjs"),
    "java": ("java", "ReadRegions.java"),
    "go": ("go", "run", "read_regions.go"),
}


def test_every_example_is_run_and_told_of() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == set(COMMANDS)
    page = (EXAMPLES / "README.md").read_text()
    for name, command in COMMANDS.items():
        assert f"examples/{name}/{command[-1]} docs/example.png`" in page


@pytest.mark.parametrize("language", COMMANDS)
def test_an_example_prints_what_its_page_shows(service: ServiceProcess, language: str) -> None:
    *command, program = COMMANDS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"NOT TESTED: there is no {command[0]} here")
    whose = {"url": service.url, "id": service.client_id, "secret": service.secret}
    told = subprocess.run(
        [*command, str(EXAMPLES / language / program), str(ROOT / "docs" / "example.png")],
        env=environment(**whose),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert told.returncode == 0, told
    assert told.stdout == "Surname Melville\nBorn 1 August 1819\n"
    shown = (EXAMPLES / "README.md").read_text().partition("Each of them prints:\n\n")[2]
    assert [line.strip() for line in shown.splitlines()[:2]] == told.stdout.splitlines()
