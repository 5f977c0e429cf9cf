"""Leads and companies through the API."""

from typing import Any
from uuid import UUID

import pytest

from domain.workspaces.rules import Role
from tests.steps.leads import import_content
from tests.world import World, new_world

CREATE = """
mutation ($input: LeadCreateInput!) {
  leadCreate(input: $input) {
    lead { id version email fullName title phone linkedinUrl country timeZone sourceKind isSuppressed
           customFields { name value } company { id name domain version } }
    errors { code field }
  }
}
"""
UPDATE = """
mutation ($input: LeadUpdateInput!) {
  leadUpdate(input: $input) {
    lead { version email emailStatus fullName title company { name } customFields { name value } }
    errors { code field }
  }
}
"""
FACTS = """
query ($id: ID!) {
  lead(id: $id) { facts { nodes { field value sourceKind pinned state } } }
}
"""
ADA = {
    "email": "Ada@Acme.com",
    "firstName": "ada",
    "lastName": "LOVELACE",
    "title": "CTO",
    "phone": "030 9010123",
    "country": "Germany",
    "linkedinUrl": "de.linkedin.com/in/Ada?trk=x",
    "companyName": "Acme Inc.",
    "timeZone": "Europe/Berlin",
    "customFields": [{"name": "Hobby", "value": "chess"}],
}


async def create(world: World, **values: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await world.execute(CREATE, {"input": values}))["leadCreate"]
    return payload


async def update(world: World, **values: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await world.execute(UPDATE, {"input": values}))["leadUpdate"]
    return payload


async def facts(world: World, lead_id: str) -> set[tuple[str, str, str]]:
    data = await world.execute(FACTS, {"id": lead_id})
    return {(node["field"], node["value"], node["state"]) for node in data["lead"]["facts"]["nodes"]}


async def test_a_lead_is_entered_in_its_normal_form_with_its_company(world: World) -> None:
    payload = await create(world, **ADA)

    lead = payload["lead"]
    assert payload["errors"] == []
    assert lead["company"]["domain"] == "acme.com"
    assert {key: lead[key] for key in lead if key not in {"id", "company"}} == {
        "version": 1,
        "email": "ada@acme.com",
        "fullName": "Ada Lovelace",
        "title": "CTO",
        "phone": "+49309010123",
        "linkedinUrl": "https://www.linkedin.com/in/ada",
        "country": "DE",
        "timeZone": "Europe/Berlin",
        "sourceKind": "USER_EDIT",
        "isSuppressed": False,
        "customFields": [{"name": "Hobby", "value": "chess"}],
    }
    assert ("TITLE", "CTO", "CURRENT") in await facts(world, lead["id"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"firstName": "Ada", "lastName": "Lovelace"}, ["input"]),
        ({"email": "ada@acme.com", "phone": "call me"}, ["input", "phone"]),
        ({"email": "ada@acme.com", "country": "Atlantis"}, ["input", "country"]),
        ({"email": "ada@acme.com", "customFields": [{"name": "", "value": "x"}]}, ["input", "customFields"]),
    ],
)
async def test_a_wrong_value_is_named_and_nothing_is_entered(
    world: World, values: Any, field: list[str]
) -> None:
    payload = await create(world, **values)

    assert payload == {"lead": None, "errors": [{"code": "BAD_USER_INPUT", "field": field}]}
    assert await world.fetch("SELECT id FROM lead") == []


async def test_the_same_person_is_entered_once_however_spelt(world: World) -> None:
    await create(world, **ADA)
    again = await create(world, email="ADA+news@acme.com")
    by_profile = await create(world, linkedinUrl="https://www.linkedin.com/in/ADA/")

    assert [error["code"] for payload in (again, by_profile) for error in payload["errors"]] == [
        "LEAD_EXISTS"
    ] * 2
    assert len(await world.fetch("SELECT id FROM lead")) == 1


async def test_one_key_enters_one_lead(world: World) -> None:
    first = await create(world, email="ada@acme.com", idempotencyKey="k")
    again = await create(world, email="ada@acme.com", idempotencyKey="k")

    assert again["lead"]["id"] == first["lead"]["id"]
    assert len(await world.fetch("SELECT id FROM lead")) == 1


