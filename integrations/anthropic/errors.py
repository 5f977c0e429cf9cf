"""The vendor's errors in the domain's words."""

from anthropic import APIConnectionError, APIError, APIStatusError

from domain.errors import DomainError, LimitReached, NotConfigured, ProviderUnavailable
from domain.sequences.ports import DraftFailed

_MAY_PASS = frozenset({408, 409, 429})


def as_domain_error(error: APIError) -> DomainError:
    """Return what an API error means to us; never with the request's content or the key in it."""
    if isinstance(error, APIConnectionError):
        return ProviderUnavailable("the AI provider can't be reached or took too long")
    if not isinstance(error, APIStatusError):
        return ProviderUnavailable("the AI provider's answer couldn't be read")
    request = f" (request {error.request_id})" if error.request_id else ""
    status = error.status_code
    if status in _MAY_PASS or status >= 500:
        wait = _retry_after_s(error)
        return ProviderUnavailable(f"the AI provider answered {status}{request}", retry_after_s=wait)
    if status in (401, 403):
        return NotConfigured(f"the AI provider refuses the configured key{request}")
    if status == 402:
        return LimitReached(f"the installation's account at the AI provider is used up{request}")
    if status == 404:
        return NotConfigured(f"the AI provider doesn't know the configured model{request}")
    return DraftFailed(f"the AI provider refused the request with {status}{request}")


def _retry_after_s(error: APIStatusError) -> float | None:
    try:
        return max(0.0, float(error.response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
