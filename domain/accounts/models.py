"""Records of people and how they sign in. They belong to the platform, not to a workspace."""

from tortoise import fields

from domain.records import PlatformRecord


class User(PlatformRecord):
    """A person with an account; may be a member of several workspaces."""

    email = fields.TextField()
    name = fields.TextField()
    locale = fields.TextField(default="en")
    time_zone = fields.TextField(default="UTC")
    status = fields.TextField(default="ACTIVE")
    email_verified_at = fields.DatetimeField(null=True)
    last_login_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "app_user"


class Credential(PlatformRecord):
    """One way to prove who one is."""

    user_id = fields.UUIDField()
    kind = fields.TextField()
    issuer = fields.TextField(null=True)
    subject = fields.TextField(null=True)
    secret_hash = fields.TextField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "credential"


class Session(PlatformRecord):
    """A signed-in browser or app; the token itself is never stored."""

    user_id = fields.UUIDField()
    token_hash = fields.BinaryField()
    workspace_id = fields.UUIDField(null=True)
    ip = fields.TextField(null=True)
    user_agent = fields.TextField(null=True)
    expires_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    revoked_reason = fields.TextField(null=True)

    class Meta:
        """Where it is stored."""

        table = "session"
