"""Templates of forms that the service keeps for its clients.

A version is a blob that never changes, and a row that names it. A task names the version that it was accepted with, so
a template that is replaced or deleted stays until the last of such tasks has expired.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel

from whaleline.errors import InvalidRequest, PreconditionFailed
from whaleline.forms.template import Template
from whaleline.operations.schema import parse
from whaleline.tasks.blobs import Blobs, template_key
from whaleline.tasks.sql import OTHER_VERSION, Store, StoredTemplate
from whaleline.wording import quoted

MOST_TEMPLATES: Final = 1000
"""Templates of a client at most."""

_UNNAMED = "/"  # a name that no template has: those that came with a task
_KEPT = 16  # decoded templates of a worker

_Request = TypeVar("_Request", bound=BaseModel)


class Templates:
    """The templates of one service. Safe to share between threads; every method may raise `Unavailable`."""

    def __init__(self, store: Store, blobs: Blobs, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock

    def put(
        self,
        client_id: str,
        template: Template,
        expected: Callable[[StoredTemplate | None], bool],
        *,
        is_named: bool = True,
    ) -> StoredTemplate:
        """Keep a template under its name, in place of the version that is there; or for one task, without a name.

        Raises what `Store.put_template` does.
        """
        now = self._clock()
        name, retired = (template.name, None) if is_named else (_UNNAMED, now)
        row = StoredTemplate(str(uuid.uuid4()), client_id, name, 1, len(template.fields), now, retired)
        self._blobs.put(template_key(row.id), template.model_dump_json(by_alias=True, exclude_defaults=True).encode())
        try:
            return self._store.put_template(row, expected, MOST_TEMPLATES)
        except BaseException:
            self._blobs.erase([template_key(row.id)])
            raise

    def get(self, client_id: str, name: str) -> tuple[StoredTemplate, Template] | None:
        """A client's template; None if there is none. `InvalidRequest` if it is not valid in this version any more."""
        found = self._find(client_id, name)
        data = self._blobs.get(template_key(found.id)) if found else None
        if found is None or data is None:
            return None
        return found, _decoded(data).model_copy(update={"version": found.version})

    def listed(self, client_id: str) -> list[StoredTemplate]:
        """A client's templates by name."""
        return self._store.templates(client_id)

    def remove(self, client_id: str, name: str, expected: Callable[[StoredTemplate | None], bool]) -> bool:
        """Delete a client's template; False if there is none. `PreconditionFailed` if it is not as expected."""
        found = self._find(client_id, name)
        if not expected(found) or (found and not self._store.retire_template(found.id, self._clock())):
            raise PreconditionFailed(OTHER_VERSION.format(quoted(name)))
        return found is not None

    def accept(self, client_id: str, request: _Request) -> tuple[_Request, _Request]:
        """Look up the template that a task's settings name, if they do.

        Returns:
            The settings with the template itself, and as they are stored: with its name, version and id. The latter
            hold for as long as the task is kept.

        Raises:
            InvalidRequest: the client has no such template.
        """
        asked: Any = getattr(request, "template", None)
        if asked is None:
            return request, request
        if isinstance(asked, str):
            found = self.get(client_id, asked)
            if found is None:
                raise InvalidRequest("template", f"template: there is no template {quoted(asked)}; store it first")
            row, asked = found
        else:
            row = self.put(client_id, asked, lambda _: True, is_named=False)
        reference = f"{asked.name}/{row.version}/{row.id}"
        return request.model_copy(update={"template": asked}), request.model_copy(update={"template": reference})

    def _find(self, client_id: str, name: str) -> StoredTemplate | None:
        # PostgreSQL has no place for some characters, and no template has them in its name.
        return self._store.template(client_id, name) if name.isprintable() else None


def with_template(request: _Request, blobs: Blobs) -> _Request:
    """A task's settings as they were stored, with the template itself.

    Raises:
        InvalidRequest: it is not there any more, or not valid in this version of the program.
        Unavailable: the blob store cannot be read.
    """
    reference: Any = getattr(request, "template", None)
    if not isinstance(reference, str):
        return request
    return request.model_copy(update={"template": _load(blobs, reference.rpartition("/")[2])})


@lru_cache(maxsize=_KEPT)
def _load(blobs: Blobs, template_id: str) -> Template:
    data = blobs.get(template_key(template_id))
    if data is None:
        raise InvalidRequest("template", "The task's template is lost; submit the image again.")
    return _decoded(data)


def _decoded(data: bytes) -> Template:
    """A template as it was stored. An earlier version of the program may have taken what this one refuses."""
    return parse(Template, orjson.loads(data), "template")
