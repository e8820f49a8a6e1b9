"""Writes docs/settings.md from the table of settings: `make docs`."""

from __future__ import annotations

from pathlib import Path

from whaleline.settings import Settings

FILE = Path(__file__).with_name("settings.md")

_HEAD = """\
# Settings

Each setting is an environment variable and an option of `whaleline serve`. If both are given, the option wins. Other
commands have the options that apply to them. If a value is wrong, the command ends with exit code 2 and a message that
names the setting, the value and the limit.

| Environment variable | Option | Default | What it is |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = []
    for name, field in Settings.model_fields.items():
        flag = name.replace("_", "-")
        option = f"--{flag}/--no-{flag}" if field.annotation is bool else f"--{flag}"
        default = "none" if field.default in (None, "") else f"`{field.default}`"
        rows.append(f"| `WHALELINE_{name.upper()}` | `{option}` | {default} | {field.description} |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    FILE.write_text(page())
