"""A signed-in SMTP session, which hands over one message after another."""

from dataclasses import dataclass

from domain.errors import ProviderUnavailable
from domain.senders.ports import (
    Accepted,
    AuthenticationFailed,
    Outcome,
    OutgoingMail,
    TransmissionRefused,
    Unknown,
    outcome_of,
)
from domain.senders.smtp_codes import Stage, find_enhanced_code, read_refusal
from integrations.smtp_imap.connecting import Timeouts
from integrations.smtp_imap.headers import check_address
from integrations.smtp_imap.smtp_protocol import ConnectionLost, Reply, SmtpProtocol

_BAD_LOGIN = {530, 534, 535, 538}


@dataclass(slots=True)
class SmtpSession:
    """One connection, open and authenticated, or on its way there."""

    protocol: SmtpProtocol
    timeouts: Timeouts
    extensions: dict[str, str]
    messages: int = 0

    @property
    def is_reusable(self) -> bool:
        """Tell whether another message may be begun."""
        return self.protocol.is_quiet

    async def begin(self, mail: OutgoingMail, body: bytes) -> None:
        """Announce the message and write its dot-stuffed body, without the dot that would end it.

        Raises:
            TransmissionRefused: the server said no, before or while it read.
            ConnectionLost: nothing was sent.
        """
        self.messages += 1
        await self._announce(mail, size=len(body))
        await self.protocol.flush(body, timeout_s=self.timeouts.body_s)

    async def finish(self, *, timeout_s: float) -> Outcome:
        """Write the dot and wait; whatever happens from then on is an outcome, not an error."""
        dot_written = False
        try:
            if self.protocol.is_quiet:
                self.protocol.transport.write(b".\r\n")
                dot_written = True
            reply = await self.protocol.reply(timeout_s=timeout_s)
        except ConnectionLost as lost:
            return Unknown(str(lost)) if dot_written else _never_sent(str(lost))
        if reply.code >= 400:
            return outcome_of(read_refusal(code=reply.code, text=reply.text, stage=Stage.CONTENT))
        if not dot_written:
            return _never_sent("the server answered before the message had ended")
        return Accepted(reply.text) if reply.code < 300 else Unknown(f"{reply.code} {reply.text}")

    async def quit(self) -> None:
        """Say goodbye and hang up."""
        try:
            await self.protocol.command("QUIT", timeout_s=1)
        except ConnectionLost:
            pass
        finally:
            self.protocol.abort()

    def abort(self) -> None:
        """Drop the connection; a body without its dot is nothing to the server."""
        self.protocol.abort()

    async def _announce(self, mail: OutgoingMail, *, size: int) -> None:
        sender = f"MAIL FROM:<{check_address(mail.from_address, header='From')}>"
        if "SIZE" in self.extensions:
            sender += f" SIZE={size}"
        recipient = f"RCPT TO:<{check_address(mail.to_address, header='To')}>"
        lines = [sender, recipient, "DATA"]
        stages = [Stage.SENDER, Stage.RECIPIENT, Stage.CONTENT]
        at_once = 3 if "PIPELINING" in self.extensions else 1
        for start in range(0, 3, at_once):
            batch = lines[start : start + at_once]
            replies = await self.protocol.command(*batch, timeout_s=self.timeouts.command_s)
            for reply, stage in zip(replies, stages[start:], strict=False):
                require(reply, stage)


def require(reply: Reply, stage: Stage) -> None:
    """Raise what a refusal at this stage means; let every other reply pass."""
    if reply.code in _BAD_LOGIN and stage is Stage.SENDER:
        raise login_failure(reply)
    if reply.code >= 400:
        raise TransmissionRefused(read_refusal(code=reply.code, text=reply.text, stage=stage))


def login_failure(reply: Reply) -> AuthenticationFailed | ProviderUnavailable:
    """Return what a refused login means: the secret is no longer good, or nobody can tell now."""
    if reply.code // 100 == 4:
        return ProviderUnavailable(f"the mail server can't check logins now: {reply.code} {reply.text}")
    reasons = {"5.7.139": "SMTP_AUTH_DISABLED", "5.7.9": "APP_PASSWORD_REQUIRED"}
    reason = reasons.get(find_enhanced_code(reply.text) or "", "CREDENTIALS")
    return AuthenticationFailed(
        f"the mail server refused the login: {reply.code} {reply.text}", reason=reason
    )


def _never_sent(reason: str) -> Outcome:
    return outcome_of(read_refusal(code=421, text=f"4.4.2 {reason}", stage=Stage.CONTENT))
