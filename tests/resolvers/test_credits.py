"""Credits through the API, and the operator's grant."""

from datetime import timedelta

import pytest

from domain.errors import NotFound
from domain.workspaces.rules import Permission, Role, roles_with
from jobs.credits import check_credits, expire_credits
from operations.operating import grant_credits
from tests.steps import credits as steps
from tests.world import World, new_world

ACCOUNT = "{ creditAccount { available held consumed expired nextExpiry lowWaterMark } }"
ENTRIES = """query ($where: LedgerEntryWhere) { ledgerEntries(where: $where) {
    totalCount nodes { kind account amount operationKey providerCallId deliveryId } } }"""
GRANTS = "{ creditGrants { nodes { source amount remaining reference status } } }"


async def test_the_account_shows_what_the_ledger_moved(world: World) -> None:
    end = (world.now() + timedelta(days=3)).replace(microsecond=0)
    await steps.grant(world, 500, expires_at=end)
    call = await steps.provider_call(world)
    await steps.hold(world, "enrich:1", 10)
    await steps.settle(world, "enrich:1", 4, provider_call_id=call)

    assert await world.execute(ACCOUNT) == {
        "creditAccount": {
            "available": 10_490,
            "held": 6,
            "consumed": 4,
            "expired": 0,
            "nextExpiry": end.isoformat().replace("+00:00", "Z"),
            "lowWaterMark": 2_100,
        }
    }
    data = await world.execute(ENTRIES, {"where": {"providerCallId": {"eq": f"call_{call}"}}})
    nodes = sorted(data["ledgerEntries"]["nodes"], key=lambda node: node["amount"])
    assert [(node["account"], node["amount"]) for node in nodes] == [("HELD", -4), ("CONSUMED", 4)]
    assert {node["operationKey"] for node in nodes} == {"enrich:1"}
    assert all(node["providerCallId"].endswith(str(call)) and node["deliveryId"] is None for node in nodes)


async def test_entries_are_filtered_by_kind_and_account(world: World) -> None:
    await steps.hold(world, "k", 1)
    data = await world.execute(ENTRIES, {"where": {"kind": {"eq": "RESERVE"}, "account": {"eq": "HELD"}}})
    assert data["ledgerEntries"]["totalCount"] == 1
    assert data["ledgerEntries"]["nodes"][0]["amount"] == 1


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("document", [ACCOUNT, ENTRIES, GRANTS])
async def test_rights(world: World, role: Role, document: str) -> None:
    if role in roles_with(Permission.VIEW_CREDITS):
        assert await world.execute(document, role=role)
    else:
        assert await world.refused(document, role=role) == ["FORBIDDEN"]


@pytest.mark.parametrize("document", [ACCOUNT, ENTRIES, GRANTS])
async def test_nobody_sees_credits_without_signing_in(world: World, document: str) -> None:
    assert await world.refused(document, role=None) == ["UNAUTHENTICATED"]


async def test_another_workspaces_credits_are_not_shown(world: World) -> None:
    stranger = await new_world(world.app)
    await steps.hold(stranger, "theirs", 7)

    assert (await world.execute(ACCOUNT))["creditAccount"]["held"] == 0
    data = await world.execute(ENTRIES, {"where": {"operationKey": {"eq": "theirs"}}})
    assert data["ledgerEntries"] == {"totalCount": 0, "nodes": []}


async def test_the_operator_grants_by_slug_and_reference_once(world: World) -> None:
    [workspace] = await world.fetch("SELECT slug FROM workspace")
    said = [
        await grant_credits(slug=workspace["slug"], amount=250, reference="ticket 7", days=30)
        for _ in range(2)
    ]

    assert said[0].startswith("250 credits granted: ")
    assert said[1].startswith("granted before, nothing changed: ")
    data = await world.execute(GRANTS)
    operator = [node for node in data["creditGrants"]["nodes"] if node["source"] == "OPERATOR"]
    assert operator == [
        {"source": "OPERATOR", "amount": 250, "remaining": 250, "reference": "ticket 7", "status": "ACTIVE"}
    ]
    with pytest.raises(NotFound):
        await grant_credits(slug="no-such-workspace", amount=1, reference="x", days=None)


async def test_the_clock_ends_grants_and_checks_balances(world: World) -> None:
    await steps.grant(world, 5, expires_at=world.now() + timedelta(minutes=1))
    world.clock.offset_s = 120
    await expire_credits(world.clock)
    assert (await world.execute(ACCOUNT))["creditAccount"]["expired"] == 5
    await world.fetch("UPDATE credit_account SET expired = 6")
    await check_credits(world.clock)

    [event] = await world.fetch("SELECT payload FROM event WHERE type = 'CreditBalancesDiffer'")
    assert event["payload"] == {"differences": ["expired: stored 6, counted 5"]}
