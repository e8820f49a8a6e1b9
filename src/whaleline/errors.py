"""Every error that Whaleline reports to a caller.

    WhalelineError
    ├── InvalidRequest          400  a field of the request is wrong; nothing was accepted
    ├── Unauthorized            401  there is no access token, or its client was removed
    │   └── TokenRefused        401  the access token or API key is malformed, expired or unknown
    ├── Forbidden               403  this caller may not have it
    ├── NotFound                404  this client has nothing of that name
    ├── BodyTooSlow             408  the body did not arrive in time
    ├── PreconditionFailed      412  what is stored is not the version that the request names
    ├── BodyTooLarge            413  the body is larger than the limit
    ├── UnsupportedMediaType    415  the body is of a media type that is not read
    ├── KeyReused               422  the idempotency key was used for another request
    ├── TooManyRequests         429  the client or its address sends too many requests
    ├── Unavailable             503  the service cannot take the request now
    │   └── QueueFull           503  too many tasks are waiting, or are open for this client
    ├── UnreadableImage              the file cannot be decoded; its task ends with the status Error
    └── ConfigurationError           a setting is wrong; the command ends with exit code 2

Each error has one message for the user: plain sentences that name the field, the value and the limit. `status` is the
HTTP status of the answer; None if the error is never sent over HTTP. docs/errors.md is made from this file by
docs/errors_table.py, which takes the first line of each class.
"""

from __future__ import annotations


class WhalelineError(Exception):
    """The base of all errors. `str(error)` is the message for the user."""

    status: int | None = None
    title = "Error"


class InvalidRequest(WhalelineError):
    """A field of the request is wrong; nothing was accepted.

    Attributes:
        field: path of the field in the request, for example `settings.regions[2].rect`.
    """

    status = 400
    title = "Bad Request"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Unauthorized(WhalelineError):
    """There is no access token, or its client was removed."""

    status = 401
    title = "Unauthorized"


class TokenRefused(Unauthorized):
    """The access token or API key is malformed, expired or unknown."""


class Forbidden(WhalelineError):
    """This caller may not have it: another site's page, or a host name that is not allowed."""

    status = 403
    title = "Forbidden"


class NotFound(WhalelineError):
    """This client has nothing of that name."""

    status = 404
    title = "Not Found"


class BodyTooLarge(WhalelineError):
    """The body is larger than the limit."""

    status = 413
    title = "Content Too Large"


class BodyTooSlow(WhalelineError):
    """The body did not arrive in time; the connection is closed."""

    status = 408
    title = "Request Timeout"


class PreconditionFailed(WhalelineError):
    """What is stored is not the version that `If-Match` or `If-None-Match` names."""

    status = 412
    title = "Precondition Failed"


class UnsupportedMediaType(WhalelineError):
    """The body is of a media type that is not read."""

    status = 415
    title = "Unsupported Media Type"


class KeyReused(WhalelineError):
    """The `Idempotency-Key` was used for another request before."""

    status = 422
    title = "Unprocessable Content"


class TooManyRequests(WhalelineError):
    """The client or its address sends too many requests.

    Attributes:
        retry_after: seconds to wait before the next request.
    """

    status = 429
    title = "Too Many Requests"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(WhalelineError):
    """The service cannot take the request now; the same request may succeed later.

    Attributes:
        retry_after: seconds to wait before the next try.
    """

    status = 503
    title = "Service Unavailable"
    retry_after = 5


class QueueFull(Unavailable):
    """Too many tasks are waiting, or are open for this client."""


class UnreadableImage(WhalelineError):
    """The file cannot be decoded, or its content exceeds a limit."""


class ConfigurationError(WhalelineError):
    """A setting is wrong, or two settings do not work together."""