async def test_who_was_erased_or_objected_is_not_entered_again(world: World) -> None:
    await world.execute(
        'mutation { suppressionAdd(input: {kind: EMAIL, value: "ada@acme.com", reason: OBJECTION}) { errors { code } } }'
    )
    payload = await create(world, **ADA)

    assert [error["code"] for error in payload["errors"]] == ["LEAD_UNWANTED"]
    assert await world.fetch("SELECT id FROM lead") == []


async def test_an_edit_is_pinned_and_needs_the_version_that_was_seen(world: World) -> None:
    lead = (await create(world, **ADA))["lead"]

    payload = await update(world, id=lead["id"], expectedVersion=1, title="CEO", email="ada@globex.com")
    stale = await update(world, id=lead["id"], expectedVersion=1, title="Queen")

    assert payload["errors"] == []
    assert payload["lead"]["version"] == 2
    assert (payload["lead"]["email"], payload["lead"]["emailStatus"], payload["lead"]["title"]) == (
        "ada@globex.com",
        "UNVERIFIED",
        "CEO",
    )
    assert payload["lead"]["company"]["name"] == "Acme Inc."
    assert payload["lead"]["customFields"] == lead["customFields"]
    assert [error["code"] for error in stale["errors"]] == ["STALE_VERSION"]
    assert {("TITLE", "CTO", "SUPERSEDED"), ("TITLE", "CEO", "CURRENT")} <= await facts(world, lead["id"])
    events = await world.fetch("SELECT payload FROM event WHERE type = 'LeadUpdated'")
    assert events == [{"payload": {"fields": ["email", "title"]}}]


async def test_a_lead_can_be_cleared_of_anything_but_who_it_is(world: World) -> None:
    lead = (await create(world, email="ada@acme.com", title="CTO"))["lead"]

    cleared = await update(world, id=lead["id"], expectedVersion=1, title=None)
    nobody = await update(world, id=lead["id"], expectedVersion=2, email=None)

    assert cleared["lead"]["title"] is None
    assert nobody == {"lead": None, "errors": [{"code": "BAD_USER_INPUT", "field": ["input"]}]}


async def test_changing_an_address_to_another_leads_is_refused(world: World) -> None:
    await create(world, email="bo@acme.com")
    lead = (await create(world, email="ada@acme.com"))["lead"]

    payload = await update(world, id=lead["id"], expectedVersion=1, email="Bo@acme.com")

    assert [error["code"] for error in payload["errors"]] == ["LEAD_EXISTS"]


async def test_a_lead_is_found_by_a_part_of_name_address_title_or_company(world: World) -> None:
    await create(world, **ADA)
    await import_content(world, b"Email,Company,Title\nbo@globex.com,100% Steel_Works,Sales")

    async def found(search: str) -> list[str]:
        data = await world.execute(
            "query ($s: String!) { leads(search: $s) { nodes { email } } }", {"s": search}
        )
        return [node["email"] for node in data["leads"]["nodes"]]

    assert await found("LOVEL") == ["ada@acme.com"]
    assert await found("0% steel_w") == ["bo@globex.com"]
    assert await found("e%o") == []
    assert await found("globex.com") == ["bo@globex.com"]
    other = await new_world(world.app)
    data = await other.execute('{ leads(search: "lovel") { totalCount } }')
    assert data["leads"]["totalCount"] == 0


async def test_search_of_another_workspace_is_refused_by_the_database(world: World) -> None:
    other = await new_world(world.app)
    with pytest.raises(Exception, match="not the workspace in scope"):
        await world.fetch("SELECT search_leads($1, 'a', 10)", other.workspace_id)


async def test_leads_are_filtered_and_sorted(world: World) -> None:
    for email, country in (("a@acme.com", "DE"), ("b@acme.com", "FR"), ("c@globex.com", "DE")):
        await create(world, email=email, country=country)

    data = await world.execute(
        """{ leads(where: {or: [{country: {eq: "FR"}}, {email: {contains: "GLOBEX"}}]},
                   orderBy: [{field: EMAIL, direction: DESC}]) { totalCount nodes { email } } }"""
    )

    assert data["leads"] == {"totalCount": 2, "nodes": [{"email": "c@globex.com"}, {"email": "b@acme.com"}]}


