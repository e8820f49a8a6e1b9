"""Writes docs/command-line.md from the commands themselves: `make docs`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from whaleline.cli import main
from whaleline.settings import Settings

FILE = Path(__file__).with_name("command-line.md")

_HEAD = """\
# The command line

`whaleline --help` lists the commands, and `whaleline COMMAND --help` explains each of them.

## Which data a command uses

`client`, `key` and `template` need the data directory of your service. They look for it in this order:

1. what `--data` or `WHALELINE_DATA` names, or the database that `--database` or `WHALELINE_DATABASE` names;
2. `whaleline-data` in the current directory;
3. the data directory of the service that runs on this machine as the same user.

When a command uses a running service's data, or has to make a new database, it says so.

## Exit codes

| Code | Meaning |
|---|---|
| 0 | success |
| 1 | something failed: a file cannot be read, a region lies outside the image, the database is away |
| 2 | what you asked for is wrong: an option, a setting, a language, a region, a client id |

Results go to the standard output; messages and warnings go to the standard error.

`whaleline serve` ends with 0 after Ctrl-C (SIGINT) or SIGTERM. It first lets running tasks finish, and says how many
there are and how long it waits. A second Ctrl-C ends it at once; the tasks are read again after the next start.

## Completion

To complete commands and options with the Tab key, add one line to your shell's start file:

    eval "$(_WHALELINE_COMPLETE=bash_source whaleline)"          # ~/.bashrc
    eval "$(_WHALELINE_COMPLETE=zsh_source whaleline)"           # ~/.zshrc
    _WHALELINE_COMPLETE=fish_source whaleline | source           # ~/.config/fish/config.fish

## Commands
"""


def page() -> str:
    """The whole page."""
    # click keeps the first help option that it makes for a command, so it has to be that of a real call.
    return _HEAD + "".join(_described(main, click.Context(main, info_name="whaleline", **main.context_settings)))


def _described(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.commands[name]
        own = click.Context(command, parent=context, info_name=name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"\n### {own.command_path}\n\n    {command.get_usage(own).removeprefix('Usage: ')}\n\n"
            yield f"{_plain(command.help or '')}\n"
            yield from _options(command, own)
        if isinstance(command, click.Group):
            yield from _described(command, own)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    given = [each for each in command.params if isinstance(each, click.Option)]
    settings = [each for each in given if each.name in Settings.model_fields]
    if own := [record for each in given if each not in settings and (record := each.get_help_record(context))]:
        yield "\n| Option | What it does |\n|---|---|\n"
        yield from (f"| `{names.replace('|', chr(92) + '|')}` | {help_} |\n" for names, help_ in own)
    if len(settings) == len(Settings.model_fields):
        yield "\nAll [settings](settings.md) are options.\n"
    elif settings:
        yield f"\n[Settings](settings.md): {', '.join(f'`{each.opts[0]}`' for each in settings)}.\n"


def _plain(text: str) -> str:
    """A docstring as Markdown: its paragraphs, filled."""
    return "\n\n".join(textwrap.fill(" ".join(paragraph.split()), 120) for paragraph in text.split("\n\n"))


if __name__ == "__main__":
    FILE.write_text(page())
