"""Records of suppressions and of lists of them."""

from typing import Any

from tortoise import fields

from domain.records import TenantRecord


class Suppression(TenantRecord):
    """An entry. Made only by ``entering.enter``, because making one is an upsert."""

    scope = fields.TextField(default="WORKSPACE")
    scope_id = fields.UUIDField(null=True)
    kind = fields.TextField()
    key_hash = fields.BinaryField()
    display = fields.TextField(null=True)
    reason = fields.TextField()
    evidence = fields.TextField(null=True)
    added_by = fields.UUIDField(null=True)
    expires_at = fields.DatetimeField(null=True)
    status = fields.TextField(default="ACTIVE")
    lifted_by = fields.UUIDField(null=True)
    lifted_at = fields.DatetimeField(null=True)
    lift_basis = fields.TextField(null=True)
    lift_comment = fields.TextField(null=True)

    class Meta:
        """Where it is stored."""

        table = "suppression"


class SuppressionImport(TenantRecord):
    """A list that somebody uploaded."""

    file_name = fields.TextField()
    file_path = fields.TextField()
    byte_size = fields.BigIntField()
    status = fields.TextField(default="UPLOADED")
    imported_by = fields.UUIDField(null=True)
    read_count = fields.IntField(default=0)
    added_count = fields.IntField(default=0)
    known_count = fields.IntField(default=0)
    error_count = fields.IntField(default=0)
    row_errors = fields.JSONField[list[dict[str, Any]]](default=list)
    failure = fields.TextField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "suppression_import"
