"""Records of privacy requests and of what was done about them."""

from tortoise import fields

from domain.records import TenantRecord


class PrivacyRequest(TenantRecord):
    """What a person asks for. ``subject_email`` goes when it has been answered; the keyed hash stays."""

    kind = fields.TextField()
    regime = fields.TextField(default="GDPR")
    subject_email: str | None = fields.TextField(null=True)
    subject_hash = fields.BinaryField()
    channel = fields.TextField(default="API")
    status = fields.TextField(default="RECEIVED")
    opened_by = fields.UUIDField(null=True)
    due_on = fields.DateField()
    denial_ground: str | None = fields.TextField(null=True)
    verified_at = fields.DatetimeField(null=True)
    fulfilled_at = fields.DatetimeField(null=True)
    result_path: str | None = fields.TextField(null=True)
    result_hash = fields.TextField(null=True)
    result_expires_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "privacy_request"


class PrivacyTask(TenantRecord):
    """What was done in one store: a table, the files, the mentions in other people's texts."""

    request_id = fields.UUIDField()
    store = fields.TextField()
    action = fields.TextField()
    status = fields.TextField(default="PENDING")
    found_count = fields.IntField(default=0)
    changed_count = fields.IntField(default=0)
    retained_reason = fields.TextField(null=True)

    class Meta:
        """Where it is stored."""

        table = "privacy_task"


class IdentityVerification(TenantRecord):
    """A code that was mailed, or another proof that a privacy officer took."""

    request_id = fields.UUIDField()
    method = fields.TextField()
    code_hash = fields.BinaryField(null=True)
    attempts = fields.IntField(default=0)
    expires_at = fields.DatetimeField(null=True)
    status = fields.TextField(default="SENT")

    class Meta:
        """Where it is stored."""

        table = "identity_verification"


class Erasure(TenantRecord):
    """A person who was erased, as a keyed hash: replayed when a backup brings them back."""

    request_id = fields.UUIDField(null=True)
    identity_hash = fields.BinaryField()
    erased_at = fields.DatetimeField()

    class Meta:
        """Where it is stored."""

        table = "erasure"
