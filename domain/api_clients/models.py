"""Records of programs, their keys and their documents."""

from tortoise import fields

from domain.records import TenantRecord


class ApiClient(TenantRecord):
    """A program, with any number of keys."""

    name = fields.TextField()
    policy = fields.TextField()
    status = fields.TextField(default="ACTIVE")
    points_max = fields.IntField(null=True)
    points_per_s = fields.IntField(null=True)
    subscriptions_max = fields.IntField(null=True)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "api_client"


class ApiToken(TenantRecord):
    """A key for a program; acts with a role in one workspace."""

    name = fields.TextField()
    token_hash = fields.BinaryField()
    role = fields.TextField()
    api_client_id = fields.UUIDField(null=True)
    created_by = fields.UUIDField()
    expires_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "api_token"
