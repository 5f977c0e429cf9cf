"""The mails a person gets about their request, in the workspace's language; queued, so that they are retried."""

from dataclasses import dataclass
from typing import Final

from domain import tenancy
from domain.accounts.service import queue_mail
from domain.privacy.rules import RequestKind
from domain.privacy.subjects import Subject


@dataclass(frozen=True, slots=True)
class _Words:
    """One language's texts; ``{}`` fields are filled in."""

    code_subject: str
    code: str
    result_subject: str
    access: str
    erasure: str
    objection: str


_WORDS: Final = {
    "en": _Words(
        "Your code: confirm your privacy request",
        "{workspace} received a privacy request for this address.\n\nYour code: {code}\n\n"
        "Or open this page and press the button:\n{url}\n\n"
        "Both work for ten minutes. If you did not ask for this, ignore this mail.\n",
        "Your privacy request has been answered",
        "What {workspace} holds about you is ready:\n{url}\n\nThe link works for seven days.\n",
        "{workspace} has erased the data about you. What was erased, and what had to stay, is listed here:\n{url}\n\n"
        "The link works for seven days. You will not be contacted again.\n",
        "{workspace} will not contact you again. The confirmation:\n{url}\n\nThe link works for seven days.\n",
    ),
    "de": _Words(
        "Ihr Code: Datenschutzanfrage bestätigen",
        "Bei {workspace} ging zu dieser Adresse eine Datenschutzanfrage ein.\n\nIhr Code: {code}\n\n"
        "Oder öffnen Sie diese Seite und drücken Sie die Taste:\n{url}\n\n"
        "Beides gilt zehn Minuten. Wenn Sie nicht angefragt haben, ignorieren Sie diese Nachricht.\n",
        "Ihre Datenschutzanfrage ist beantwortet",
        "Was {workspace} über Sie gespeichert hat, liegt bereit:\n{url}\n\nDer Link gilt sieben Tage.\n",
        "{workspace} hat Ihre Daten gelöscht. Was gelöscht wurde und was bleiben musste, steht hier:\n{url}\n\n"
        "Der Link gilt sieben Tage. Sie werden nicht mehr angeschrieben.\n",
        "{workspace} schreibt Ihnen nicht mehr. Die Bestätigung:\n{url}\n\nDer Link gilt sieben Tage.\n",
    ),
    "fr": _Words(
        "Votre code : confirmez votre demande",
        "{workspace} a reçu une demande relative à vos données pour cette adresse.\n\nVotre code : {code}\n\n"
        "Ou ouvrez cette page et appuyez sur le bouton :\n{url}\n\n"
        "Valable dix minutes. Si vous n’avez rien demandé, ignorez ce message.\n",
        "Votre demande a reçu une réponse",
        "Ce que {workspace} détient à votre sujet est prêt :\n{url}\n\nLe lien est valable sept jours.\n",
        "{workspace} a effacé vos données. Ce qui a été effacé et ce qui a dû rester :\n{url}\n\n"
        "Le lien est valable sept jours. Vous ne serez plus contacté.\n",
        "{workspace} ne vous écrira plus. La confirmation :\n{url}\n\nLe lien est valable sept jours.\n",
    ),
}


async def queue_code_mail(*, to_address: str, locale: str, workspace: str, code: str, url: str) -> None:
    """Mail a code with its page."""
    words = _words(locale)
    body = words.code.format(workspace=workspace, code=code, url=url)
    await queue_mail(kind="PRIVACY_CODE", to_address=to_address, subject=words.code_subject, body=body)


async def queue_result_mail(
    *, to_address: str, locale: str, workspace: str, kind: RequestKind, url: str
) -> None:
    """Mail where the bundle or the receipt can be had."""
    words = _words(locale)
    text = {RequestKind.ACCESS: words.access, RequestKind.DELETE: words.erasure}.get(kind, words.objection)
    body = text.format(workspace=workspace, url=url)
    await queue_mail(kind="PRIVACY_RESULT", to_address=to_address, subject=words.result_subject, body=body)


async def forget_mails(subject: Subject) -> int:
    """Delete what is left of privacy mails to a person that were sent or given up; returns how many."""
    async with tenancy.across_workspaces() as connection:
        rows = await connection.fetch(
            """
            DELETE FROM platform_mail
            WHERE kind LIKE 'PRIVACY%' AND state IN ('DONE', 'DEAD') AND to_address ~* $1 RETURNING id
            """,
            subject.address,
        )
    return len(rows)


def _words(locale: str) -> _Words:
    return _WORDS.get(locale.partition("-")[0], _WORDS["en"])
