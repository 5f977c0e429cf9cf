"""Leads entered and changed by hand. What a person says is pinned: enrichment and imports leave it alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise.exceptions import IntegrityError

from domain.actor import Actor, require
from domain.companies import queries as companies
from domain.companies.facts import pin_facts
from domain.companies.models import Company
from domain.errors import Conflict, Invalid, NotFound, StaleVersion
from domain.idempotency import Idempotency
from domain.leads import queries
from domain.leads.details import KEY_COLUMNS, OWN_COLUMNS, LeadExists, parse_custom_fields, read_person
from domain.leads.events import LeadCreated, LeadRestricted, LeadUpdated
from domain.leads.models import Lead
from domain.leads.outcomes import LeadRow
from domain.leads.rules import SourceKind
from domain.suppression import queries as suppression
from domain.suppression.keys import Recipient
from domain.suppression.rules import OPERATOR_REASONS
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

_COMPANY_FIELDS: Final = frozenset({"company_name", "company_domain", "company_website"})


class LeadUnwanted(Conflict):
    """The person had their data erased or objected to its use; they mustn't be entered again."""

    code = "LEAD_UNWANTED"


async def create_lead(
    *,
    actor: Actor,
    values: Mapping[str, str | None],
    custom_fields: Mapping[str, str],
    lead_id: UUID,
    identity_key: bytes,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> UUID:
    """Enter a person.

    Args:
        values: by the names of ``details.ENTERED``.

    Raises:
        Invalid: a value is wrong, or nothing tells who the person is.
        LeadExists: the address or the profile is a lead's already.
        LeadUnwanted: the person asked for erasure, or objected.
    """
    require(actor, Permission.WRITE_LEADS)
    person, custom = read_person(values), parse_custom_fields(custom_fields)
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        await _refuse_known(work, person, except_id=None)
        await _refuse_unwanted(work, person, lead_id=lead_id, identity_key=identity_key)
        columns = {column: getattr(person, column) for column in (*OWN_COLUMNS, *KEY_COLUMNS)}
        try:
            await Lead.create(
                id=lead_id,
                workspace_id=actor.workspace_id,
                company_id=await _company(work, person),
                source_kind=SourceKind.USER_EDIT,
                time_zone_source=SourceKind.USER_EDIT if person.time_zone else None,
                custom_fields=custom,
                **columns,
            )
        except IntegrityError:  # somebody entered the same person between our look and our write
            raise LeadExists("this person is a lead already", field=("input",)) from None
        stated = {column: columns[column] for column in OWN_COLUMNS if columns[column] is not None}
        await pin_facts(work, lead_id=lead_id, values=stated)
        work.emit(LeadCreated(subject_id=lead_id))
        work.audit("lead.create", target_kind="lead", target_id=lead_id)
        work.answer(lead_id)
    return lead_id


async def update_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    changes: Mapping[str, str | None],
    custom_fields: Mapping[str, str] | None,
    expected_version: int,
    now: datetime,
) -> UUID:
    """Change a lead; fields left out stay, None clears.

    Args:
        custom_fields: all of them anew; None leaves them.

    Raises:
        NotFound, StaleVersion, Invalid, LeadExists.
    """
    require(actor, Permission.WRITE_LEADS)
    custom = parse_custom_fields(custom_fields) if custom_fields is not None else None
    async with unit_of_work(actor, now=now) as work:
        lead = await _locked(work, lead_id=lead_id, expected_version=expected_version)
        person = read_person(_after(lead, changes))
        await _refuse_known(work, person, except_id=lead_id)
        changed = {
            column: value
            for column in (*OWN_COLUMNS, *KEY_COLUMNS)
            if (value := getattr(person, column)) != lead[column]
        }
        if changes.keys() & _COMPANY_FIELDS:
            changed["company_id"] = await _company(work, person)
        if custom is not None and custom != lead["custom_fields"]:
            changed["custom_fields"] = custom
        await _write(work, lead_id=lead_id, changed=changed)
    return lead_id


