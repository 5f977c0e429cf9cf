"""A client that ariadne-codegen generated, against a started server: ariadne_journey.py URL TOKEN."""

import asyncio
import io
import json
import sys
from typing import Any

from plera_client import Client, LeadCreateInput, LeadUpdateInput, Upload
from plera_client.exceptions import GraphQLClientGraphQLMultiError
from plera_client.lead_by_id import LeadByIdNodeLead
from plera_client.update_lead import UpdateLeadLeadUpdateErrorsStaleVersionError

URL, TOKEN = sys.argv[1:]


async def write(client: Client) -> dict[str, Any]:
    """Enter people and change one of them, the second time without having seen the first."""
    leads = []
    for name in ("ada", "ben", "cyd"):
        made = await client.create_lead(LeadCreateInput(email=f"{name}@example.com"))
        assert made.lead_create.lead is not None
        leads.append(made.lead_create.lead)
    change = LeadUpdateInput(id=leads[0].id, expected_version=leads[0].version, title="Countess")
    changed, stale = [(await client.update_lead(change)).lead_update for _ in range(2)]
    [error] = stale.errors
    assert changed.lead is not None
    assert isinstance(error, UpdateLeadLeadUpdateErrorsStaleVersionError)
    return {
        "created": [lead.email for lead in leads],
        "changed": {"title": changed.lead.title, "version": changed.lead.version},
        "stale": {"__typename": error.typename__, "code": error.code, "current": error.current},
    }


async def pages(client: Client) -> tuple[list[list[str | None]], str]:
    """Turn the pages; returns their addresses and the first one's id."""
    addresses, ids = [], []
    after: str | None = None
    while True:
        leads = (await client.leads(first=2, after=after)).leads
        addresses.append([lead.email for lead in leads.nodes])
        ids += [lead.id for lead in leads.nodes]
        after = leads.page_info.end_cursor
        if not leads.page_info.has_next_page:
            return addresses, ids[0]


async def read(client: Client) -> dict[str, Any]:
    """Turn the pages, read somebody by their id, and ask with a cursor of nobody's."""
    addresses, first = await pages(client)
    found = (await client.lead_by_id(first)).node
    assert isinstance(found, LeadByIdNodeLead)
    assert found.created_at.tzinfo is not None
    lead = {
        "__typename": found.typename__,
        "email": found.email,
        "title": found.title,
        "version": found.version,
    }
    try:
        await client.leads(first=2, after="x")
    except GraphQLClientGraphQLMultiError as refusal:
        extensions = refusal.errors[0].extensions or {}
        return {"pages": addresses, "read": lead, "refused": extensions["code"]}
    raise AssertionError("a cursor of nobody's was taken")


async def upload(client: Client) -> Any:
    """Upload a file of one row."""
    content = io.BytesIO(b"Email,Name\ndee@example.com,Dee\n")
    answer = await client.upload_leads(Upload("leads.csv", content, "text/csv"))
    assert answer.lead_import_upload.import_job is not None
    return answer.lead_import_upload.import_job.model_dump(by_alias=True)


async def listen(client: Client) -> list[Any]:
    """Return the first three events of a socket."""
    seen: list[Any] = []
    async for answer in client.events():
        seen.append(answer.workspace_events.model_dump(by_alias=True))
        if len(seen) == 3:
            break
    return seen


async def main() -> None:
    """Do everything and say what came of it."""
    credential = {"Authorization": f"Bearer {TOKEN}"}
    sockets = URL.replace("http", "ws")
    async with Client(URL, credential, ws_url=sockets, ws_connection_init_payload=credential) as client:
        outcome = {**await write(client), **await read(client)}
        told = {"outcome": outcome, "uploaded": await upload(client), "events": await listen(client)}
    print(json.dumps(told))


asyncio.run(main())
