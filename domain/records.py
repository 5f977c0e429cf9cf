"""What every Tortoise record shares.

Records are for single writes; lists, look-ups of many and hot paths read asyncpg records (see
``docs/architecture.md``). Foreign keys are plain id columns here: the database holds the composite constraints.
"""

from tortoise import fields
from tortoise.models import Model

from domain.ids import new_id


class PlatformRecord(Model):
    """A row that belongs to no workspace. ``updated_at`` and ``version`` are kept by a trigger."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)
    version = fields.IntField(default=1)

    class Meta:
        """No table of its own."""

        abstract = True


class TenantRecord(PlatformRecord):
    """A row of one workspace."""

    workspace_id = fields.UUIDField()

    class Meta:
        """No table of its own."""

        abstract = True
