"""The one composition root, for API and worker: builds ports from adapters and settings."""

import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from dns.asyncresolver import Resolver
from redis.asyncio import Redis
from tortoise import Tortoise

from auth.budgets import Budget, Budgets
from auth.passwords import PasswordChecker
from auth.throttling import AttemptThrottle, valkey_storage
from domain.features import load_features
from domain.ports import OperatorMail, Ports, SendingPolicy
from domain.secrets.hashing import IDENTITY_PURPOSE
from domain.secrets.keyring import Keyring
from domain.sequences.ports import Drafter
from domain.sql_time import TimedConnection
from domain.suppression.tokens import UNSUBSCRIBE_PURPOSE
from domain.tenancy import leave_connection, prepare_connection
from domain.work import announce_to
from domain.workspaces.keys import require_master_key
from integrations.email_verdict.routing import dns_resolver
from integrations.email_verdict.verifier import DnsEmailVerifier
from integrations.http.address_guard import MAIL_PORTS, resolve_public
from integrations.http.allow_list import parse_allow_list
from integrations.http.client import GuardedClient
from integrations.liquid.drafter import LiquidDrafter
from integrations.liquid.engine import LiquidEngine
from integrations.operator_mail.smtp import ConsoleMail, OperatorSmtp
from integrations.smtp_imap.connecting import Dialling
from integrations.smtp_imap.mailbox import SmtpImapMailbox
from integrations.valkey.wakeups import ValkeyWakeups
from integrations.website.source import WebsiteSource
from jobs.bell import Bell
from resolvers.context import Services
from resolvers.document_uses import DocumentUses
from resolvers.persisted_documents import PersistedDocuments
from resolvers.reading.cursors import CursorKey
from resolvers.reading.pool import LeanPool, connect_for_reads
from resolvers.sharing import Shared
from resolvers.tails import Tails
from settings import Settings, SignUp, master_keys_text, tortoise_config

READ_CONNECTIONS = 8
"""A process's connections for planned reads; each is busy for a few milliseconds a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Everything that lives as long as the process."""

    settings: Settings
    services: Services
    bell: Bell
    redis: Redis
    wakeups: ValkeyWakeups


def utc_now() -> datetime:
    """The process's clock."""
    return datetime.now(UTC)


