"""Run the image `whaleline:local` as it is meant to be run, as far as Buildah can: `make try-image` does this.

It runs as the image's own user, whom the image's file system denies every change but in /data and /tmp. What only a
container engine gives (a read-only root, no capabilities, a network of its own) is not tried here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = "/tmp/example.png"
ADDRESS = "http://127.0.0.1:18080"
DEADLINE = 120.0


def buildah(*arguments: str) -> str:
    """What the command prints."""
    done = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done)
    return done.stdout.strip()


def within(container: str, *command: str) -> subprocess.Popen[str]:
    """A command in the container, as its user and with its environment."""
    run = ["buildah", "run", "--isolation", "chroot", container, "--", *command]
    return subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def said(container: str, *command: str, code: int = 0) -> str:
    """What a command in the container prints."""
    process = within(container, *command)
    told = process.communicate(timeout=DEADLINE)[0]
    assert (process.returncode == 0) is (code == 0), told
    return told


def ask(path: str) -> str:
    """What the service answers, once it listens."""
    end = time.monotonic() + DEADLINE
    while True:
        try:
            with urllib.request.urlopen(ADDRESS + path) as answer:
                return str(answer.read().decode())
        except OSError:
            assert time.monotonic() < end, f"{path} is not answered"
            time.sleep(0.5)


def try_out(container: str) -> None:
    """Read by the command and by the service, and see what its user may not do."""
    assert "uid=10001(whaleline) gid=10001" in said(container, "id")
    for place in ("/", "/etc", "/opt/whaleline", "/usr/share/tesseract-ocr"):
        said(container, "touch", f"{place}/mark", code=1)
    assert said(container, "whaleline", "languages", "--missing") == ""
    buildah("copy", "--chown", "10001:10001", container, str(ROOT / "docs" / "example.png"), EXAMPLE)
    for language in ("English", "German", "Arabic", "Russian", "Chinese"):
        read = ("whaleline", "read", EXAMPLE, "--region", "180,0,700,60", "--language", language, "--spell-check")
        assert said(container, *read).strip(), language
    assert said(container, "whaleline", "read", EXAMPLE, "--region", "0,0,700,60") == "Surname Melville\n"
    service = within(container, "whaleline", "serve", "--port", ADDRESS.rpartition(":")[2], "--workers", "1")
    try:
        assert ask("/readyz") == "ready"
        (made,) = re.findall(r"^([0-9a-f-]{36})  ", said(container, "whaleline", "client", "list"), re.MULTILINE)
        assert made
    finally:
        service.terminate()
        service.communicate(timeout=DEADLINE)


def main() -> None:
    """Try the image and say how large it is."""
    container = buildah("from", "--pull-never", "whaleline:local")
    try:
        try_out(container)
    finally:
        buildah("rm", container)
    (size,) = re.findall(r'"size": "([\d.]+ \w+)"', buildah("images", "--json", "whaleline:local"))
    sys.stdout.write(f"The image works; it has {size}.\n")


if __name__ == "__main__":
    main()
