"""The same request twice has one effect and one answer.

The record is written in the transaction of the use case itself, so "in progress" is a row lock and never a
committed state: a process that dies leaves no blocked key. It keeps the object's id and the caller's mendable
errors, so that a retry re-runs only the payload's selection.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from domain.errors import Conflict, Invalid

if TYPE_CHECKING:
    from domain.tenancy import Connection

NOBODY = UUID(int=0)
IN_PROGRESS = "the first request with this key is still running; ask again"


class IdempotencyMismatch(Conflict):
    """The key was used before with other arguments."""

    code = "IDEMPOTENCY_MISMATCH"


class IdempotencyInProgress(Conflict):
    """The first request with this key is still running."""

    code = "IDEMPOTENCY_IN_PROGRESS"


class Replayed(Exception):
    """The use case ran before under this key; nothing was done now.

    Attributes:
        result_id: the object the first run answered with.
        errors: the first run's errors as ``{code, message, field}``.
    """

    def __init__(self, *, result_id: UUID | None, errors: list[dict[str, Any]]) -> None:
        super().__init__("replayed")
        self.result_id = result_id
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """A caller's key for one mutation with its arguments.

    Attributes:
        caller_id: the user or token; keys of different callers don't meet.
        mutation: the root field's name.
        key: 1..255 characters.
        fingerprint: SHA-256 of the arguments.
    """

    caller_id: UUID
    mutation: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, *, caller_id: UUID | None, mutation: str, key: str, arguments: Any) -> "Idempotency":
        """Build one from a mutation's arguments (JSON values; key order doesn't matter)."""
        if not 1 <= len(key) <= 255:
            raise Invalid("an idempotency key has 1 to 255 characters", field=("idempotencyKey",))
        text = orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
        return cls(
            caller_id=caller_id or NOBODY,
            mutation=mutation,
            key=key,
            fingerprint=hashlib.sha256(text).digest(),
        )


async def claim(connection: "Connection", *, workspace_id: UUID, idempotency: Idempotency) -> None:
    """Take the key for this transaction.

    Raises:
        Replayed: it ran before with the same arguments.
        IdempotencyMismatch: it ran before with others.
        IdempotencyInProgress: it runs right now in another transaction.
    """
    identity = (workspace_id, idempotency.caller_id, idempotency.mutation, idempotency.key)
    lock = int.from_bytes(hashlib.sha256(repr(identity).encode()).digest()[:8], "big", signed=True)
    [row] = await connection.fetch(
        """
        SELECT pg_try_advisory_xact_lock($5) AS is_ours, fingerprint, result_id, errors
        FROM (VALUES (1)) LEFT JOIN idempotency_record
            ON (workspace_id, caller_id, mutation, key) = ($1, $2, $3, $4)
        """,
        *identity,
        lock,
    )
    if row["fingerprint"] is not None:
        if row["fingerprint"] != idempotency.fingerprint:
            raise IdempotencyMismatch("this key was used with other arguments", field=("idempotencyKey",))
        raise Replayed(result_id=row["result_id"], errors=row["errors"])
    if not row["is_ours"]:
        raise IdempotencyInProgress(IN_PROGRESS)


async def remember(
    connection: "Connection",
    *,
    workspace_id: UUID,
    idempotency: Idempotency,
    result_id: UUID | None,
    errors: list[dict[str, Any]],
) -> None:
    """Write what the key answered; called last in the transaction that claimed it.

    Raises:
        IdempotencyInProgress: another transaction has, which ended while this one looked for its record.
    """
    is_first = await connection.fetchval(
        """
        INSERT INTO idempotency_record (workspace_id, caller_id, mutation, key, fingerprint, result_id, errors)
        VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb) ON CONFLICT DO NOTHING RETURNING true
        """,
        workspace_id,
        idempotency.caller_id,
        idempotency.mutation,
        idempotency.key,
        idempotency.fingerprint,
        result_id,
        orjson.dumps(errors).decode(),
    )
    if not is_first:
        raise IdempotencyInProgress(IN_PROGRESS)
