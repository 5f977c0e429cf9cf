"""Records of leads, their imports and exports."""

from tortoise import fields

from domain.records import TenantRecord


class Lead(TenantRecord):
    """A person. ``email_identity``, ``linkedin_key`` and ``name_company_key`` tell duplicates."""

    company_id = fields.UUIDField(null=True)
    import_job_id = fields.UUIDField(null=True)
    email = fields.TextField(null=True)
    email_identity = fields.TextField(null=True)
    email_status = fields.TextField(default="UNVERIFIED")
    email_status_reason = fields.TextField(null=True)
    email_checked_at = fields.DatetimeField(null=True)
    first_name = fields.TextField(null=True)
    last_name = fields.TextField(null=True)
    full_name = fields.TextField(null=True)
    title = fields.TextField(null=True)
    seniority = fields.TextField(null=True)
    department = fields.TextField(null=True)
    phone = fields.TextField(null=True)
    linkedin_url = fields.TextField(null=True)
    linkedin_key = fields.TextField(null=True)
    name_company_key = fields.TextField(null=True)
    city = fields.TextField(null=True)
    region = fields.TextField(null=True)
    country = fields.TextField(null=True)
    time_zone = fields.TextField(null=True)
    time_zone_source = fields.TextField(null=True)
    locale = fields.TextField(null=True)
    custom_fields = fields.JSONField[dict[str, str]](default=dict)
    status = fields.TextField(default="NEW")
    source_kind = fields.TextField()
    restricted_at = fields.DatetimeField(null=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "lead"


class ImportJob(TenantRecord):
    """An uploaded file and what became of it."""

    status = fields.TextField(default="UPLOADED")
    file_name = fields.TextField()
    file_path = fields.TextField()
    file_hash = fields.TextField()
    byte_size = fields.BigIntField()
    format = fields.TextField()
    encoding = fields.TextField(null=True)
    delimiter = fields.TextField(null=True)
    headers = fields.JSONField[list[str]]()
    suggestions = fields.JSONField[list[dict[str, object]]](default=list)
    samples = fields.JSONField[list[list[str]]](default=list)
    mapping = fields.JSONField[list[dict[str, object]]](default=list)
    estimated_row_count = fields.IntField(default=0)
    on_row_error = fields.TextField(default="REJECT_ROWS")
    on_duplicate = fields.TextField(default="UPDATE")
    default_country = fields.TextField(null=True)
    legal_basis = fields.TextField(null=True)
    requested_by = fields.UUIDField(null=True)
    attested_by = fields.UUIDField(null=True)
    attested_at = fields.DatetimeField(null=True)
    row_count = fields.IntField(null=True)
    processed_count = fields.IntField(default=0)
    created_count = fields.IntField(default=0)
    updated_count = fields.IntField(default=0)
    duplicate_count = fields.IntField(default=0)
    suppressed_count = fields.IntField(default=0)
    error_count = fields.IntField(default=0)
    error = fields.TextField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "import_job"


class LeadExport(TenantRecord):
    """A file of leads, made in the background and kept for a day."""

    status = fields.TextField(default="QUEUED")
    predicate = fields.JSONField[dict[str, object]]()
    columns = fields.JSONField[list[str]]()
    file_path = fields.TextField(null=True)
    file_hash = fields.TextField(null=True)
    byte_size = fields.BigIntField(null=True)
    row_count = fields.IntField(null=True)
    error = fields.TextField(null=True)
    requested_by = fields.UUIDField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        """Where it is stored."""

        table = "lead_export"
