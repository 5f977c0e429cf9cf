"""The lists behind the verdict: throw-away domains, mailboxes nobody personal reads, webmail domains."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@lru_cache(maxsize=8)
def read_list(name: str) -> frozenset[str]:
    """Return the entries of ``data/<name>.txt``: one per line, ``#`` starts a comment."""
    lines = (_DATA / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(entry for line in lines if (entry := line.partition("#")[0].strip().lower()))


def is_disposable(domain: str, *, mail_hosts: Iterable[str] = ()) -> bool:
    """Tell whether a domain, one above it or one of its mail servers belongs to a throw-away service."""
    known = read_list("disposable_domains")
    return any(parent in known for name in (domain, *mail_hosts) for parent in _parents(name))


def is_role(local: str) -> bool:
    """Tell whether a local part names a function rather than a person; plus-tags don't matter."""
    return local.lower().partition("+")[0] in read_list("role_names")


def is_webmail(domain: str) -> bool:
    """Tell whether private persons get their addresses there."""
    return domain.lower() in read_list("webmail_domains")


def _parents(domain: str) -> Iterator[str]:
    labels = domain.lower().rstrip(".").split(".")
    return (".".join(labels[at:]) for at in range(len(labels) - 1))
