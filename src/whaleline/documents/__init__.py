"""Files to pages: the formats, the number of pages of a file, and each page as a picture with its resolution."""

from whaleline.documents.document import Document
from whaleline.documents.formats import FORMATS, Format
from whaleline.documents.page import Limits, PagePicture, PageSize

__all__ = ["FORMATS", "Document", "Format", "Limits", "PagePicture", "PageSize"]
