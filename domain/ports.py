"""Everything the domain needs from outside, in one value that the composition root fills.

API and worker get the same one. A port without credentials is there and says ``NotConfigured`` when it is used.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from domain.enrichment.ports import EmailVerifier, EnrichmentSource
from domain.secrets.keyring import Keyring
from domain.senders.ports import Mailbox
from domain.sequences.ports import Drafter, TemplateLanguage


class OperatorMail(Protocol):
    """Sends the installation's own mails: verification, reset, invitation, privacy codes."""

    async def send(self, *, to_address: str, subject: str, body: str) -> None:
        """Send one plain-text mail; raises ProviderUnavailable or NotConfigured."""


class Wakeups(Protocol):
    """Tells followers of a log that it has grown. Only a hint: a follower also looks by itself now and then."""

    def follow(self, workspace_id: UUID, *, timeout_s: float) -> AsyncIterator[None]:
        """Yield at once, then whenever the workspace's log may have grown, at the latest every ``timeout_s``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingPolicy:
    """The operator's settings of the send protocol.

    Attributes:
        base_url: where unsubscribe links point to.
        may_leave: False when there is no public HTTPS address; then only loopback recipients' servers are used.
    """

    base_url: str
    may_leave: bool
    lease_s: float
    final_timeout_s: float
    reconcile_delays_s: tuple[float, ...]
    settle_delay_s: float
    concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The outside world.

    Attributes:
        sources: enrichment sources by name, in the order of the default waterfall.
        drafters: by name; ``liquid-template`` is always there.
        templates: understands users' templates.
        data_dir: where uploads, exports and bundles are kept.
        watched_mailboxes_max: how many mailboxes one worker listens to at once; all are read by the clock as well.
        identity_key: HMAC key of suppression and erasure look-ups.
    """

    keyring: Keyring
    identity_key: bytes
    unsubscribe_key: bytes
    mailbox: Mailbox
    operator_mail: OperatorMail
    sources: Mapping[str, EnrichmentSource]
    email_verifier: EmailVerifier
    drafters: Mapping[str, Drafter]
    templates: TemplateLanguage
    wakeups: Wakeups
    sending: SendingPolicy
    data_dir: Path
    trial_credits: int
    sign_up_open: bool
    watched_mailboxes_max: int = 200
