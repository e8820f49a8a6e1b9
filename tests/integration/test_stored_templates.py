"""Versions of templates: rows and blobs come and go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from berths import template
from whaleline.errors import InvalidRequest, PreconditionFailed, QueueFull
from whaleline.forms.template import Template
from whaleline.operations.schema import parse
from whaleline.tasks import templates
from whaleline.tasks.blobs import BlobKind, Blobs, template_key
from whaleline.tasks.sql import Client, Store, StoredTemplate
from whaleline.tasks.templates import Templates


def form(name: str) -> Template:
    return parse(Template, template() | {"name": name})


def anything(_: StoredTemplate | None) -> bool:
    return True


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> tuple[Templates, Store, Blobs]:
    store.add_client(Client("sailor", "sailor", "", 0.0))
    blobs = Blobs((tmp_path / "blobs").as_uri())
    return Templates(store, blobs, lambda: 100.0), store, blobs


def keys(blobs: Blobs) -> int:
    return len(list(blobs.list(BlobKind.TEMPLATE)))


def test_a_version_that_was_replaced_goes_when_no_task_can_name_it(kept: tuple[Templates, Store, Blobs]) -> None:
    owned, store, blobs = kept
    assert [owned.put("sailor", form("berth"), anything).version for _ in range(2)] == [1, 2]
    assert [(each.name, each.version) for each in owned.listed("sailor")] == [("berth", 2)]
    assert keys(blobs) == 2
    assert store.delete_templates(retired_before=100.0) == []
    blobs.erase([template_key(each) for each in store.delete_templates(retired_before=100.5)])
    assert keys(blobs) == 1
    assert owned.get("sailor", "berth") is not None


def test_a_put_that_is_refused_leaves_nothing_behind(kept: tuple[Templates, Store, Blobs]) -> None:
    owned, _, blobs = kept
    with pytest.raises(PreconditionFailed, match="another version than the request expects"):
        owned.put("sailor", form("berth"), lambda present: present is not None)
    assert keys(blobs) == 0


def test_a_client_has_so_many_templates_and_no_more(
    kept: tuple[Templates, Store, Blobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    owned, _, blobs = kept
    monkeypatch.setattr(templates, "MOST_TEMPLATES", 1)
    owned.put("sailor", form("first"), anything)
    with pytest.raises(QueueFull, match="You have 1 template"):
        owned.put("sailor", form("second"), anything)
    assert owned.put("sailor", form("first"), anything).version == 2
    assert keys(blobs) == 2


def test_a_template_that_is_no_longer_valid_says_why(kept: tuple[Templates, Store, Blobs]) -> None:
    owned, _, blobs = kept
    row = owned.put("sailor", form("berth"), anything)
    data = blobs.get(template_key(row.id))
    assert data is not None
    blobs.put(template_key(row.id), data.replace(b'"name":"berth"', b'"name":"berth","region":"Utopia"'))
    with pytest.raises(InvalidRequest, match="there is no such key"):
        owned.get("sailor", "berth")


@pytest.mark.parametrize("name", ["a\0b", "unknown", "a/b"])
def test_a_name_that_none_has_is_not_found(kept: tuple[Templates, Store, Blobs], name: str) -> None:
    owned, _, _ = kept
    assert owned.get("sailor", name) is None
    assert not owned.remove("sailor", name, anything)
