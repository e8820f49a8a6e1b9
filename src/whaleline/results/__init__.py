"""A region's reading, written as the result types of the wire: one file here for each format."""

from whaleline.results.formats import Result, ResultType, write
from whaleline.results.reading import Reading

__all__ = ["Reading", "Result", "ResultType", "write"]
