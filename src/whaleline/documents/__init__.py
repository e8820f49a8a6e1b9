"""Files to pages: which formats are read, how many pages a file has, and each as a picture with its resolution."""

from whaleline.documents.document import Document
from whaleline.documents.formats import FORMATS, Format
from whaleline.documents.page import Limits, PagePicture, PageSize

__all__ = ["FORMATS", "Document", "Format", "Limits", "PagePicture", "PageSize"]
