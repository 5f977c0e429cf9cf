"""Where a person's contact details are from, in words for the notice of Art. 14 GDPR. Pure."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from domain.sequences.content import SourceNotice
from domain.sequences.ports import EvidenceFact

SOURCES_MAX: Final = 3

_ORIGINS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "UPLOAD": "a contact list that {controller} keeps",
        "CONNECTED_ACCOUNT": "our earlier correspondence",
        "REPLY": "our earlier correspondence",
        "USER_EDIT": "our own research",
        "PUBLIC": "public web pages",
        "PROVIDER": "a provider of business contacts",
    },
    "de": {
        "UPLOAD": "eine Kontaktliste von {controller}",
        "CONNECTED_ACCOUNT": "unser früherer Schriftwechsel",
        "REPLY": "unser früherer Schriftwechsel",
        "USER_EDIT": "eigene Recherche",
        "PUBLIC": "öffentliche Webseiten",
        "PROVIDER": "ein Anbieter von Geschäftskontakten",
    },
    "fr": {
        "UPLOAD": "une liste de contacts de {controller}",
        "CONNECTED_ACCOUNT": "nos échanges précédents",
        "REPLY": "nos échanges précédents",
        "USER_EDIT": "nos propres recherches",
        "PUBLIC": "des pages web publiques",
        "PROVIDER": "un fournisseur de contacts professionnels",
    },
}


def source_notice(
    *, controller: str, source_kind: str, facts: Iterable[EvidenceFact], language: str
) -> SourceNotice:
    """Return the notice for a first contact.

    Args:
        controller: who processes: the workspace's name.
        source_kind: how the lead came in (``lead.source_kind``); other kinds count as PUBLIC.
        facts: what is stored about the lead and the company; their sites are named, up to three.
        language: of the message; other than en, de, fr falls back to English.
    """
    words = _ORIGINS.get(language.split("-", maxsplit=1)[0].lower(), _ORIGINS["en"])
    origin = words.get(source_kind, words["PUBLIC"]).format(controller=controller)
    hosts = dict.fromkeys(_host(fact.source_url) for fact in facts if fact.source_url)
    named = [host for host in hosts if host][:SOURCES_MAX]
    if source_kind == "PUBLIC" and named:
        return SourceNotice(controller=controller, sources=tuple(named))
    return SourceNotice(controller=controller, sources=(origin, *named))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
