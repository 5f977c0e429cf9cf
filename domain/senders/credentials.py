"""A sender's login: sealed for its row, opened only to connect."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from domain.errors import Conflict
from domain.secrets.envelope import DataKey, Entropy, SecretPlace, open_secret, seal_secret, unwrap_data_key
from domain.secrets.keyring import Keyring
from domain.senders.ports import Endpoint, Login, MailAccount, Security

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.tenancy import Connection


class SenderWithoutSecret(Conflict):
    """The sender was disconnected: its login is destroyed."""

    code = "SENDER_DISCONNECTED"


def seal_passwords(
    *, sender_id: UUID, smtp_password: str, imap_password: str, data_key: DataKey, entropy: Entropy
) -> bytes:
    """Return both passwords sealed for ``sender.secret_encrypted`` of this row and no other place."""
    secret = orjson.dumps({"smtp": smtp_password, "imap": imap_password})
    return seal_secret(secret, data_key=data_key, place=_place(sender_id), entropy=entropy)


async def open_account(connection: "Connection", *, sender_id: UUID, keyring: Keyring) -> MailAccount:
    """Return a sender's mailbox with its passwords in the clear; keep it in memory only as long as needed.

    Raises:
        SenderWithoutSecret: it is disconnected, or isn't in this workspace.
        SecretUnreadable: the stored bytes don't open.
    """
    accounts = await open_accounts(connection, sender_ids=[sender_id], keyring=keyring)
    if sender_id not in accounts:
        raise SenderWithoutSecret("this sender is disconnected; connect it again")
    return accounts[sender_id]


async def open_accounts(
    connection: "Connection", *, sender_ids: "Sequence[UUID]", keyring: Keyring
) -> dict[UUID, MailAccount]:
    """Return the mailboxes of many senders inside an open scope; disconnected ones are left out."""
    rows = await connection.fetch(
        """
        SELECT s.id, s.address, s.display_name, s.server, s.secret_encrypted,
               k.id AS key_id, k.wrapped, k.workspace_id
        FROM sender s JOIN data_key k USING (workspace_id)
        WHERE s.workspace_id = current_setting('app.workspace_id')::uuid AND s.id = ANY ($1)
          AND s.secret_encrypted IS NOT NULL
        """,
        list(sender_ids),
    )
    if not rows:
        return {}
    first = rows[0]
    data_key = unwrap_data_key(
        bytes(first["wrapped"]),
        key_id=first["key_id"],
        workspace_id=first["workspace_id"],
        keyring=keyring,
    )
    return {row["id"]: _account(row, data_key) for row in rows}


def _account(row: Any, data_key: DataKey) -> MailAccount:
    secret = open_secret(bytes(row["secret_encrypted"]), data_key=data_key, place=_place(row["id"]))
    passwords = orjson.loads(secret)
    smtp, imap = row["server"]["smtp"], row["server"]["imap"]
    return MailAccount(
        address=row["address"],
        display_name=row["display_name"],
        smtp=_endpoint(smtp),
        smtp_login=Login(smtp["username"], passwords["smtp"]),
        imap=_endpoint(imap),
        imap_login=Login(imap["username"], passwords["imap"]),
    )


def _endpoint(data: dict[str, Any]) -> Endpoint:
    return Endpoint(data["host"], data["port"], Security(data["security"]))


def _place(sender_id: UUID) -> SecretPlace:
    return SecretPlace("sender", "secret_encrypted", sender_id)
