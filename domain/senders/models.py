"""Records of senders."""

from typing import Any

from tortoise import fields

from domain.records import TenantRecord


class Sender(TenantRecord):
    """A mailbox; ``secret_encrypted`` is sealed under the workspace's data key and empty once disconnected."""

    kind = fields.TextField(default="SMTP_IMAP")
    address = fields.TextField()
    domain = fields.TextField()
    display_name = fields.TextField()
    server = fields.JSONField[dict[str, Any]](default=dict)
    secret_encrypted = fields.BinaryField(null=True)
    status = fields.TextField(default="PENDING_AUTH")
    status_reason: fields.Field[str | None] = fields.TextField(null=True)  # type: ignore[assignment]
    files_sent_copy = fields.BooleanField(null=True)
    capabilities = fields.JSONField[list[str]](default=list)
    daily_limit = fields.IntField(default=50)
    gap_min_s = fields.IntField(default=60)
    gap_max_s = fields.IntField(default=300)
    sending_window: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    ramp = fields.JSONField[dict[str, Any]](default=dict)
    authorized_by = fields.UUIDField(null=True)
    verified_at = fields.DatetimeField(null=True)
    last_polled_at = fields.DatetimeField(null=True)
    next_send_at = fields.DatetimeField(null=True)
    disconnected_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "sender"
