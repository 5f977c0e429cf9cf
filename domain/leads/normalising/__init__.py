"""One canonical form per kind of value, so that two spellings of the same thing compare equal.

Everything here is pure and idempotent: normalising a normalised value changes nothing. A function
returns ``None`` when the text isn't such a value; what that means for a row is decided in ``rows.py``.
"""

from domain.leads.normalising.companies import (
    company_key,
    is_mailbox_provider,
    is_public_profile_site,
    normalise_website,
    parse_employee_count,
    registrable_domain,
)
from domain.leads.normalising.emails import email_identity, first_email, normalise_email
from domain.leads.normalising.flags import is_no, is_opt_out_status, parse_flag
from domain.leads.normalising.linkedin import LinkedInProfile, normalise_linkedin, normalise_linkedin_company
from domain.leads.normalising.names import fold_name, split_full_name, tidy_person_name
from domain.leads.normalising.phones import first_phone, normalise_phone
from domain.leads.normalising.places import country_code, normalise_language, normalise_time_zone
from domain.leads.normalising.text import clean_cells, clean_note, clean_text, has_control_characters

__all__ = [
    "LinkedInProfile",
    "clean_cells",
    "clean_note",
    "clean_text",
    "company_key",
    "country_code",
    "email_identity",
    "first_email",
    "first_phone",
    "fold_name",
    "has_control_characters",
    "is_mailbox_provider",
    "is_no",
    "is_opt_out_status",
    "is_public_profile_site",
    "normalise_email",
    "normalise_language",
    "normalise_linkedin",
    "normalise_linkedin_company",
    "normalise_phone",
    "normalise_time_zone",
    "normalise_website",
    "parse_employee_count",
    "parse_flag",
    "registrable_domain",
    "split_full_name",
    "tidy_person_name",
]
