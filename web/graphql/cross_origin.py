"""Pages of other origins that the operator allows (CORS): they ask with tokens, never with our cookie.

Source: the Fetch standard, section "CORS protocol". No answer allows credentials, so a browser sends none along.
"""

from typing import Final

from web.graphql.answering import Headers

MAX_AGE_S: Final = 7_200
"""For how long a browser needn't ask again; none keeps it longer than this."""

_PREFLIGHT: Final[Headers] = [
    (b"access-control-allow-methods", b"GET, POST"),
    (
        b"access-control-allow-headers",
        b"Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Plera-Cost, Plera-Workspace,"
        b" Traceparent, Apollo-Require-Preflight, X-Apollo-Operation-Name, GraphQL-Require-Preflight, X-Requested-With",
    ),
    (b"access-control-max-age", str(MAX_AGE_S).encode()),
]
_EXPOSED: Final = (
    b"access-control-expose-headers",
    b"ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
)


class CrossOrigin:
    """What answers say to browsers whose page isn't ours.

    Args:
        origins: those whose pages may ask; ``*`` among them means all.
    """

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins

    def headers(self, origin: str | None, *, is_preflight: bool = False) -> Headers:
        """Return what an answer has beside its own headers; nothing where no foreign page may ask."""
        if not self._origins:
            return []
        varying: Headers = [(b"vary", b"Origin")]
        if origin is None or not (origin in self._origins or "*" in self._origins):
            return varying
        allowed = [*varying, (b"access-control-allow-origin", origin.encode("latin-1"))]
        return [*allowed, *_PREFLIGHT] if is_preflight else [*allowed, _EXPOSED]