@asynccontextmanager
async def application(settings: Settings) -> AsyncIterator[Application]:
    """Open databases, adapters and the announcers; close them in the opposite order."""
    if settings.database_url is None or settings.redis_url is None:
        raise RuntimeError("the settings name no database or no Valkey")
    load_features()
    async with AsyncExitStack() as stack:
        await Tortoise.init(
            config=tortoise_config(
                settings.database_url,
                init=prepare_connection,
                reset=leave_connection,
                connection_class=TimedConnection,
            ),
            _enable_global_fallback=True,
        )
        stack.push_async_callback(Tortoise.close_connections)
        reads = LeanPool(partial(connect_for_reads, dsn=settings.database_url), size=READ_CONNECTIONS)
        stack.push_async_callback(reads.close)
        redis = Redis.from_url(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        wakeups = ValkeyWakeups(Redis.from_url(settings.redis_url))
        stack.push_async_callback(wakeups.close)
        bell = Bell(settings.redis_url)
        stack.push_async_callback(bell.close)
        stack.callback(announce_to(wakeups.announce))
        stack.callback(announce_to(bell.ring))
        await require_master_key(keyring=Keyring.parse(master_keys_text(settings)))
        ports = await _ports(settings, wakeups=wakeups, stack=stack)
        uses = DocumentUses(clock=utc_now)
        stack.push_async_callback(uses.close)
        yield Application(
            settings=settings,
            services=_services(settings, ports, redis, reads, uses),
            bell=bell,
            redis=redis,
            wakeups=wakeups,
        )


def _services(
    settings: Settings, ports: Ports, redis: Redis, reads: LeanPool, uses: DocumentUses
) -> Services:
    return Services(
        reads=reads,
        ports=ports,
        passwords=PasswordChecker(),
        throttle=AttemptThrottle(storage=valkey_storage(redis), key=ports.keyring.derive("sign-in attempts")),
        cursor_key=CursorKey(ports.keyring.derive("cursors")),
        budgets=Budgets(clock=time.monotonic),
        budget=Budget(points_max=settings.api_points_max, points_per_s=settings.api_points_per_s),
        clock=utc_now,
        base_url=settings.base_url,
        web_origins=frozenset(settings.web_origins),
        tails=Tails(ports.wakeups, clock=utc_now),
        shared=Shared(),
        documents=PersistedDocuments(uses),
    )


async def _ports(settings: Settings, *, wakeups: ValkeyWakeups, stack: AsyncExitStack) -> Ports:
    keyring = Keyring.parse(master_keys_text(settings))
    tls = _tls(settings)
    allow = parse_allow_list(settings.outbound_allow, hosts=settings.outbound_hosts)

    async def mail_address(host: str, port: int) -> str:
        return (await resolve_public(host, port, allow=allow, ports=MAIL_PORTS)).address

    client = GuardedClient(user_agent=f"PleraBot/1 (+{settings.crawler_contact})", allow=allow, tls=tls)
    stack.push_async_callback(client.close)
    website = WebsiteSource(client=client, now=utc_now)

    mailbox = SmtpImapMailbox(Dialling(resolve=mail_address, tls=tls))
    stack.push_async_callback(mailbox.aclose)
    templates = LiquidEngine()
    return Ports(
        keyring=keyring,
        identity_key=keyring.derive(IDENTITY_PURPOSE),
        unsubscribe_key=keyring.derive(UNSUBSCRIBE_PURPOSE),
        mailbox=mailbox,
        operator_mail=_operator_mail(settings, tls),
        sources={website.name: website},
        email_verifier=DnsEmailVerifier(now=utc_now, resolver=_resolver(settings)),
        drafters=_drafters(settings, templates=templates, stack=stack),
        templates=templates,
        wakeups=wakeups,
        sending=SendingPolicy(
            base_url=settings.base_url,
            may_leave=settings.base_url.startswith("https://"),
            lease_s=settings.lease_s,
            final_timeout_s=settings.smtp_final_timeout_s,
            reconcile_delays_s=settings.reconcile_delays_s,
            settle_delay_s=settings.settle_delay_s,
            concurrency=settings.send_concurrency,
        ),
        data_dir=settings.data_dir or Path(".plera"),
        trial_credits=settings.trial_credits,
        sign_up_open=settings.sign_up is SignUp.OPEN,
        watched_mailboxes_max=settings.watched_mailboxes_max,
    )


def _tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.outbound_ca_file is not None:
        context.load_verify_locations(settings.outbound_ca_file)
    return context


def _resolver(settings: Settings) -> Resolver | None:
    """The operator's name servers as ``address`` or ``address:port``; None takes the system's."""
    if not settings.dns_servers:
        return None
    addresses = [server.partition(":")[0] for server in settings.dns_servers]
    port = int(settings.dns_servers[0].partition(":")[2] or 53)
    return dns_resolver(nameservers=addresses, port=port)


def _operator_mail(settings: Settings, tls: ssl.SSLContext) -> OperatorMail:
    if settings.mail_url is None:
        return ConsoleMail()
    return OperatorSmtp(url=settings.mail_url.get_secret_value(), sender=settings.mail_from, tls=tls)


def _drafters(settings: Settings, *, templates: LiquidEngine, stack: AsyncExitStack) -> dict[str, Drafter]:
    """The built-in drafter always; Anthropic's when there is a key."""
    liquid = LiquidDrafter(engine=templates)
    drafters: dict[str, Drafter] = {liquid.name: liquid}
    if settings.anthropic_api_key is not None:
        # imported here: the SDK takes a second that most starts needn't wait for
        from integrations.anthropic.claude import BASE_URL, Claude, connect
        from integrations.anthropic.writer import AnthropicDrafter

        client = connect(
            api_key=settings.anthropic_api_key.get_secret_value(),
            base_url=settings.anthropic_base_url or BASE_URL,
        )
        stack.push_async_callback(client.close)
        anthropic = AnthropicDrafter(claude=Claude(client=client), model=settings.anthropic_model)
        drafters[anthropic.name] = anthropic
    return drafters
