"""Install a wheel in a fresh environment of each Python that is found, and use it: `make dist` runs this.

    python tests/fresh_install.py dist/whaleline-0.1.0-py3-none-any.whl

For a Python that is not found, it is looked whether there are wheels of everything that Whaleline needs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
MARK = "Programming Language :: Python :: 3."


def pythons() -> list[str]:
    """The versions that pyproject.toml names."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    return [f"3.{each.removeprefix(MARK)}" for each in classifiers if each.startswith(MARK)]


def say(*command: str | Path, code: int = 0, cwd: Path | None = None) -> str:
    """What a command says; without this process's settings and search paths."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WHALELINE_", "PYTHON"))}
    done = subprocess.run(command, capture_output=True, text=True, env=kept, cwd=cwd, check=False)
    assert done.returncode == code, (command, done)
    return done.stdout + done.stderr


def find(python: str) -> str | None:
    """The path of an interpreter of this version."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "python", "find", "--system", "--no-python-downloads", python]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def try_out(interpreter: str, wheel: Path) -> None:
    """Install the wheel without extras, and use the library, the command and the service's settings."""
    with tempfile.TemporaryDirectory() as place:
        say(interpreter, "-m", "venv", place)
        here, bin_ = Path(place), Path(place) / "bin"
        say(bin_ / "python", "-m", "pip", "install", "-q", wheel)
        version = wheel.name.split("-")[1]
        assert say(bin_ / "whaleline", "--version", cwd=here) == f"whaleline, version {version}\n"
        read = ("read", ROOT / "docs" / "example.png", "--region", "0,0,700,60")
        assert say(bin_ / "whaleline", *read, cwd=here) == "Surname Melville\n"
        assert say(bin_ / "python", "-c", "import whaleline; print(whaleline.__version__)", cwd=here) == f"{version}\n"
        told = say(bin_ / "whaleline", "serve", "--database", "postgresql://localhost/x", code=2, cwd=here)
        assert "psycopg is not installed; pip install 'whaleline[scaled]'" in told, told


def main(wheel: Path) -> None:
    """Try every Python, and tell of each."""
    for python in pythons():
        if interpreter := find(python):
            try_out(interpreter, wheel)
            sys.stdout.write(f"Python {python}: installed and used\n")
            continue
        with tempfile.TemporaryDirectory() as place:
            wheels_only = ("--dry-run", "--only-binary=:all:", "--python-version", python, "--target", place)
            say(sys.executable, "-m", "pip", "install", "-q", *wheels_only, wheel)
        sys.stdout.write(f"Python {python}: not here; there are wheels of everything\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
