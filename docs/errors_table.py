"""Writes docs/errors.md from the classes of errors: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from whaleline.errors import WhalelineError

FILE = Path(__file__).with_name("errors.md")

_HEAD = """\
# Errors

This page lists the errors by HTTP status. For causes and cures see [troubleshooting](troubleshooting.md).

## Answers that are errors

An error is answered as ProblemDetails (RFC 9457), but with the content type `application/json`, since the official
clients read no other. `detail` says in a sentence which field is wrong, its value and the limit. `errors` names the
field; only 400 has it.

```json
{"type": "about:blank", "title": "Bad Request", "status": 400,
 "detail": "settings: unknown key 'reigons'; did you mean regions?", "instance": null,
 "errors": {"settings": ["settings: unknown key 'reigons'; did you mean regions?"]}}
```

The name in the second column is the label `reason` of the metric `whaleline_rejects_total`, and the exception that the
Python functions raise.

| Status | Error | What it means |
|---|---|---|
"""

_TAIL = """\

- 401 comes with `WWW-Authenticate`, 405 with `Allow`, and 429 and 503 with `Retry-After`, in seconds.
- After 408 the connection is closed.
- 404 is also the answer for a path that does not exist, and 405 for a method that the path does not have.
- 500 is a fault of the service; its log has the reason.
- `POST /api/read` answers 422 if the file cannot be read, and 410 if the result was lost.
- `POST /connect/token` answers as OAuth 2.0 wants it (RFC 6749): 400 with `{"error": "invalid_client"}` and the like.

## Tasks that fail

A task that was accepted and then fails is no HTTP error. GET answers 200, and the body says what happened:

| `taskStatus` | `responseStatusCode` | What it means |
|---|---|---|
| Completed | Ok | all was read |
| Completed | PartiallyNotFound | some of what you asked for is missing; `error.messages` names it |
| Completed | NoAnyResultData | nothing was found |
| Completed | ResultDataLost | the result, or a part of it, was lost; post the file again |
| Error | Error | the task failed; `error.messages` says why |
| Pending, Processing | NotReady | it is not finished; ask again |
| NotExist | TaskNotFound | there is no such task of yours: it never existed, was erased, or has expired |

Each message is a sentence for people. Programs should look at the two codes, since messages may change.

## Python and the command line

The functions of `whaleline` raise subclasses of `whaleline.WhalelineError`: `InvalidRequest` for wrong arguments,
`UnreadableImage` for files that cannot be read. The command line ends with [an exit code](command-line.md#exit-codes).
"""


def _below(error: type[WhalelineError]) -> Iterator[type[WhalelineError]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)


def page() -> str:
    """The whole page."""
    rows = []
    for error in sorted(_below(WhalelineError), key=lambda error: error.status or 1000):
        meaning = (error.__doc__ or "").partition("\n")[0].removesuffix(".")
        rows.append(f"| {error.status or 'none'} | `{error.__name__}` | {meaning} |\n")
    return _HEAD + "".join(rows) + _TAIL


if __name__ == "__main__":
    FILE.write_text(page())
