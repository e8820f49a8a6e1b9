"""Every error that Whaleline tells a caller.

    WhalelineError
    ├── InvalidRequest          400  a field of the request is wrong; nothing was accepted
    ├── Unauthorized            401  no token was sent, or its client is no more
    │   └── TokenRefused        401  a token was sent that is malformed, expired or foreign
    ├── Forbidden               403  what is asked for is not for this caller
    ├── NotFound                404  there is nothing of this name for this client
    ├── BodyTooLarge            413  the body is past the size limit
    ├── BodyTooSlow             408  the body did not arrive in time
    ├── UnsupportedMediaType    415  the body is not JSON
    ├── KeyReused               422  an idempotency key came with another request than before
    ├── TooManyRequests         429  the client or its address asks more often than it may
    ├── Unavailable             503  the store or the workers cannot take the request now
    │   └── QueueFull           503  as many tasks wait, or are open for this client, as may be
    ├── UnreadableImage              decoding shows that the image cannot be read; the task ends as Error
    └── ConfigurationError           a setting cannot work; the command ends with exit code 2

Each carries one message that is fit for the user's eyes: plain sentences that name the field, the value and the
limit. `status` is the HTTP status with which the wire answers; None where an error never reaches the wire.
"""

from __future__ import annotations


class WhalelineError(Exception):
    """Base of the tree. `str(error)` is the message to the user."""

    status: int | None = None
    title = "Error"


class InvalidRequest(WhalelineError):
    """The request is wrong in itself.

    Attributes:
        field: where in the request, in the wire's words, for example `settings.regions[2].rect`.
    """

    status = 400
    title = "Bad Request"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Unauthorized(WhalelineError):
    """The request carries no valid access token (RFC 6750, section 3)."""

    status = 401
    title = "Unauthorized"


class TokenRefused(Unauthorized):
    """A token was sent and is not valid, as opposed to none being sent (RFC 6750, section 3.1)."""


class Forbidden(WhalelineError):
    """What is asked for is not for this caller."""

    status = 403
    title = "Forbidden"


class NotFound(WhalelineError):
    """There is nothing of this name for this client."""

    status = 404
    title = "Not Found"


class BodyTooLarge(WhalelineError):
    """The body is past the size limit."""

    status = 413
    title = "Content Too Large"


class BodyTooSlow(WhalelineError):
    """The body did not arrive in time; the connection is closed."""

    status = 408
    title = "Request Timeout"


class UnsupportedMediaType(WhalelineError):
    """The body's media type is not one that the resource takes."""

    status = 415
    title = "Unsupported Media Type"


class KeyReused(WhalelineError):
    """An idempotency key came with another request than before."""

    status = 422
    title = "Unprocessable Content"


class TooManyRequests(WhalelineError):
    """The client or its address asks more often than it may.

    Attributes:
        retry_after: seconds after which it may ask again.
    """

    status = 429
    title = "Too Many Requests"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(WhalelineError):
    """The service cannot take the request at the moment; the same request may succeed later.

    Attributes:
        retry_after: seconds after which to try again.
    """

    status = 503
    title = "Service Unavailable"
    retry_after = 5


class QueueFull(Unavailable):
    """As many tasks wait, or are open for this client, as may be."""


class UnreadableImage(WhalelineError):
    """The image cannot be decoded, or is past a limit that only its content shows."""


class ConfigurationError(WhalelineError):
    """A setting, or two of them together, cannot work."""
