"""A workspace to read in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest_asyncio

from domain.api_clients.rules import ClientPolicy, DocumentKind
from schema.nodes import ENTITIES
from simulators.mail.people import Reaction
from tests.steps import journeys
from tests.steps.api_clients import examined, key_of, new_client, new_query, publish
from tests.steps.exploring import one_of_each
from tests.steps.journeys import address, row, staged
from tests.world import World, new_world
from wiring import Application


@dataclass(frozen=True, slots=True)
class Lived:
    """A workspace in which the main job was done.

    Attributes:
        ids: type name -> a global id.
    """

    world: World = field(repr=False)
    ids: dict[str, str] = field(repr=False)


@pytest_asyncio.fixture(scope="module")
async def lived(app: Application) -> AsyncIterator[Lived]:
    async with staged(await new_world(app)) as stage:
        for number, reaction in enumerate((Reaction.REPLY, Reaction.BOUNCE)):
            stage.react(address(number), reaction)
        await journeys.sent_run(stage, [row(0), row(1), row(2), row(5, first="", last="", email="nobody")])
        await journeys.read_mail(stage)
        client_id = await new_client(stage.world, ClientPolicy.AUDIT)
        await key_of(stage.world, client_id)
        await publish(stage.world, client_id, *(examined(new_query(), kind=kind) for kind in DocumentKind))
        found = await one_of_each(stage.world)
        ids = {type_.__name__: found[prefix] for prefix, type_ in ENTITIES.items() if prefix in found}
        yield Lived(stage.world, ids)
