"""The layout of a page: it is read whole, what was missed is read again, then its tables are found."""

from __future__ import annotations

from dataclasses import dataclass

from whaleline.documents import PagePicture
from whaleline.layout import mending, tables
from whaleline.layout.lines import letter_height
from whaleline.layout.rule_search import ruling
from whaleline.layout.ruling import Ruling
from whaleline.layout.table import Table
from whaleline.operations.drawn_tables import by_line
from whaleline.operations.reading import read_rectangles
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition import languages
from whaleline.recognition.page import Word
from whaleline.results import Reading, ResultType
from whaleline.settings import Settings


@dataclass(frozen=True, eq=False)
class PageLayout:
    """A page's reading and layout; boxes are in the pixels of the reading's picture.

    Attributes:
        reading: of the whole page.
        words: of it, with what was passed over.
        rules: of it.
        tables: of it, from the top down.
    """

    reading: Reading
    words: tuple[Word, ...]
    rules: Ruling
    tables: tuple[Table, ...]


def lay_out(page: PagePicture, request: ReadingSettings, settings: Settings) -> PageLayout:
    """Read a page and find its tables.

    Raises:
        UnreadableImage: as `read_regions`.
        ConfigurationError: as `read_regions`.
    """
    # Whatever is asked for as a result, the page has to be read.
    request = request.model_copy(update={"result_type": ResultType.Text})
    (reading,) = read_rectangles(page, (), request, settings, grids=False)
    assert reading is not None  # noqa: S101 - the whole page lies inside the page
    first = reading.page.words
    rules = ruling(reading.plain, letter_height(first))
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    words = mending.mended(reading.plain, first, rules, by_line(language, settings.tessdata))
    return PageLayout(reading, words, rules, tuple(tables.find(words, rules)))
