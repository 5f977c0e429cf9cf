"""The person a request is about, as something that rows can be compared with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import idna

from domain.identity import GMAIL_DOMAINS, email_identity
from domain.secrets.hashing import identity_hash

ERASED: Final = "[erased]"
"""What stands in other people's texts where the address was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person in a workspace.

    Attributes:
        identity: the folded address.
        hash: its keyed hash: what is left of the person afterwards.
        leads: leads with this address, however it is written.
        companies: where those work.
        names: their full names in lower case, to be found in facts about those companies.
    """

    identity: str
    hash: bytes
    leads: tuple[UUID, ...] = ()
    companies: tuple[UUID, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """A regular expression (Python's and PostgreSQL's) for the address alone; to be matched without case."""
        return f"^\\s*(?:{spellings(self.identity)})\\s*$"

    @property
    def mention(self) -> str:
        """Like ``address``, anywhere in a text, but not inside a longer address."""
        return rf"(?<![\w.%+-])(?:{spellings(self.identity)})(?![\w-]|\.[\w-])"


def subject_of(email: str, *, key: bytes) -> Subject:
    """Return the person behind an address, not yet looked for.

    Args:
        email: any spelling.
        key: the identity key.

    Raises:
        Invalid: it isn't an e-mail address.
    """
    identity = email_identity(email)
    return Subject(identity=identity, hash=subject_hash(identity, key=key))


def subject_hash(identity: str, *, key: bytes) -> bytes:
    """Return the keyed hash of a folded address: the one suppression uses, too."""
    return identity_hash(identity, kind="email", key=key)


def spellings(identity: str) -> str:
    """Return a regular expression for every address that folds to ``identity``, upper case aside."""
    local, _, domain = identity.rpartition("@")
    dotted = r"\.?".join(map(re.escape, local)) if domain in GMAIL_DOMAINS else re.escape(local)
    tagged = dotted if local.startswith('"') else rf"{dotted}(?:\+[\w.%+-]*)?"
    return f"{tagged}@(?:{'|'.join(_domains(domain))})"


def _domains(domain: str) -> Iterable[str]:
    names = set(GMAIL_DOMAINS) if domain in GMAIL_DOMAINS else {domain}
    for name in list(names):
        try:
            names.add(idna.decode(name))
        except idna.IDNAError:
            continue  # older domains don't all follow today's rules
    return sorted(map(re.escape, names))
