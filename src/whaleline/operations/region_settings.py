"""The settings of RecognizeRegions: rectangles of pages, or the fields of a template."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from whaleline.forms.template import NamedOrWhole
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.operations.schema import Int32, WireModel
from whaleline.settings import Settings


class RectangleSettings(WireModel):
    """OCRRect: corners in the submitted image's pixels; the bottom right one is just outside."""

    top_left_x: Int32 = Field(0, alias="topLeftX")
    top_left_y: Int32 = Field(0, alias="topLeftY")
    bottom_right_x: Int32 = Field(0, alias="bottomRightX")
    bottom_right_y: Int32 = Field(0, alias="bottomRightY")

    @model_validator(mode="after")
    def _has_area(self) -> RectangleSettings:
        if self.rectangle.is_empty:
            raise ValueError(
                f"the rectangle {self.rectangle} has no area: bottomRightX must be more than topLeftX, and"
                " bottomRightY more than topLeftY"
            )
        return self

    @property
    def rectangle(self) -> Rectangle:
        """The same as a rectangle."""
        return Rectangle(self.top_left_x, self.top_left_y, self.bottom_right_x, self.bottom_right_y)


class RegionSettings(WireModel):
    """OCRRegion: a rectangle, and its place in the results. Pages are an addition to the protocol."""

    rect: RectangleSettings
    order: Int32 = 0
    page: int = Field(1, ge=1, le=2**31 - 1, description="Page of the document; the first one is 1.")
    dpi: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Pixels an inch of the rectangle, on a page that has no pixels of its own (PDF, SVG); those of the"
        " page as the service draws it, if absent.",
    )


def _not_too_many(value: object, info: ValidationInfo) -> object:
    # Counted before they are looked at: the objects and errors of a million regions would take a gigabyte.
    if isinstance(value, list) and isinstance(info.context, Settings) and len(value) > info.context.max_regions:
        raise ValueError(f"{len(value)} regions are more than the limit of {info.context.max_regions}")
    return value


class RecognizeRegionsSettings(ReadingSettings):
    """OCRSettingsRecognizeRegions. Templates are an addition to the protocol."""

    regions: Annotated[tuple[RegionSettings, ...], BeforeValidator(_not_too_many)] = ()
    template: NamedOrWhole | None = Field(
        None,
        description="In place of regions: the name of a template, or all of it. Each field gives a result, in the"
        " template's order.",
    )

    @model_validator(mode="after")
    def _has_one_of_both(self) -> RecognizeRegionsSettings:
        if self.template is not None and self.regions:
            raise ValueError("regions and template: send one of them, not both")
        return self
