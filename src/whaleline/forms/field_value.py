"""What a field says, as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What a field says.

    Attributes:
        text: as printed; empty where nothing is.
        value: in a normal form: a date by ISO 8601, a decimal number with a point, a telephone number by E.164, a
            mark's state, `signed` for a signature; None where there is none.
        confidence: 0 to 100, that the text was read right.
        valid: whether it is what the field asks for.
        reasons: why it is not valid; or, where it is, what is doubtful; clauses.
        currency: ISO 4217, of an amount; empty where none is printed.
        other: what it may say as well, in the same form.
    """

    text: str
    value: str | None
    confidence: float
    valid: bool = True
    reasons: tuple[str, ...] = ()
    currency: str = ""
    other: str = ""

    def fault(self, reason: str) -> FieldValue:
        """The same, not valid for a further reason."""
        return replace(self, valid=False, reasons=(*self.reasons, reason))

    def doubt(self, reason: str) -> FieldValue:
        """The same, doubtful for a further reason."""
        return replace(self, reasons=(*self.reasons, reason))
