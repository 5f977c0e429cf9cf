"""Records of workspaces and their members."""

from tortoise import fields

from domain.records import PlatformRecord, TenantRecord


class Workspace(PlatformRecord):
    """A tenant. Its own id is what row-level security compares."""

    name = fields.TextField()
    slug = fields.TextField()
    owner_user_id = fields.UUIDField()
    status = fields.TextField(default="TRIAL")
    default_time_zone = fields.TextField()
    postal_address = fields.TextField()
    locale = fields.TextField(default="en")
    sending_window = fields.JSONField[dict[str, object]](default=dict)
    sending_limits = fields.JSONField[dict[str, object]](default=dict)

    class Meta:
        """Where it is stored."""

        table = "workspace"


class Member(TenantRecord):
    """A user in a workspace, with a role."""

    user_id = fields.UUIDField()
    role = fields.TextField()
    status = fields.TextField(default="ACTIVE")

    class Meta:
        """Where it is stored."""

        table = "member"


class Invitation(TenantRecord):
    """An offer to join, mailed to an address."""

    email = fields.TextField()
    role = fields.TextField()
    token_hash = fields.BinaryField()
    invited_by = fields.UUIDField()
    expires_at = fields.DatetimeField()
    status = fields.TextField(default="PENDING")

    class Meta:
        """Where it is stored."""

        table = "invitation"
