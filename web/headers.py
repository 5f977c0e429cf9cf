"""Headers that every HTML page of ours carries."""

from typing import Final

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # addresses of pages may hold tokens
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def page_headers(*, policy: str, caching: str) -> dict[str, str]:
    """Return the security headers with this Content-Security-Policy and Cache-Control.

    Framing, base addresses and everything a page doesn't name are forbidden on every page.
    """
    whole_policy = f"default-src 'none'; {policy}; base-uri 'none'; frame-ancestors 'none'"
    return {**_ALWAYS, "Content-Security-Policy": whole_policy, "Cache-Control": caching}
