"""A picture and what it shows at a glance, each looked for once: short lines take longer to look at than to read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from whaleline.imaging import picture, rules
from whaleline.imaging.picture import Parts, Picture

SMALL = 1600
"""Pixels of a side at which a page still shows how its lines run, and in a quarter of the time."""


@dataclass(frozen=True, eq=False)
class Sight:
    """A picture, which nobody changes any more.

    Attributes:
        picture: grey or colour.
        stretched: a picture of the same in which the print shows, if it is too faint in that one; None if it is not.
    """

    picture: Picture
    stretched: Picture | None = None

    @cached_property
    def grey(self) -> Picture:
        """The picture in grey, with its print as clear as can be."""
        return picture.grey(self.picture if self.stretched is None else self.stretched)

    @cached_property
    def small(self) -> Sight:
        """The same in grey, of at most SMALL pixels a side; itself if it is no larger."""
        # Not by halves, which move the angle of lines by a step of a twentieth of a degree.
        scale = SMALL / max(self.grey.shape)
        return Sight(picture.resized(self.grey, scale)) if scale < 1 else self

    @cached_property
    def ink(self) -> Picture:
        """Its print, as `picture.ink` gives it."""
        return picture.ink(self.grey)

    @cached_property
    def letters(self) -> Parts:
        """What of its print may be letters; of a large picture to two pixels."""
        return picture.coarse_letters(self.ink)

    @cached_property
    def height(self) -> float:
        """Pixels of its usual letter's height."""
        return picture.usual_height(self.letters)

    @cached_property
    def _ruled(self) -> tuple[Picture, Picture]:
        return rules.kinds(self.ink, self.height)

    @property
    def is_ruled(self) -> bool:
        """Whether it has any rules."""
        return any(mask.any() for mask in self._ruled)

    @cached_property
    def rules(self) -> Picture:
        """A mask of its rules."""
        return rules.covered(self.ink, *self._ruled)

    @cached_property
    def frames(self) -> Picture:
        """The same, with the sides of frames about one line."""
        level, upright = self._ruled
        if not level.any():
            return self.rules
        return rules.covered(self.ink, level, upright, rules.sides(self.ink, self.height, level))

    @cached_property
    def clear(self) -> Picture:
        """Its print without its rules; the same array where it has none."""
        return rules.without_ink(self.ink, self.rules)

    @cached_property
    def coarse_clear(self) -> Picture:
        """The same, of a large picture at half its size."""
        if self.ink.size <= picture.LARGE:
            return self.clear
        half = picture.halved(self.ink)
        return rules.without_ink(half, rules.covered(half, *self._ruled), 2)
