"""`whaleline read --template`: any number of files, each a filled form, into one table."""

from __future__ import annotations

import contextlib
import glob
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from whaleline.cli import remote
from whaleline.cli.journal import Journal, shown, state
from whaleline.cli.remote import Server
from whaleline.errors import WhalelineError
from whaleline.wording import counted

STDIN: Final = "-"
SUFFIXES: Final = (".csv", ".xlsx", ".jsonl")
_HEAD = 64 * 1024  # bytes by which a file's format is told

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

Entry = dict[str, Any]


def files(names: Sequence[str]) -> list[str]:
    """The files that arguments name: directories with all that is in them, patterns, and - for the standard input.

    Of a directory these are the files with what is read inside, and those with the name of such a file: if nothing
    is inside, the user learns of it. A file that nobody can look into is one of them for the same reason.

    Raises:
        UsageError: there is no such file, or a directory has none that is read.
    """
    from whaleline.documents import formats

    found: list[str] = []
    for name in names:
        path = Path(name)
        if name == STDIN or path.is_file():
            found.append(name)
        elif path.is_dir():
            inside = [each for each in sorted(path.rglob("*")) if each.is_file()]
            known = [each for each in inside if each.suffix.lower() in formats.EXTENSIONS or _is_told_inside(each)]
            if not known:
                raise click.UsageError(f"{name}: it has no file in a supported format.")
            if len(known) < len(inside):
                click.echo(f"{name}: {counted(len(inside) - len(known), 'file')} in no supported format.", err=True)
            found += map(str, known)
        elif matches := sorted(each for each in glob.glob(name, recursive=True) if Path(each).is_file()):  # noqa: PTH207
            found += matches
        else:
            raise click.UsageError(f"{name}: there is no such file.")
    return list(dict.fromkeys(found))


def _is_told_inside(path: Path) -> bool:
    from whaleline.documents import formats

    try:
        with path.open("rb") as file:
            return formats.sniff(file.read(_HEAD)) is not None
    except OSError:
        return True  # the user learns of it when it is read


def read_all(
    names: Sequence[str],
    template: bytes,
    output: Path | None,
    *,
    jobs: int,
    server: Server | None,
    tessdata: Path | None,
) -> int:
    """Read files by a template and write the fields.

    Args:
        names: of the files.
        template: its JSON; or, with a server, the name of one that it keeps.
        output: .csv, .xlsx or .jsonl; the standard output gets JSON lines if there is none.
        jobs: files that are read at a time.
        server: that reads; this machine does if there is none.
        tessdata: a folder of traineddata files.

    Returns:
        How many files could not be read.
    """
    journal = _journal(output, template)
    try:
        todo = [name for name in names if journal is None or not journal.is_read(name)]
        if len(todo) < len(names):
            click.echo(f"{len(names) - len(todo)} of {len(names)} files have been read already.", err=True)
        failed: list[Entry] = []
        with _progress(len(todo)) as tell:
            for entry in _entries(todo, template, jobs, server, tessdata):
                if journal is not None:
                    journal.add(entry)
                else:
                    click.echo(orjson.dumps(entry))
                if entry["error"]:
                    failed.append(entry)
                tell(entry)
        if journal is not None and output is not None and output.suffix.lower() != ".jsonl":
            _write(output, [journal.lines[name] for name in map(shown, names) if name in journal.lines])
    finally:
        if journal is not None:
            journal.close()
    for entry in failed:
        click.echo(f"{entry['file']}: {entry['error']}", err=True)
    if failed:
        click.echo(f"{len(failed)} of {len(todo)} files could not be read.", err=True)
    return len(failed)


def _journal(output: Path | None, template: bytes) -> Journal | None:
    if output is None:
        return None
    return Journal(output if output.suffix.lower() == ".jsonl" else output.with_name(output.name + ".jsonl"), template)


def _entries(
    names: Sequence[str], template: bytes, jobs: int, server: Server | None, tessdata: Path | None
) -> Iterator[Entry]:
    """What each file says, as soon as it is read."""
    if server is None and jobs == 1:
        for name in names:
            yield _entry(name, lambda name=name: _by_ourselves(name, template, tessdata))  # type: ignore[misc]
        return
    pool: ProcessPoolExecutor | ThreadPoolExecutor
    spawn = get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=spawn) if server is None else ThreadPoolExecutor(jobs)
    with pool:
        waiting: dict[Future[Entry], str] = {}
        for name in names:
            data = sys.stdin.buffer.read() if name == STDIN else None
            if server is None:
                waiting[pool.submit(_by_ourselves, name, template, tessdata, data)] = name
            else:
                waiting[pool.submit(_by_server, name, template, server, data)] = name
        try:
            for done in as_completed(waiting):
                yield _entry(waiting[done], done.result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _entry(name: str, read: Callable[[], Entry]) -> Entry:
    entry: Entry = {"file": shown(name), "state": [], "error": "", "fields": [], "messages": []}
    try:
        entry["state"] = state(name)
        entry |= read()
    except (WhalelineError, OSError) as error:
        entry["error"] = str(error)
    return entry


def _by_ourselves(name: str, template: bytes, tessdata: Path | None, data: bytes | None = None) -> Entry:
    from whaleline.documents import Document, Limits
    from whaleline.forms.field_reading import described
    from whaleline.library import read_form
    from whaleline.operations.read_form import load_template, page_notes, rest_notes

    form = load_template(template)
    if data is None:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    fields = read_form(data, form, tessdata=tessdata)
    messages = page_notes(form, fields) + rest_notes(form, len(Document(data, Limits())))
    return {"fields": [described(each) for each in fields], "messages": messages}


def _by_server(name: str, template: bytes, server: Server, data: bytes | None) -> Entry:
    return remote.read_form(server, template, Path(name).read_bytes() if data is None else data)


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[Entry], None]]:
    """A bar on a terminal, with the time that is left; else a line for each file."""
    start = time.monotonic()
    if sys.stderr.isatty():
        bar: ProgressBar[Entry | None]

        def rate(entry: Entry | None) -> str:
            return f"{bar.pos / max(time.monotonic() - start, 1e-3):.1f} a second" if entry else ""

        with click.progressbar(length=count, file=sys.stderr, show_pos=True, item_show_func=rate) as bar:
            yield lambda entry: bar.update(1, entry)
        return
    done = 0

    def tell(entry: Entry) -> None:
        nonlocal done
        done += 1
        click.echo(f"{done} of {count}: {entry['file']}{': not read' if entry['error'] else ''}", err=True)

    yield tell


def _write(output: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    """A row for each file: its name, the values of its fields, and what is to be told."""
    from whaleline.results.rows import Value, as_csv, as_xlsx, value_of

    names = list(dict.fromkeys(field["name"] for entry in entries for field in entry["fields"]))
    rows: list[list[Value]] = []
    for entry in entries:
        values = {each["name"]: each["text"] if each["value"] is None else value_of(each) for each in entry["fields"]}
        doubts: dict[str, list[str]] = {}  # fields by their reasons: all have the same where a page is not recognized
        for each in entry["fields"]:
            if each["reasons"]:
                doubts.setdefault("; ".join(each["reasons"]), []).append(each["name"])
        told = [*filter(None, [entry["error"]]), *entry["messages"]]
        told += [f"{', '.join(fields)}: {why}" for why, fields in doubts.items()]
        rows.append([entry["file"], *(values.get(name, "") for name in names), ". ".join(told)])
    write = as_csv if output.suffix.lower() == ".csv" else as_xlsx
    output.write_bytes(write(["file", *names, "messages"], rows))
