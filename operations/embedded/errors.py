"""Why an embedded server could not be had; every message says what to do about it.

These never reach the API: the command line prints them and ends.
"""


class EmbeddedServerError(Exception):
    """An embedded server could not be started."""


class BinaryMissing(EmbeddedServerError):
    """No usable PostgreSQL or Valkey was found on this machine."""


class AccountUnusable(EmbeddedServerError):
    """The system account that would run the servers can't."""


class FolderUnusable(EmbeddedServerError):
    """The data folder can't be used by the account that runs the servers, or by this version."""


class FolderInUse(EmbeddedServerError):
    """Another running Plera has this data folder."""


class StartFailed(EmbeddedServerError):
    """The server ended, or said nothing for too long, while it started."""
