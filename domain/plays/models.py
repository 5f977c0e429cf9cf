"""Records of strategy profiles and plays."""

from typing import Any

from tortoise import fields

from domain.records import TenantRecord


class StrategyProfile(TenantRecord):
    """One version of a strategy profile; an edit makes the next ``number`` of its ``lineage_id``."""

    lineage_id = fields.UUIDField()
    number = fields.IntField()
    name = fields.TextField()
    persona = fields.JSONField[dict[str, Any]]()
    offer = fields.TextField()
    proofs = fields.JSONField[list[dict[str, Any]]]()
    tone = fields.TextField()
    cta = fields.TextField()
    forbidden_claims = fields.JSONField[list[str]]()
    languages = fields.JSONField[list[str]]()
    icp = fields.JSONField[dict[str, Any]]()
    status = fields.TextField()

    class Meta:
        """Where it is stored."""

        table = "strategy_profile"


class Play(TenantRecord):
    """What to do, for whom, with which sequence. ``profile_id`` and ``sequence_id`` name any version of theirs."""

    name = fields.TextField()
    goal = fields.TextField(null=True)
    trigger = fields.TextField(default="MANUAL")
    profile_id = fields.UUIDField()
    sequence_id = fields.UUIDField()
    source = fields.JSONField[dict[str, Any]]()
    enrichment_plan = fields.JSONField[list[str]]()
    budget_credits = fields.BigIntField()
    max_leads = fields.IntField()
    status = fields.TextField(default="DRAFT")

    class Meta:
        """Where it is stored."""

        table = "play"


class PlaySender(TenantRecord):
    """A sender that a play's messages may leave from."""

    play_id = fields.UUIDField()
    sender_id = fields.UUIDField()

    class Meta:
        """Where it is stored."""

        table = "play_sender"
