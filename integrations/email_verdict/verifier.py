"""The ``EmailVerifier`` that needs no account."""

from collections.abc import Callable
from datetime import datetime

import dns.asyncresolver
import dns.resolver
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from domain.enrichment.rules.emails import (
    EmailSignals,
    EmailVerdict,
    MailRouting,
    judge_address,
    verdict_expires_at,
)

from .lists import is_disposable, is_role, is_webmail
from .routing import Route, dns_resolver, find_route


class DnsEmailVerifier:
    """Judges addresses by syntax, lists and the domain's DNS.

    Args:
        now: aware UTC.
        resolver: see ``dns_resolver``; the default asks the system's name servers, which are read when
            the first address is judged.
    """

    def __init__(
        self, *, now: Callable[[], datetime], resolver: dns.asyncresolver.Resolver | None = None
    ) -> None:
        self._now = now
        self._resolver = resolver

    async def verify(self, address: str) -> EmailVerdict:
        """Return a dated verdict; see the port."""
        try:
            parsed = validate_email(address, check_deliverability=False)
        except EmailNotValidError:
            return self._verdict(address, EmailSignals(syntax_valid=False), hosts=())
        route = await self._route(parsed.ascii_domain)
        return self._verdict(parsed.normalized, _signals(parsed, route), hosts=route.hosts)

    async def _route(self, domain: str) -> Route:
        if self._resolver is None:
            try:
                self._resolver = dns_resolver()
            except dns.resolver.NoResolverConfiguration:
                return Route(MailRouting.UNAVAILABLE)
        return await find_route(domain, resolver=self._resolver)

    def _verdict(self, address: str, signals: EmailSignals, *, hosts: tuple[str, ...]) -> EmailVerdict:
        status, reasons = judge_address(signals)
        now = self._now()
        return EmailVerdict(
            address=address,
            status=status,
            reasons=reasons,
            mail_hosts=hosts,
            checked_at=now,
            expires_at=verdict_expires_at(status, checked_at=now),
        )


def _signals(parsed: ValidatedEmail, route: Route) -> EmailSignals:
    return EmailSignals(
        syntax_valid=True,
        routing=route.routing,
        disposable=is_disposable(parsed.ascii_domain, mail_hosts=route.hosts),
        role=is_role(parsed.local_part),
        webmail=is_webmail(parsed.ascii_domain),
    )
