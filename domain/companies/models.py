"""The record of a company."""

from tortoise import fields

from domain.records import TenantRecord


class Company(TenantRecord):
    """A firm. ``name_key`` is its name folded, without its legal form."""

    name = fields.TextField()
    name_key = fields.TextField()
    domain = fields.TextField(null=True)
    website_url = fields.TextField(null=True)
    linkedin_url = fields.TextField(null=True)
    industry = fields.TextField(null=True)
    employee_count = fields.IntField(null=True)
    description = fields.TextField(null=True)
    city = fields.TextField(null=True)
    region = fields.TextField(null=True)
    country = fields.TextField(null=True)
    time_zone = fields.TextField(null=True)

    class Meta:
        """Where it is stored."""

        table = "company"