async def test_a_restricted_lead_says_since_when(world: World) -> None:
    lead = (await create(world, email="ada@acme.com"))["lead"]
    restrict = "mutation ($i: LeadRestrictInput!) { leadRestrict(input: $i) { lead { restrictedAt } errors { code } } }"

    on = await world.execute(restrict, {"i": {"id": lead["id"]}})
    off = await world.execute(restrict, {"i": {"id": lead["id"], "restricted": False}})

    assert on["leadRestrict"]["lead"]["restrictedAt"] is not None
    assert off["leadRestrict"]["lead"]["restrictedAt"] is None


async def test_restricting_twice_changes_nothing_and_nobody_is_not_found(world: World) -> None:
    lead = (await create(world, email="ada@acme.com"))["lead"]
    restrict = "mutation ($i: LeadRestrictInput!) { leadRestrict(input: $i) { lead { restrictedAt } errors { code field } } }"

    first, second = [await world.execute(restrict, {"i": {"id": lead["id"]}}) for _ in range(2)]
    nobody = await world.execute(restrict, {"i": {"id": f"lead_{UUID(int=1)}"}})

    assert first == second
    assert nobody["leadRestrict"] == {
        "lead": None,
        "errors": [{"code": "NOT_FOUND", "field": ["input", "id"]}],
    }
    told = await world.fetch("SELECT type FROM event WHERE type = 'LeadRestricted'")
    audited = await world.fetch("SELECT action FROM audit_event WHERE action = 'lead.restrict'")
    assert (len(told), len(audited)) == (1, 1)


async def test_a_company_is_changed_and_what_was_said_is_pinned(world: World) -> None:
    company = (await create(world, **ADA))["lead"]["company"]
    change = """
    mutation ($i: CompanyUpdateInput!) {
      companyUpdate(input: $i) { company { name employeeCount country version
        facts { nodes { field value pinned } } } errors { code field } }
    }
    """
    values = {"id": company["id"], "expectedVersion": company["version"]}
    data = await world.execute(
        change, {"i": {**values, "employeeCount": 12, "country": "Allemagne", "name": " ACME  AG "}}
    )
    wrong = await world.execute(change, {"i": {**values, "expectedVersion": 2, "websiteUrl": "ftp://x"}})

    shown = data["companyUpdate"]["company"]
    assert (shown["name"], shown["employeeCount"], shown["country"], shown["version"]) == (
        "ACME AG",
        12,
        "DE",
        2,
    )
    assert {(node["field"], node["value"], node["pinned"]) for node in shown["facts"]["nodes"]} == {
        ("NAME", "ACME AG", True),
        ("EMPLOYEES", "12", True),
        ("COUNTRY", "DE", True),
    }
    assert wrong["companyUpdate"]["errors"] == [{"code": "BAD_USER_INPUT", "field": ["input", "websiteUrl"]}]


@pytest.mark.parametrize(
    "role", [Role.READ_ONLY, Role.ANALYST, Role.REVIEWER, Role.BILLING, Role.PRIVACY_OFFICER]
)
async def test_who_may_only_read_changes_nothing(world: World, role: Role) -> None:
    lead = (await create(world, email="ada@acme.com"))["lead"]

    assert await world.refused(CREATE, {"input": {"email": "bo@acme.com"}}, role=role) == ["FORBIDDEN"]
    change = {"id": lead["id"], "expectedVersion": 1, "title": "CEO"}
    assert await world.refused(UPDATE, {"input": change}, role=role) == ["FORBIDDEN"]
    assert (await world.execute("{ leads { totalCount } }", role=role))["leads"]["totalCount"] == 1
    assert await world.fetch("SELECT email, title FROM lead") == [{"email": "ada@acme.com", "title": None}]


async def test_another_workspaces_lead_answers_as_a_missing_one(world: World) -> None:
    other = await new_world(world.app)
    theirs = (await create(other, **ADA))["lead"]

    assert (await world.execute("query ($id: ID!) { lead(id: $id) { id } }", {"id": theirs["id"]}))[
        "lead"
    ] is None
    payload = await update(world, id=theirs["id"], expectedVersion=1, title="CEO")
    assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    assert await other.fetch("SELECT title FROM lead") == [{"title": "CTO"}]
    assert (await create(world, **ADA))["errors"] == []
