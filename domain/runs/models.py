"""Records of runs and the leads in them."""

from typing import Any

from tortoise import fields

from domain.records import TenantRecord


class Run(TenantRecord):
    """One execution of a play, with everything it began with.

    ``discovery_cursor`` is the last lead that was looked at, ``taken_leads`` how many were taken up without
    being dropped at once, ``batches`` how many batches they were cut into.
    """

    play_id = fields.UUIDField()
    profile_id = fields.UUIDField()
    sequence_id = fields.UUIDField()
    source = fields.JSONField[dict[str, Any]]()
    enrichment_plan = fields.JSONField[list[str]]()
    inputs_hash = fields.TextField()
    seed = fields.BigIntField()
    requested_by = fields.UUIDField(null=True)
    budget_credits = fields.BigIntField()
    max_leads = fields.IntField()
    taken_leads = fields.IntField(default=0)
    batches = fields.IntField(default=0)
    status = fields.TextField(default="QUEUED")
    pause_reason = fields.TextField(null=True)
    failure = fields.TextField(null=True)
    is_retryable = fields.BooleanField(default=False)
    discovery_cursor = fields.UUIDField(null=True)
    discovered_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "run"


class RunLead(TenantRecord):
    """A lead in a run, and how far it has come."""

    run_id = fields.UUIDField()
    lead_id = fields.UUIDField()
    batch = fields.IntField()
    stage = fields.TextField(default="DISCOVERED")
    dropped_reason = fields.TextField(null=True)
    enriched_at = fields.DatetimeField(null=True)
    drafted_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "run_lead"
