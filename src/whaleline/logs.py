"""Log lines: one event each with its fields, for people or as JSON.

No line contains what clients send, what is read from it, secrets or tokens. That is why a logged
exception shows its type and where it was raised, but not its message, which may quote what a client sent. Libraries
do not know that rule (Pillow logs a picture's metadata at debug), so they are heard from warning on, unless the setting
names them.
"""

from __future__ import annotations

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from whaleline.settings import Settings


def configure(settings: Settings) -> None:
    """Send this process's log lines to its standard error, in the format and from the level of the settings."""
    levels = settings.log_levels
    own = levels.pop("")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_messages,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(own),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)  # for libraries; our own lines have no need of their way through it
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.captureWarnings(capture=True)
    logging.basicConfig(level="ERROR" if own == "error" else "WARNING", handlers=[handler], force=True)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level.upper())


def _without_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put `fault` in the place of an exception: its type, and the lines that led to it."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["fault"] = [
            type(error).__qualname__,
            *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames),
        ]
    return event
