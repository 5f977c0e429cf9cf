"""Records of conversations."""

from tortoise import fields

from domain.records import TenantRecord


class Thread(TenantRecord):
    """A conversation between a sender's mailbox and a lead."""

    sender_id = fields.UUIDField()
    lead_id = fields.UUIDField(null=True)
    subject = fields.TextField()
    status = fields.TextField(default="OPEN")
    snoozed_until = fields.DatetimeField(null=True)
    unread = fields.BooleanField(default=False)
    last_at = fields.DatetimeField()

    class Meta:
        """Where it is stored."""

        table = "thread"
