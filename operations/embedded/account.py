"""Which system account runs the servers.

PostgreSQL refuses to run as root, so root hands both servers to ``nobody``; everybody else runs them as
themselves.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.embedded.errors import AccountUnusable


@dataclass(frozen=True)
class Account:
    """Who runs the servers; ``is_other`` when that isn't the user who starts them."""

    uid: int
    gid: int
    is_other: bool

    @property
    def process_options(self) -> dict[str, Any]:
        """Arguments that make ``subprocess`` start a child as this account."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take_over(self, path: Path) -> None:
        """Make this account the owner of ``path``.

        Raises:
            AccountUnusable: the system doesn't let root give files away (a container with one user only).
        """
        if not self.is_other:
            return
        try:
            os.chown(path, self.uid, self.gid)
        except OSError as error:
            raise AccountUnusable(
                f"root can't give {path} to the user nobody ({error.strerror}), and PostgreSQL refuses to run"
                " as root: start as a normal user, or set DATABASE_URL and REDIS_URL"
            ) from error


def server_account() -> Account:
    """Return the account that runs the servers when this user starts them.

    Raises:
        AccountUnusable: root without a ``nobody``, or a user id without an entry in the user database
            (``initdb`` looks its own name up and fails).
    """
    if os.geteuid() != 0:
        _require_name(os.geteuid())
        return Account(uid=os.geteuid(), gid=os.getegid(), is_other=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise AccountUnusable(
            "PostgreSQL refuses to run as root and this system has no user nobody:"
            " start as a normal user, or set DATABASE_URL and REDIS_URL"
        ) from error
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid, is_other=True)


def _require_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError as error:
        raise AccountUnusable(
            f"user id {uid} has no name on this system, and PostgreSQL needs one:"
            " add it to /etc/passwd, or set DATABASE_URL and REDIS_URL"
        ) from error
