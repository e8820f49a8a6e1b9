"""A scan laid against a page of its template, and what the template's own pictures show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from whaleline.documents import Document, Limits
from whaleline.errors import UnreadableImage
from whaleline.forms.form_picture import FormPicture, form_picture
from whaleline.forms.registration import Registration, ScanPicture, register
from whaleline.forms.sharpness import is_dim
from whaleline.forms.template import Kind, Template, TemplateField, TemplatePage
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.marks import State, has_writing, mark
from whaleline.imaging.mesh import Placement
from whaleline.imaging.picture import Picture

SURE: Final = 67.0
"""How sure it must be where a field lies for it to be read, 0 to 100; figures in docs/forms.md."""

_FEW_WORDS = 8  # pieces of a line; relatives of forms that have fewer were taken for them
_KEPT = 16  # pages of templates, of some megabytes each


@dataclass(frozen=True, eq=False)
class Lie:
    """How a page of a scan lies against its template.

    Attributes:
        placement: the map from the template's pixels to the scan's; None where nothing of the form was found.
        certainty: that the scan shows this form, 0 to 100; None where the template has no picture to compare with.
        scaled: whether the scan has another size and the template no picture, so that rectangles were only scaled.
        registration: where there is one.
        is_dim: whether the scan is too faint or blurred to say what it shows.
    """

    placement: Placement | None
    certainty: float | None
    scaled: bool = False
    registration: Registration | None = None
    is_dim: bool = False

    def certainty_of(self, field: Rectangle) -> float | None:
        """That a field lies where the placement has it, 0 to 100; None where nothing tells."""
        return self.certainty if self.registration is None else self.registration.certainty_of(field)

    def is_other_at(self, field: Rectangle) -> bool:
        """Whether the scan has other words beside a field than the template."""
        return self.registration is not None and self.registration.is_other_at(field)

    @property
    def is_sure(self) -> bool:
        """Whether fields can be read at all."""
        return self.placement is not None and (self.certainty is None or self.certainty >= SURE)


def lay(template: Template, number: int, scan: Picture) -> Lie:
    """Find out how a scan lies against a page of a template.

    Args:
        template: of the form.
        number: of the page, from 1.
        scan: of that page; uint8 of shape (height, width) or (height, width, 3).

    Raises:
        UnreadableImage: the template's picture cannot be read or is of another size than the template says.
    """
    page = template.pages[number - 1]
    if page.picture is None:
        height, width = scan.shape[:2]
        placement = Affine.scale(width / page.width, height / page.height)
        return Lie(placement, None, scaled=(width, height) != (page.width, page.height))
    shown = ScanPicture(scan)
    found = register(_form(page, _fields(template, number)), shown)
    dim = (found is None or found.certainty < SURE) and is_dim(shown.flat, _kept_picture(page))
    if found is None:
        return Lie(None, 0.0, is_dim=dim)
    return Lie(found.placement, found.certainty, registration=found, is_dim=dim)


def blank(template: Template, field: TemplateField) -> Picture | None:
    """A field as it looks on the form's picture; None where there is none, or where it tells nothing.

    A mark in a box to tick is the form's own print where nothing is filled in elsewhere, such as a letter in each box.
    Otherwise somebody ticked the box when the picture was made, and each scan's box is looked at alone.
    """
    page = template.pages[field.page - 1]
    if page.picture is None:
        return None
    own = _on_picture(page, field.rectangle)
    if field.kind is Kind.CHECKMARK and mark(own).state is not State.EMPTY:
        fields = tuple(each.rectangle for each in template.fields if each.page == field.page and _is_written(each))
        return None if _is_filled_in(page, fields) else own
    return own


def _on_picture(page: TemplatePage, at: Rectangle) -> Picture:
    return np.ascontiguousarray(_kept_picture(page)[at.top : at.bottom, at.left : at.right])


def _is_written(field: TemplateField) -> bool:
    return field.kind not in (Kind.CHECKMARK, Kind.BARCODE, Kind.PICTURE)


@lru_cache(maxsize=_KEPT)
def _is_filled_in(page: TemplatePage, fields: tuple[Rectangle, ...]) -> bool:
    """Whether somebody wrote in a field of a form's picture."""
    return any(has_writing(_on_picture(page, each))[0] for each in fields)


def ticked(template: Template) -> list[str]:
    """The names of the boxes to tick that are not empty on the form's pictures.

    Raises:
        UnreadableImage: as `check_pictures`.
    """
    boxes = [(field, template.pages[field.page - 1]) for field in template.fields if field.kind is Kind.CHECKMARK]
    return [
        field.name
        for field, page in boxes
        if page.picture and mark(_on_picture(page, field.rectangle)).state is not State.EMPTY
    ]


def wordless(template: Template) -> list[int]:
    """The numbers of the pages whose pictures show hardly any printed words.

    Such a page cannot tell another form with the same lines from its own.

    Raises:
        UnreadableImage: as `check_pictures`.
    """
    return [
        number
        for number, page in enumerate(template.pages, 1)
        if page.picture and len(_form(page, _fields(template, number)).labels) < _FEW_WORDS
    ]


def check_pictures(template: Template) -> None:
    """Look whether the pictures can be read.

    Raises:
        UnreadableImage: one cannot, or is of another size than the template says.
    """
    for number, page in enumerate(template.pages, 1):
        try:
            _picture(page)
        except UnreadableImage as error:
            raise UnreadableImage(f"The picture of the template's page {number}: {error}") from error


def _fields(template: Template, number: int) -> tuple[Rectangle, ...]:
    """Where the fields of a page are."""
    return tuple(field.rectangle for field in template.fields if field.page == number)


@lru_cache(maxsize=_KEPT)
def _form(page: TemplatePage, fields: tuple[Rectangle, ...]) -> FormPicture:
    return form_picture(_kept_picture(page), fields)


@lru_cache(maxsize=_KEPT)
def _kept_picture(page: TemplatePage) -> Picture:
    return _picture(page)


def _picture(page: TemplatePage) -> Picture:
    if page.picture is None:
        return np.zeros((page.height, page.width), np.uint8)
    picture = Document(page.picture, Limits()).page(1).picture
    height, width = picture.shape[:2]
    if (width, height) != (page.width, page.height):
        raise UnreadableImage(f"It is {width} x {height} pixels; the template says {page.width} x {page.height}.")
    return picture
