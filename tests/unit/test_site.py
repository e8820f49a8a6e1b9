"""The site of docs/: every page is in its navigation, every link leads somewhere, and nothing asks another host."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the configuration and the gathered pages."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", folder)
    subprocess.run([sys.executable, ROOT / "docs" / "gather_site.py", folder / "build" / "pages"], check=True)
    return folder


def built(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_page_is_in_the_navigation(project: Path) -> None:
    def pages(entry: Any) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        return [page for each in (entry.values() if isinstance(entry, dict) else entry) for page in pages(each)]

    named = pages(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"])
    assert sorted(named) == sorted(page.name for page in (project / "build" / "pages").glob("*.md"))


def test_the_site_is_built_without_a_broken_link_and_asks_no_other_host(project: Path) -> None:
    told = built(project)
    assert told.returncode == 0, told.stdout + told.stderr
    site = project / "build" / "site"
    for page in set(site.glob("*.html")) - {site / "404.html"}:
        text = page.read_text()
        loaded = re.findall(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"([^\"]+)\"", text)
        loaded += re.findall(r"<link\b[^>]*rel=\"(?:stylesheet|icon|preload)\"[^>]*href=\"([^\"]+)\"", text)
        loaded += re.findall(r"<link\b[^>]*href=\"([^\"]+)\"[^>]*rel=\"(?:stylesheet|icon|preload)\"", text)
        assert loaded
        for address in loaded:
            assert (site / address).is_file(), f"{page.name}: {address}"


def test_a_broken_link_stops_the_build(project: Path) -> None:
    page = project / "build" / "pages" / "labels.md"
    whole = page.read_text()
    page.write_text(f"{whole}\n[nowhere](forms.md#nowhere)\n")
    told = built(project)
    page.write_text(whole)
    assert told.returncode != 0
    assert "anchor does not exist" in told.stdout + told.stderr
