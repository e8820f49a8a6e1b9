"""The command `whaleline`.

Each command imports what it needs when it runs: the engines' libraries take most of a second to load, which --help and
wrong options should not cost.
"""

from __future__ import annotations

import functools
import os
from importlib.metadata import version
from typing import Any

import click

from whaleline import private
from whaleline.cli import clients, languages, reading, serving, templates
from whaleline.errors import ConfigurationError, InvalidRequest, WhalelineError

# Before anything imports NumPy. Else its OpenBLAS has a thread for each core, which waits for work by spinning: beside
# other workers, a form took three times as much of the processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _Command(click.Group):
    """Reports Whaleline's errors in one line: exit code 2 for what the user asked wrongly, 1 for other failures."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise  # the reader of the output has closed it; click ends quietly
        except (ConfigurationError, InvalidRequest) as error:
            raise click.UsageError(str(error)) from error
        except (WhalelineError, OSError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("whaleline"), prog_name="whaleline")
@click.pass_context
def main(context: click.Context) -> None:
    """Whaleline reads regions of images, as a service or from the command line.

    Every setting is an option, and an environment variable: WHALELINE_ and its name in capitals.

    Exit codes: 0 for success; 2 if what you asked for is wrong, such as an option, a setting, a language or a region;
    1 if something else failed, such as a file that cannot be read. Messages and warnings go to the standard error.
    """
    context.call_on_close(functools.partial(os.umask, os.umask(private.UMASK)))


for command in (
    serving.serve,
    serving.worker,
    serving.migrate,
    clients.client,
    clients.key,
    languages.list_languages,
    templates.template,
    reading.read,
):
    main.add_command(command)
