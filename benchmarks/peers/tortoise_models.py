"""Plera's tables as an ordinary Tortoise application would map them."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class ApiToken(Model):
    """A key for a program."""

    id = fields.UUIDField(primary_key=True)
    workspace_id = fields.UUIDField()
    token_hash = fields.BinaryField()
    role = fields.TextField()
    created_by = fields.UUIDField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_token"
        app = "system"


class Company(Model):
    """A firm."""

    id = fields.UUIDField(primary_key=True)
    workspace_id = fields.UUIDField()
    name = fields.TextField()
    domain = fields.TextField(null=True)
    industry = fields.TextField(null=True)

    class Meta:
        table = "company"
        app = "models"


class Lead(Model):
    """A person."""

    id = fields.UUIDField(primary_key=True)
    workspace_id = fields.UUIDField()
    company: fields.ForeignKeyNullableRelation[Company] = fields.ForeignKeyField("models.Company", null=True)
    email = fields.TextField(null=True)
    email_status = fields.TextField()
    first_name = fields.TextField(null=True)
    last_name = fields.TextField(null=True)
    full_name = fields.TextField(null=True)
    title = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    city = fields.TextField(null=True)
    country = fields.TextField(null=True)
    status = fields.TextField()
    restricted_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    messages: fields.ReverseRelation["Message"]

    class Meta:
        table = "lead"
        app = "models"


class Message(Model):
    """Content for one person."""

    id = fields.UUIDField(primary_key=True)
    workspace_id = fields.UUIDField()
    lead: fields.ForeignKeyNullableRelation[Lead] = fields.ForeignKeyField(
        "models.Lead", null=True, related_name="messages"
    )
    subject = fields.TextField()
    status = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "message"
        app = "models"


class Run(Model):
    """One execution of a play."""

    id = fields.UUIDField(primary_key=True)
    workspace_id = fields.UUIDField()
    status = fields.TextField()
    run_leads: fields.ReverseRelation["RunLead"]

    class Meta:
        table = "run"
        app = "models"


class RunLead(Model):
    """A lead in a run."""

    id = fields.UUIDField(primary_key=True)
    workspace_id = fields.UUIDField()
    run: fields.ForeignKeyRelation[Run] = fields.ForeignKeyField("models.Run", related_name="run_leads")
    stage = fields.TextField()

    class Meta:
        table = "run_lead"
        app = "models"


class LogHead(Model):
    """Where a workspace's log stands."""

    workspace_id = fields.UUIDField(primary_key=True)
    seq = fields.BigIntField()
    audit_seq = fields.BigIntField()
    audit_hash = fields.BinaryField()

    class Meta:
        table = "log_head"
        app = "models"


class Event(Model):
    """Something that happened; its number is unique in the workspace, which is all that reading a single one needs."""

    workspace_id = fields.UUIDField()
    seq = fields.BigIntField(primary_key=True)
    type = fields.TextField()
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    payload = fields.JSONField[dict[str, Any]]()
    occurred_at = fields.DatetimeField()

    class Meta:
        table = "event"
        app = "models"


class AuditEvent(Model):
    """Who did what; each entry's hash covers the one before."""

    id = fields.UUIDField(primary_key=True)
    workspace_id = fields.UUIDField()
    seq = fields.BigIntField()
    actor_kind = fields.TextField()
    actor_id = fields.UUIDField(null=True)
    action = fields.TextField()
    target_kind = fields.TextField()
    target_id = fields.UUIDField(null=True)
    detail = fields.JSONField[dict[str, Any]]()
    occurred_at = fields.DatetimeField()
    prev_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta:
        table = "audit_event"
        app = "models"
