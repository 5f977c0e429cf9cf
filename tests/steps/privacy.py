"""Steps of privacy requests, for any test that needs one."""

import re
from typing import Any

from domain.tenancy import across_workspaces
from tests.world import World

OPEN = """
mutation Open($input: PrivacyRequestOpenInput!) {
  privacyRequestOpen(input: $input) { privacyRequest { id status dueOn email } errors { code field } }
}
"""
VERIFY = """
mutation Verify($id: ID!, $code: String!) {
  privacyRequestVerify(input: {id: $id, code: $code}) { privacyRequest { id status } errors { code field } }
}
"""


async def open_request(world: World, kind: str, email: str, *, key: str | None = None) -> dict[str, Any]:
    """Open a request through the API and return the payload."""
    arguments = {"kind": kind, "email": email, "idempotencyKey": key or f"{kind} {email}"}
    data = await world.execute(OPEN, {"input": arguments})
    payload: dict[str, Any] = data["privacyRequestOpen"]
    return payload


async def waiting_mail(address: str, kind: str) -> str:
    """Return the body of the newest waiting mail to an address."""
    async with across_workspaces() as connection:
        body = await connection.fetchval(
            "SELECT body FROM platform_mail WHERE to_address = $1 AND kind = $2 AND state = 'READY' ORDER BY id DESC",
            address,
            kind,
        )
    assert body is not None, f"no {kind} waits for {address}"
    return str(body)


async def mailed_code(world: World, email: str) -> str:
    """Run the task that mails the code and return the code."""
    await world.run_tasks()
    found = re.search(r"\b\d{6}\b", await waiting_mail(email.lower(), "PRIVACY_CODE"))
    assert found is not None
    return found[0]


async def fulfil_request(world: World, kind: str, email: str) -> str:
    """Open, prove and carry out a request; returns its global id."""
    request = (await open_request(world, kind, email))["privacyRequest"]
    if request["status"] == "VERIFYING_IDENTITY":
        code = await mailed_code(world, email)
        answer = await world.execute(VERIFY, {"id": request["id"], "code": code})
        assert answer["privacyRequestVerify"]["errors"] == []
    await world.run_tasks()
    return str(request["id"])
