"""`whaleline read`: one image, or any number of scans of a form."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from whaleline.cli import templates
from whaleline.cli.options import of_client, with_settings
from whaleline.settings import Settings

if TYPE_CHECKING:
    from whaleline.cli.remote import Server

_FORMATS = {"text": "Text", "json": "JSON", "hocr": "Hocr", "pdf": "Pdf"}


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="X1,Y1,X2,Y2",
    help="A rectangle in pixels: left, top, right, bottom. Can be repeated. Without it, the whole image is read.",
)
@click.option("--page", type=click.IntRange(1), help="Which page of a document; by default the first one.")
@click.option("--language", default="English", show_default=True, help="See `whaleline languages`.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(_FORMATS)),
    default="text",
    show_default=True,
    help="What each region, or the whole image, is written as.",
)
@click.option("--rotate", default=0, show_default=True, help="Degrees clockwise by which regions are turned first.")
@click.option("--mode", default="Regions", show_default=True, help="How text is found; see docs/modes.md.")
@click.option("--no-deskew", is_flag=True, help="Do not straighten skewed lines.")
@click.option("--binarize", is_flag=True, help="Make the picture black and white.")
@click.option("--upsample", is_flag=True, help="Enlarge small print.")
@click.option("--spell-check", is_flag=True, help="Correct words that are clearly misread; see docs/spelling.md.")
@click.option(
    "--template", "template_", metavar="FILE-OR-NAME", help="Read the fields of this form in any number of FILES."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --template: a .csv, .xlsx or .jsonl file. Without it, lines of JSON go to the standard output.",
)
@click.option("--server", metavar="URL", help="With --template: a service that reads. $WHALELINE_TOKEN is its API key.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Files to read at a time.")
@of_client
@with_settings("tessdata", "max_pixels", "data", "database", "blobs")
def read(
    settings: Settings,
    files: tuple[str, ...],
    regions: tuple[str, ...],
    *,
    page: int | None,
    language: str,
    format_: str,
    rotate: int,
    mode: str,
    no_deskew: bool,
    binarize: bool,
    upsample: bool,
    spell_check: bool,
    template_: str | None,
    output: Path | None,
    server: str | None,
    jobs: int,
    client_id: str,
) -> None:
    """Read an image, or with --template the fields of any number of forms into a table.

    A file may be - for the standard input, and with --template also a directory or a pattern. With --output, each file
    that is read adds a line to OUTPUT.jsonl, so that a second run reads only new, changed and failed files.

    Each text or JSON result ends with a line feed. The exit code is 1 if a region lies outside the image or a file
    cannot be read; the others are read all the same.
    """
    if template_ is not None:
        _read_forms(settings, files, template_, output, jobs=jobs, server=server, client_id=client_id)
        return
    if len(files) > 1 or output is not None or server is not None:
        raise click.UsageError("Several files, --output and --server need --template.")
    from whaleline.documents import Document
    from whaleline.library import read_regions
    from whaleline.operations.reading import notes_of
    from whaleline.results import ResultType, write

    if files[0] != "-" and not Path(files[0]).is_file():
        raise click.UsageError(f"{files[0]} {'is a directory' if Path(files[0]).is_dir() else 'does not exist'}.")
    image = sys.stdin.buffer.read() if files[0] == "-" else Path(files[0]).read_bytes()
    result_type = ResultType(_FORMATS[format_])
    if result_type is ResultType.Pdf and len(regions) > 1:
        raise click.UsageError("PDF results cannot follow one another; give one --region at a time.")
    readings = read_regions(
        image,
        [_rectangle(region) for region in regions],
        page=page or 1,
        language=language,
        rotate=rotate,
        mode=mode,
        skew_correction=not no_deskew,
        binarization=binarize,
        upsampling=upsample,
        spell_check=spell_check,
        tessdata=settings.tessdata,
        max_pixels=settings.max_pixels,
    )
    if page is None and (pages := len(Document(image))) > 1:
        click.echo(f"the first of {pages} pages was read; --page names another one", err=True)
    written = sys.stdout.buffer
    for region, reading in zip(regions or ("",), readings, strict=True):
        for note in notes_of(reading, rotate):
            click.echo(f"region {region}: {note}" if region else note, err=True)
        if reading.is_outside:
            continue
        for result in write(result_type, reading):
            written.write(result.data if result_type is ResultType.Pdf else result.data.rstrip(b"\n") + b"\n")
    written.flush()
    if any(reading.is_outside for reading in readings):
        sys.exit(1)


def _rectangle(text: str) -> tuple[float, float, float, float]:
    try:
        left, top, right, bottom = (float(number) for number in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not of the form X1,Y1,X2,Y2", param_hint="--region") from None
    if left >= right or top >= bottom:
        raise click.BadParameter(f"{text!r} has no area", param_hint="--region")
    return left, top, right, bottom


def _read_forms(
    settings: Settings,
    names: tuple[str, ...],
    template_: str,
    output: Path | None,
    *,
    jobs: int,
    server: str | None,
    client_id: str,
) -> None:
    from whaleline.cli import many, remote

    if output is not None and output.suffix.lower() not in many.SUFFIXES:
        raise click.UsageError(f"--output must end in {', '.join(many.SUFFIXES)}; {output} does not.")
    if server is not None and not _is_url(server):
        raise click.UsageError(f"--server must be a URL with http:// or https://; {server} is not.")
    token = os.environ.get("WHALELINE_TOKEN")
    reader = None if server is None else remote.Server(server, token)
    failed = many.read_all(
        many.files(names),
        _template(settings, template_, client_id, reader),
        output,
        jobs=jobs,
        server=reader,
        tessdata=settings.tessdata,
    )
    if failed:
        sys.exit(1)


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:  # of brackets without an end, or a port that is no number
        return False


def _template(settings: Settings, name: str, client_id: str, server: Server | None) -> bytes:
    """The JSON of a template in a file, or of a stored one; just its name, where a server keeps it."""
    from whaleline.cli import remote

    is_file = Path(name).is_file()
    if Path(name).is_dir():
        raise click.UsageError(f"--template: {name} is a directory.")
    if server is not None and not is_file:
        # Before a journal is begun, which would be of this name for good.
        if not remote.has_template(server, name):
            raise click.UsageError(f"{name}: there is no such file, and the server has no template of that name.")
        return name.encode()
    found = templates.checked(Path(name)) if is_file else templates.stored(settings, client_id, name)
    return found.model_dump_json(by_alias=True, exclude_defaults=True).encode()
