"""`whaleline languages`: list and install languages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import click

from whaleline.cli.options import with_settings
from whaleline.settings import Settings


@click.group("languages", invoke_without_command=True)
@click.option("--missing", is_flag=True, help="Only those that are not installed.")
@click.option("--packages", is_flag=True, help="Only the Debian packages that are not installed, in one line.")
@with_settings("tessdata")
@click.pass_context
def list_languages(context: click.Context, settings: Settings, missing: bool, packages: bool) -> None:
    """List the languages, whether they are installed, and how to add them.

    Each line has the name, the code (BCP 47), the models and engines, and the state.
    """
    if context.invoked_subcommand is not None:
        return
    from whaleline.recognition import languages

    places = languages.folders(settings.tessdata)
    lacking = {language: languages.missing(language, places) for language in languages.languages()}
    if packages:
        models = {model for lack in lacking.values() for model in lack}
        models.update(model for each in lacking for model in languages.missing_further(each, places))
        click.echo(" ".join(sorted(map(languages.package, models))))
        return
    for language, lack in lacking.items():
        if missing and not lack:
            continue
        sets = ["+".join(models) for models in (language.models, language.further) if models]
        engines = ", ".join([*sets, "PP-OCRv6"] if language.ppocr else sets)
        state = f"missing    apt-get install {' '.join(map(languages.package, lack))}" if lack else "installed"
        click.echo(f"{language.wire:<16} {language.tag:<8} {engines:<28} {state}")


@list_languages.command("add")
@click.argument("names", metavar="LANGUAGE...", nargs=-1, required=True)
@with_settings("tessdata")
def add_languages(settings: Settings, names: tuple[str, ...]) -> None:
    """Install the models of LANGUAGE, a name or an ISO code, for example German or de.

    The models are packages of Debian and Ubuntu, which only root can install. For other users the command is printed,
    with exit code 1. A running service needs no restart.
    """
    from whaleline.recognition import languages

    places = languages.folders(settings.tessdata)
    models: set[str] = set()
    for name in names:
        if (language := languages.find(name)) is None:
            raise click.UsageError(languages.unknown(name))
        models.update(languages.missing(language, places), languages.missing_further(language, places))
    if not models:
        click.echo("Installed already.")
        return
    packages = sorted(map(languages.package, models))
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        files = ", ".join(f"{model}.traineddata" for model in sorted(models))
        raise click.ClickException(
            f"There is no apt-get here. Get {files} from https://github.com/tesseract-ocr/tessdata_best and name their"
            " folder by --tessdata or WHALELINE_TESSDATA."
        )
    if os.geteuid() != 0:
        click.echo(f"Only root can install packages. Run: sudo {' '.join(install)}", err=True)
        sys.exit(1)
    for command in (["apt-get", "update", "--quiet"], install):
        if code := subprocess.run(command, check=False).returncode:  # noqa: S603 - names of packages from our table
            raise click.ClickException(f"{' '.join(command)} ended with exit code {code}.")
