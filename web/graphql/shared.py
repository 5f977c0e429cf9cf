"""What all requests and sockets of one endpoint have in common."""

import asyncio
from dataclasses import dataclass, field

from resolvers.observing import Observer
from resolvers.outcome import Execution
from web.graphql.callers import Callers
from web.graphql.listeners import Listeners
from web.graphql.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Who executes, who knows the callers, who counts those that listen, who looks after them, and who is told.

    Attributes:
        observe: told about every operation; None when nobody wants to know.
        leaving: set when the server stops, so that what streams ends.
    """

    execution: Execution
    callers: Callers
    listeners: Listeners
    observe: Observer | None
    standing: Standing = field(default_factory=Standing)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
