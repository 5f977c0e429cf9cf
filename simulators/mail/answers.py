"""The messages that come back: replies that quote, out-of-office notices, bounces and complaints."""

import email
import email.policy
from datetime import datetime
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, make_msgid

from simulators.mail.people import OUT_OF_OFFICE, REPLIES, UNSUBSCRIBE_REQUEST, Person, Reaction

_POLICY = email.policy.SMTP.clone(max_line_length=998)


def compose(person: Person, *, original: bytes, sender: str, recipient: str, now: datetime) -> bytes:
    """Return what the recipient's side sends back to the sender."""
    about = email.message_from_bytes(original, policy=email.policy.default)
    if person.reaction is Reaction.BOUNCE:
        return _bounce(person, about, original=original, sender=sender, recipient=recipient, now=now)
    if person.reaction is Reaction.COMPLAINT:
        return _complaint(about, original=original, sender=sender, recipient=recipient, now=now)
    if person.reaction is Reaction.OUT_OF_OFFICE:
        return _out_of_office(person, about, sender=sender, recipient=recipient, now=now)
    words = UNSUBSCRIBE_REQUEST if person.reaction is Reaction.UNSUBSCRIBE else REPLIES
    return _reply(person.text or words, about, sender=sender, recipient=recipient, now=now)


def _answer(about: Message, *, subject: str, sender: str, recipient: str, now: datetime) -> EmailMessage:
    """Begin a message in the thread (RFC 5322 3.6.4)."""
    answer = EmailMessage(policy=_POLICY)
    answer["From"] = recipient
    answer["To"] = sender
    answer["Subject"] = subject
    answer["Date"] = format_datetime(now)
    answer["Message-ID"] = make_msgid(domain=recipient.rpartition("@")[2])
    answer["In-Reply-To"] = about["Message-ID"]
    answer["References"] = " ".join([*(about["References"] or "").split(), about["Message-ID"]])
    return answer


def _reply(words: str, about: Message, *, sender: str, recipient: str, now: datetime) -> bytes:
    subject = str(about["Subject"])
    subject = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    answer = _answer(about, subject=subject, sender=sender, recipient=recipient, now=now)
    quoted = "\n".join(f"> {line}" for line in _text_of(about).splitlines())
    answer.set_content(f"{words}\n\nOn {about['Date']}, {sender} wrote:\n{quoted}\n")
    return answer.as_bytes()


def _out_of_office(person: Person, about: Message, *, sender: str, recipient: str, now: datetime) -> bytes:
    subject, words = OUT_OF_OFFICE[person.language]
    subject = subject.format(about["Subject"])
    answer = _answer(about, subject=subject, sender=sender, recipient=recipient, now=now)
    answer["Auto-Submitted"] = "auto-replied"
    answer["X-Auto-Response-Suppress"] = "All"
    answer.set_content(f"{person.text or words}\n")
    return answer.as_bytes()


def _bounce(
    person: Person, about: Message, *, original: bytes, sender: str, recipient: str, now: datetime
) -> bytes:
    """Return a delivery status notification (RFC 3464)."""
    host = recipient.rpartition("@")[2]
    report = _report(
        "delivery-status", subject="Undelivered Mail Returned to Sender", sender=sender, host=host, now=now
    )
    report.attach(MIMEText(f"Your message to {recipient} could not be delivered.\n"))
    status = (
        f"Reporting-MTA: dns; mx.{host}\nArrival-Date: {format_datetime(now)}\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {person.status}\n"
        f"Diagnostic-Code: smtp; 550 {person.status} {person.text or 'User unknown'}\n"
    )
    report.attach(_leaf("message", "delivery-status", status))
    report.attach(_leaf("text", "rfc822-headers", _head(original)))
    return report.as_bytes(policy=_POLICY)


def _complaint(about: Message, *, original: bytes, sender: str, recipient: str, now: datetime) -> bytes:
    """Return an abuse report (ARF, RFC 5965)."""
    host = recipient.rpartition("@")[2]
    report = _report("feedback-report", subject=f"Fwd: {about['Subject']}", sender=sender, host=host, now=now)
    report.attach(MIMEText(f"This is an abuse report for a message received on {format_datetime(now)}.\n"))
    feedback = (
        f"Feedback-Type: abuse\nUser-Agent: Feedback/1.0\nVersion: 1\nOriginal-Mail-From: <{sender}>\n"
        f"Original-Rcpt-To: <{recipient}>\nArrival-Date: {format_datetime(now)}\n"
    )
    report.attach(_leaf("message", "feedback-report", feedback))
    report.attach(_leaf("text", "rfc822-headers", _head(original)))
    return report.as_bytes(policy=_POLICY)


def _report(kind: str, *, subject: str, sender: str, host: str, now: datetime) -> MIMEMultipart:
    report = MIMEMultipart("report", report_type=kind)
    report["Return-Path"] = "<>"
    report["From"] = f"Mail Delivery System <mailer-daemon@{host}>"
    report["To"] = sender
    report["Subject"] = subject
    report["Date"] = format_datetime(now)
    report["Message-ID"] = make_msgid(domain=host)
    report["Auto-Submitted"] = "auto-replied"
    return report


def _leaf(maintype: str, subtype: str, text: str) -> MIMEBase:
    part = MIMEBase(maintype, subtype)
    if maintype == "message":  # its payload is one header block per paragraph, as the parser gives it
        part.set_payload([email.message_from_string(block + "\n") for block in text.strip().split("\n\n")])
    else:
        part.set_payload(text)
    return part


def _head(original: bytes) -> str:
    return original.split(b"\r\n\r\n", 1)[0].decode("ascii", "replace").replace("\r\n", "\n") + "\n"


def _text_of(about: Message) -> str:
    for part in about.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode(part.get_content_charset() or "utf-8", "replace").replace("\r\n", "\n")
    return ""
