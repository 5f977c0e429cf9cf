"""What all requests and sockets of one endpoint have in common."""

import asyncio
from dataclasses import dataclass, field

from resolvers.observing import Observer
from resolvers.outcome import Execution
from web.graphql.callers import Callers
from web.graphql.cross_origin import CrossOrigin
from web.graphql.listeners import Listeners
from web.graphql.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Who executes, knows the callers, counts and looks after those that listen, says which pages may ask, and is told.

    Attributes:
        observe: told about every operation; None when nobody wants to know.
        leaving: set when the server stops, so that what streams ends.
    """

    execution: Execution
    callers: Callers
    listeners: Listeners
    cross_origin: CrossOrigin
    observe: Observer | None
    standing: Standing = field(default_factory=Standing)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
