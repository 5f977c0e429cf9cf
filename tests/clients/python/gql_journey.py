"""gql against a started server, the schema taken from its introspection: gql_journey.py URL TOKEN JOURNEY."""

import asyncio
import io
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from gql import Client, FileVar, GraphQLRequest, gql
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from graphql import print_ast

URL, TOKEN, JOURNEY = sys.argv[1:]
DOCUMENT = gql(Path(JOURNEY).read_text())
CREDENTIAL = {"Authorization": f"Bearer {TOKEN}"}
SOCKETS = {"websockets": WebsocketsTransport, "aiohttp": AIOHTTPWebsocketsTransport}


def operation(name: str, **variables: Any) -> GraphQLRequest:
    """Return one of the journey's operations."""
    return GraphQLRequest(DOCUMENT, variable_values=variables, operation_name=name)


async def write(session: Any) -> dict[str, Any]:
    """Enter people and change one of them, the second time without having seen the first."""
    leads = []
    for name in ("ada", "ben", "cyd"):
        made = await session.execute(operation("CreateLead", input={"email": f"{name}@example.com"}))
        leads.append(made["leadCreate"]["lead"])
    change = {"id": leads[0]["id"], "expectedVersion": leads[0]["version"], "title": "Countess"}
    changed, stale = [
        (await session.execute(operation("UpdateLead", input=change)))["leadUpdate"] for _ in range(2)
    ]
    [error] = stale["errors"]
    assert error.pop("field") == ["expectedVersion"]
    return {"created": [lead["email"] for lead in leads], "changed": changed["lead"], "stale": error}


async def read(session: Any) -> dict[str, Any]:
    """Turn the pages, read somebody by their id, and ask with a cursor of nobody's."""
    pages, ids, after, more = [], [], None, True
    while more:
        leads = (await session.execute(operation("Leads", first=2, after=after)))["leads"]
        pages.append([lead["email"] for lead in leads["nodes"]])
        ids += [lead["id"] for lead in leads["nodes"]]
        more, after = leads["pageInfo"]["hasNextPage"], leads["pageInfo"]["endCursor"]
    found = (await session.execute(operation("LeadById", id=ids[0])))["node"]
    assert datetime.fromisoformat(found.pop("createdAt")).tzinfo is not None
    try:
        await session.execute(operation("Leads", first=2, after="x"))
    except TransportQueryError as refusal:
        return {"pages": pages, "read": found, "refused": refusal.errors[0]["extensions"]["code"]}
    raise AssertionError("a cursor of nobody's was taken")


async def upload(session: Any) -> Any:
    """Upload a file of one row."""
    file = FileVar(
        io.BytesIO(b"Email,Name\ndee@example.com,Dee\n"), filename="leads.csv", content_type="text/csv"
    )
    answer = await session.execute(operation("UploadLeads", file=file), upload_files=True)
    return answer["leadImportUpload"]["importJob"]


async def composed(client: Client, session: Any) -> Any:
    """Ask with a document put together from the introspected schema."""
    schema = DSLSchema(client.schema)
    request = dsl_gql(DSLQuery(schema.Query.workspace.select(schema.Workspace.name)))
    assert "workspace" in print_ast(request.document)
    return (await session.execute(request))["workspace"]["name"]


async def listen(transport: Any) -> list[Any]:
    """Return the first three events of a socket."""
    client = Client(transport=transport(url=URL.replace("http", "ws"), init_payload=CREDENTIAL))
    seen: list[Any] = []
    async with client as session:
        async for answer in session.subscribe(operation("Events")):
            seen.append(answer["workspaceEvents"])
            if len(seen) == 3:
                break
    return seen


async def main() -> None:
    """Do everything and say what came of it."""
    client = Client(
        transport=AIOHTTPTransport(url=URL, headers=CREDENTIAL),
        fetch_schema_from_transport=True,
        introspection_args={"input_value_deprecation": True, "specified_by_url": True},
    )
    async with client as session:
        outcome = {**await write(session), **await read(session)}
        told = {
            "outcome": outcome,
            "uploaded": await upload(session),
            "composed": await composed(client, session),
        }
    told["events"] = {name: await listen(transport) for name, transport in SOCKETS.items()}
    print(json.dumps(told))


asyncio.run(main())
