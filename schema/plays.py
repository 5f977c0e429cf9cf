"""Plays: what to do, for whom, with which sequence, within which budget."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry

from domain.plays.rules import LEADS_PER_RUN_MAX, Budget, PlayState
from domain.plays.specs import PlaySpec
from resolvers import plays
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of, many
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, computed, entity, one, read_id
from schema.play_sources import PlaySource, PlaySourceInput, read_source
from schema.reads import object_of
from schema.scalars import Credits, DateTime
from schema.senders import Sender
from schema.sequences import Sequence
from schema.strategy import StrategyProfile
from schema.writes import change_of


@entity("play_sender", prefix="plsd")
class PlaySender(Node):
    """A sender that a play's messages may leave from."""

    sender: Sender = one(key="sender_id", target=lambda: Sender, description="The sender.")


@entity("play", prefix="play", search="t.name ILIKE '%' || {} || '%'")
class Play(Node):
    """What to do, for whom, with which sequence. Runs of it keep what they began with."""

    name: str = column(description="What the workspace calls it.")
    goal: str | None = column(description="What it is for, in words.")
    status: PlayState = column(description="Whether it can be run.")
    profile: StrategyProfile = one(
        key="profile_id",
        target=lambda: StrategyProfile,
        description="The version it was written with; a run takes the one that is active at its launch.",
    )
    sequence: Sequence = one(
        key="sequence_id",
        target=lambda: Sequence,
        description="The version it was written with; a run takes the one that is active at its launch.",
    )
    source: PlaySource = column(description="Where its leads come from.")
    enrichment_plan: list[str] = column(
        description="Enrichment sources in the order they are asked; addresses are judged in any case."
    )
    senders: Connection[PlaySender] = many(
        key="play_id", target=lambda: PlaySender, description="Whom its messages may leave from."
    )
    budget_credits: Credits = column(description="Credits after which a run of it pauses.")
    max_leads: int = column(description="Leads after which a run of it looks no further.")
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When it was written.")
    updated_at: DateTime = column(description="When it was changed last.")

    @computed(description="What it lacks before it can be launched, a sentence each; empty when nothing.")
    async def missing(self, info: Info) -> list[str]:
        """Look what it refers to."""
        row: Any = self
        return await info.context.loader(plays.list_missing).load(row["id"])


@strawberry.input(description="A new play.")
class PlayCreateInput:
    """Arguments of `playCreate`."""

    name: str = strawberry.field(description="1 to 200 characters.")
    profile_id: strawberry.ID = strawberry.field(description="The strategy profile, by any version.")
    sequence_id: strawberry.ID = strawberry.field(description="The sequence, by any version.")
    source: PlaySourceInput = strawberry.field(description="Where its leads come from.")
    budget_credits: Credits = strawberry.field(description="Credits after which a run of it pauses.")
    sender_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Up to 100 senders; it can't be launched without one that can send."
    )
    enrichment_plan: list[str] = strawberry.field(
        default_factory=list, description="Names of enrichment sources, in the order they are asked."
    )
    max_leads: int = strawberry.field(default=LEADS_PER_RUN_MAX, description="1 to 100,000.")
    goal: str | None = strawberry.field(default=None, description="What it is for, in words.")


@strawberry.input(description="Changes to a play; what is left out stays.")
class PlayUpdateInput:
    """Arguments of `playUpdate`."""

    id: strawberry.ID = strawberry.field(description="The play.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 200 characters.")
    goal: str | None = strawberry.field(default=strawberry.UNSET, description="Null removes it.")
    profile_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="The profile.")
    sequence_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The sequence."
    )
    source: PlaySourceInput | None = strawberry.field(default=strawberry.UNSET, description="The source.")
    budget_credits: Credits | None = strawberry.field(default=strawberry.UNSET, description="The budget.")
    sender_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="All of them."
    )
    enrichment_plan: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="All of them, in order."
    )
    max_leads: int | None = strawberry.field(default=strawberry.UNSET, description="1 to 100,000.")
    expected_version: int | None = strawberry.field(default=None, description="Refuse if it changed since.")


@conditions(Play, search="Part of the name.", sort=("created_at", "updated_at", "name"))
class PlayWhere:
    """Which plays."""

    status: EnumFilter[PlayState] | None = None
    name: StringFilter | None = None
    sequence_id: IDFilter | None = None
    profile_id: IDFilter | None = None
    created_at: DateTimeFilter | None = None
    updated_at: DateTimeFilter | None = None


@strawberry.type(description="The answer of play mutations.")
class PlayPayload(Payload):
    """A play after a change."""

    play: Play | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class PlaysQuery:
    """Root fields about plays."""

    plays = list_of(
        Play,
        order=(Order("created_at", descending=True),),
        description="The workspace's plays, newest first.",
    )

    play = object_of(Play, description="One play; null when it is absent.")


@strawberry.type
class PlaysMutation:
    """Root fields that change plays."""

    @strawberry.mutation(description="Write a play; it is READY at once when it lacks nothing.")
    async def play_create(self, info: Info, input: PlayCreateInput) -> PlayPayload:
        """Write it."""

        async def use_case() -> UUID:
            given = fields_of(input, without=("budget_credits", "max_leads"))
            budget = Budget(max_credits=input.budget_credits, max_leads=input.max_leads)
            return await plays.create_play(info.context, spec=PlaySpec(**_values(given), budget=budget))

        return await answer(info, PlayPayload, use_case())

    @strawberry.mutation(description="Change a play; runs that have begun keep what they began with.")
    async def play_update(self, info: Info, input: PlayUpdateInput) -> PlayPayload:
        """Change it."""

        async def use_case() -> UUID:
            return await plays.update_play(
                info.context,
                play_id=read_id(input.id, Play),
                changes=_values(fields_of(input, without=("id", "expected_version"))),
                expected_version=input.expected_version,
            )

        return await answer(info, PlayPayload, use_case())

    play_pause = change_of(
        Play, PlayPayload, plays.pause_play, description="Hold everything the play does, in all its runs."
    )

    play_resume = change_of(
        Play,
        PlayPayload,
        plays.resume_play,
        description="Let a paused play go on, and its runs that aren't paused themselves.",
    )

    play_archive = change_of(
        Play, PlayPayload, plays.archive_play, description="Put a play away; its runs must have ended."
    )


def _values(given: dict[str, Any]) -> dict[str, Any]:
    """Return what a play is made of; null says nothing, but removes a goal."""
    values = {name: value for name, value in given.items() if value is not None or name == "goal"}
    readers: dict[str, Callable[[Any], Any]] = {
        "profile_id": lambda id_: read_id(id_, StrategyProfile, field="profileId"),
        "sequence_id": lambda id_: read_id(id_, Sequence, field="sequenceId"),
        "sender_ids": lambda ids: tuple(read_id(id_, Sender, field="senderIds") for id_ in ids),
        "source": read_source,
        "enrichment_plan": tuple,
    }
    values = {name: readers[name](value) if name in readers else value for name, value in values.items()}
    if "budget_credits" in values:
        values["max_credits"] = values.pop("budget_credits")
    return values
