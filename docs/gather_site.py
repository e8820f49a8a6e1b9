"""Gathers the pages of the site in one folder, from which zensical makes it: `make docs-site`."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
GATHERED = ROOT / "build" / "pages"
"""docs_dir in zensical.toml."""

_ELSEWHERE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "examples/README.md": "examples.md",
}
"""Pages that are not in docs/, and what they are called on the site."""

_LINK = re.compile(r"(\]\()(?!https?://|#)([^)\s#]+)")


def gather(folder: Path) -> None:
    """Write the pages and their pictures to a folder, with the links between them as they are on the site."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("*.md", "*.py", "__pycache__"))
    home = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Source"]
    places = {page.relative_to(ROOT).as_posix(): page.name for page in (ROOT / "docs").glob("*.md")} | _ELSEWHERE
    for source, name in places.items():

        def moved(match: re.Match[str], source: str = source) -> str:
            target = _plain(PurePosixPath(source).parent / match[2])
            if target in places:
                return match[1] + places[target]
            is_gathered = target.startswith("docs/")
            return match[1] + (target.removeprefix("docs/") if is_gathered else f"{home}/blob/main/{target}")

        (folder / name).write_text(_LINK.sub(moved, (ROOT / source).read_text()))


def _plain(path: PurePosixPath) -> str:
    """A path within the project without `..`."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


if __name__ == "__main__":
    gather(Path(sys.argv[1]) if len(sys.argv) > 1 else GATHERED)
