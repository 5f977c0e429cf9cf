"""Raw mails and the facts they share: we are ada@plera-sender.example, the lead is grace@lead.example."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from domain.replies.matching import SentMail
from domain.replies.mime import InboundMail, read_mail

FIXTURES = Path(__file__).parent / "fixtures"
US = "ada@plera-sender.example"
LEAD = "grace@lead.example"
SENT_ID = "0b8f3f2e.17000001@plera-sender.example"
RECEIVED_ON = date(2026, 11, 23)  # a Monday
RECEIVED_AT = datetime(2026, 11, 23, 10, 15, 31, tzinfo=UTC)
DELIVERY = UUID("01890000-0000-7000-8000-000000000001")
OTHER_DELIVERY = UUID("01890000-0000-7000-8000-000000000002")


def fixture(name: str) -> InboundMail:
    return read_mail((FIXTURES / f"{name}.eml").read_bytes())


def mail(body: str, *, headers: str = "", sender: str = LEAD, subject: str = "Re: A question") -> InboundMail:
    head = (
        f"From: {sender}\nTo: {US}\nSubject: {subject}\n{headers}Content-Type: text/plain; charset=utf-8\n\n"
    )
    return read_mail((head + body).encode())


def sent(
    *,
    delivery_id: UUID = DELIVERY,
    message_ids: tuple[str, ...] = (f"<{SENT_ID}>",),
    recipient: str = LEAD,
    subject: str = "A question about your onboarding",
    sent_at: datetime = datetime(2026, 11, 23, 9, 12, tzinfo=UTC),
    plus_token: str | None = None,
) -> SentMail:
    return SentMail(
        delivery_id=delivery_id,
        message_ids=message_ids,
        recipient=recipient,
        subject=subject,
        sent_at=sent_at,
        plus_token=plus_token,
    )
