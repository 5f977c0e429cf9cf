"""Records of provider calls, and of facts with their provenance."""

from tortoise import fields

from domain.records import TenantRecord


class ProviderCall(TenantRecord):
    """One question to an outside party, or the memory of its answer, with what it cost."""

    run_id = fields.UUIDField(null=True)
    lead_id = fields.UUIDField(null=True)
    company_id = fields.UUIDField(null=True)
    provider = fields.TextField()
    endpoint = fields.TextField()
    request_fingerprint = fields.TextField()
    cache_hit = fields.BooleanField(default=False)
    status = fields.TextField()
    units = fields.IntField(default=0)
    cost_credits = fields.BigIntField(default=0)
    latency_ms = fields.IntField(null=True)
    refused_count = fields.IntField(default=0)
    detail = fields.TextField(null=True)
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "provider_call"


class FieldValue(TenantRecord):
    """One value of one field of a lead or a company; ``about`` names another person at the company."""

    lead_id = fields.UUIDField(null=True)
    company_id = fields.UUIDField(null=True)
    about = fields.TextField(default="")
    field = fields.TextField()
    value = fields.TextField()
    source_kind = fields.TextField()
    source = fields.TextField()
    provider_call_id = fields.UUIDField(null=True)
    source_url = fields.TextField(null=True)
    snippet = fields.TextField(null=True)
    confidence = fields.FloatField()
    observed_at = fields.DatetimeField(null=True)
    retrieved_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    pinned = fields.BooleanField(default=False)
    state = fields.TextField(default="CANDIDATE")

    class Meta:
        """Where it is stored."""

        table = "field_value"
