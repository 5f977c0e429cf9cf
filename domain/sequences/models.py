"""Records of sequences, enrollments, messages and the decisions about them."""

from typing import Any

from tortoise import fields

from domain.records import TenantRecord


class Sequence(TenantRecord):
    """One version of a sequence; versions of the same one share ``lineage_id``."""

    lineage_id = fields.UUIDField()
    number = fields.IntField()
    name = fields.TextField()
    ruleset = fields.JSONField[dict[str, Any]](default=dict)
    status = fields.TextField(default="DRAFT")

    class Meta:
        """Where it is stored."""

        table = "sequence"


class SequenceStep(TenantRecord):
    """A step of one version; positions count from 1."""

    sequence_id = fields.UUIDField()
    position = fields.IntField()
    kind = fields.TextField(default="EMAIL")
    delay_days = fields.IntField(default=0)
    delay_business_days = fields.BooleanField(default=True)
    thread_mode = fields.TextField(default="NEW")

    class Meta:
        """Where it is stored."""

        table = "sequence_step"


class StepVariant(TenantRecord):
    """One wording of a step; empty templates mean the drafter's own."""

    step_id = fields.UUIDField()
    label = fields.TextField()
    language = fields.TextField(default="en")
    subject_template = fields.TextField()
    body_template = fields.TextField()
    weight = fields.IntField(default=1)
    status = fields.TextField(default="ACTIVE")

    class Meta:
        """Where it is stored."""

        table = "step_variant"


class Enrollment(TenantRecord):
    """A lead in a version of a sequence, written to by one sender."""

    run_id = fields.UUIDField()
    lead_id = fields.UUIDField()
    sequence_id = fields.UUIDField()
    sender_id = fields.UUIDField()
    status = fields.TextField(default="PENDING")
    pause_reason = fields.TextField(null=True)
    resume_at = fields.DatetimeField(null=True)
    current_position = fields.IntField(default=0)
    next_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "enrollment"


class Message(TenantRecord):
    """Content for one person; ``claims`` is a list of ``{span, facts: [id], proofs: [{id, claim, url}]}``."""

    kind = fields.TextField(default="SEQUENCE")
    run_id = fields.UUIDField(null=True)
    enrollment_id = fields.UUIDField(null=True)
    step_id = fields.UUIDField(null=True)
    variant_id = fields.UUIDField(null=True)
    thread_id = fields.UUIDField(null=True)
    lead_id = fields.UUIDField(null=True)
    sender_id = fields.UUIDField()
    to_address = fields.TextField()
    subject = fields.TextField()
    text_body = fields.TextField()
    html_body = fields.TextField()
    claims = fields.JSONField[list[dict[str, Any]]](default=list)
    content_hash = fields.TextField()
    drafted_by = fields.TextField()
    model = fields.TextField(null=True)
    prompt_version = fields.TextField(null=True)
    edited_by = fields.UUIDField(null=True)
    status = fields.TextField(default="IN_REVIEW")
    readiness = fields.TextField(default="PASS")
    readiness_checks = fields.JSONField[list[dict[str, Any]]](default=list)
    score = fields.IntField(default=0)
    in_reply_to_id = fields.UUIDField(null=True)

    class Meta:
        """Where it is stored."""

        table = "message"


class Approval(TenantRecord):
    """A person's decision about a message, good for the content with this hash only."""

    message_id = fields.UUIDField()
    content_hash = fields.TextField()
    decided_by = fields.UUIDField()
    decision = fields.TextField()
    batch_id = fields.UUIDField(null=True)
    comment = fields.TextField(null=True)
    status = fields.TextField(default="VALID")
    voided_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "approval"