async def restrict_lead(*, actor: Actor, lead_id: UUID, restricted: bool, now: datetime) -> UUID:
    """Keep a lead's data without using it (GDPR Article 18), or allow its use again; repeating changes nothing."""
    require(actor, Permission.WRITE_LEADS)
    async with unit_of_work(actor, now=now) as work:
        found = Lead.filter(workspace_id=actor.workspace_id, id=lead_id)
        changes = found.filter(restricted_at__isnull=restricted)
        if await changes.update(restricted_at=now if restricted else None):
            work.emit(LeadRestricted(subject_id=lead_id, restricted=restricted))
            work.audit("lead.restrict", target_kind="lead", target_id=lead_id, restricted=restricted)
        elif not await found.exists():
            raise NotFound("no such lead", field=("input", "id"))
    return lead_id


async def _locked(work: Work, *, lead_id: UUID, expected_version: int) -> dict[str, Any]:
    await work.connection.execute(
        "SELECT FROM lead WHERE workspace_id = $1 AND id = $2 FOR UPDATE", work.workspace_id, lead_id
    )
    lead = await queries.lead_row(work.connection, lead_id)
    if lead is None or lead["erased_at"] is not None:
        raise NotFound("no such lead", field=("input", "id"))
    if lead["version"] != expected_version:
        raise StaleVersion(expected=expected_version, current=lead["version"])
    return lead


def _after(lead: Mapping[str, Any], changes: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the lead's values with the changes; a new company takes nothing from the old one."""
    values = {**lead, **changes}
    if changes.keys() & _COMPANY_FIELDS:
        values |= {field: changes.get(field) for field in _COMPANY_FIELDS}
    elif lead["company_name"] is None and lead["company_domain"] is None:
        values["company_name"] = None
    return values


async def _write(work: Work, *, lead_id: UUID, changed: dict[str, Any]) -> None:
    if not changed:
        return
    stated: dict[str, Any] = {column: changed[column] for column in OWN_COLUMNS if column in changed}
    if "email" in stated:
        changed |= {"email_status": "UNVERIFIED", "email_status_reason": None, "email_checked_at": None}
    if "time_zone" in stated:
        changed["time_zone_source"] = SourceKind.USER_EDIT if stated["time_zone"] else None
    try:
        await Lead.filter(workspace_id=work.workspace_id, id=lead_id).update(**changed)
    except IntegrityError:
        raise LeadExists("this person is a lead already", field=("input",)) from None
    await pin_facts(work, lead_id=lead_id, values=stated)
    named = sorted(changed.keys() & {*OWN_COLUMNS, "company_id", "custom_fields"})
    work.emit(LeadUpdated(subject_id=lead_id, fields=tuple(named)))
    work.audit("lead.update", target_kind="lead", target_id=lead_id, fields=named)


async def _refuse_known(work: Work, person: LeadRow, *, except_id: UUID | None) -> None:
    """A person's own address or profile tells; a mere namesake at the same company may be entered by hand."""
    found = await queries.find_duplicate(
        work.connection,
        workspace_id=work.workspace_id,
        email_identity=person.email_identity,
        linkedin_key=person.linkedin_key,
        except_id=except_id,
    )
    if found is not None:
        raise LeadExists(f"this person is a lead already: lead_{found}", field=("input",))


async def _refuse_unwanted(work: Work, person: LeadRow, *, lead_id: UUID, identity_key: bytes) -> None:
    recipient = Recipient(
        lead_id=lead_id,
        emails=(person.email,) if person.email else (),
        phones=(person.phone,) if person.phone else (),
        linkedin_urls=(person.linkedin_url,) if person.linkedin_url else (),
    )
    found = await suppression.matching(
        work.connection, recipients=[recipient], identity_key=identity_key, now=work.now
    )
    if any(entry.reason in OPERATOR_REASONS for entry in found.get(lead_id, [])):
        raise LeadUnwanted("this person asked not to be in your data", field=("input",))


async def _company(work: Work, person: LeadRow) -> UUID | None:
    """Return the person's company, entered when it is new."""
    if not (person.company_name or person.company_domain):
        return None
    found = await companies.find_company(
        work.connection,
        workspace_id=work.workspace_id,
        domain=person.company_domain,
        name_key=person.company_key,
    )
    if found is not None:
        return found
    name = person.company_name or person.company_domain
    if name is None:
        raise Invalid("a company has a name", field=("input", "companyName"))
    company = await Company.create(
        workspace_id=work.workspace_id,
        name=name,
        name_key=person.company_key or name,
        domain=person.company_domain,
        website_url=person.company_website,
    )
    return company.id
