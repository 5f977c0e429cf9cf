"""Strategy profiles: who writes, what is offered, what proves it."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.plays import profiles
from domain.plays.profiles import ProfileState
from resolvers import plays
from resolvers.reading.describe import Order, Predicate
from schema.filters import DateTimeFilter, EnumFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, entity, read_id, read_optional_id
from schema.reads import object_of
from schema.scalars import URL, DateTime
from schema.writes import change_of

_LATEST = Predicate(
    """NOT EXISTS (SELECT FROM strategy_profile later WHERE later.workspace_id = t.workspace_id
       AND later.lineage_id = t.lineage_id AND later.number > t.number)"""
)


@strawberry.type(description="Who writes.")
class Persona:
    """The person whose name stands under the messages."""

    name: str = strawberry.field(description="Their name.")
    role: str = strawberry.field(description="What they do there.")
    company: str = strawberry.field(description="Whom they write for.")


@strawberry.type(description="A claim that drafts may make about the offer.")
class Proof:
    """Something true, and where it is shown to be."""

    claim: str = strawberry.field(description="In the words drafts may use.")
    evidence_url: URL = strawberry.field(description="Where it is shown to be true.")

    @strawberry.field(description="The last day it may be made; absent for good.")
    def valid_until_on(self) -> date | None:
        """Read the stored day."""
        row: Any = self
        return date.fromisoformat(row["valid_until_on"]) if row["valid_until_on"] else None


@strawberry.type(description="Whom the offer is for.")
class IdealCustomer:
    """The kind of person and company it helps."""

    titles: list[str] = strawberry.field(description="Job titles.")
    industries: list[str] = strawberry.field(description="Industries.")
    sizes: list[str] = strawberry.field(description='Numbers of employees: "11-50", "1000+".')
    geos: list[str] = strawberry.field(description='ISO 3166 codes: "DE", "US-CA".')


@entity("strategy_profile", prefix="strat", search="t.name ILIKE '%' || {} || '%'")
class StrategyProfile(Node):
    """One version of a strategy profile. A version never changes; an edit writes the next one."""

    name: str = column(description="What the workspace calls it.")
    version: int = column("t.number", description="1, 2, 3 …; updates name the latest they saw.")
    status: ProfileState = column(description="ACTIVE is what the next run drafts from.")
    persona: Persona = column(description="Who writes.")
    offer: str = column(description="What is offered.")
    proofs: list[Proof] = column(description="What drafts may claim; nothing else.")
    tone: str = column(description="How it is written.")
    cta: str = column(description="The one thing the reader is asked to do.")
    forbidden_claims: list[str] = column(description="What drafts must never claim.")
    languages: list[str] = column(description="BCP 47, the preferred one first.")
    icp: IdealCustomer = column(description="Whom it is for.")
    created_at: DateTime = column(description="When this version was written.")


@strawberry.input(description="Who writes.")
class PersonaInput:
    """A persona."""

    name: str = strawberry.field(description="1 to 200 characters.")
    role: str = strawberry.field(description="1 to 200 characters.")
    company: str = strawberry.field(description="1 to 200 characters.")


@strawberry.input(description="A claim, and where it is shown to be true.")
class ProofInput:
    """A proof."""

    claim: str = strawberry.field(description="Up to 4,000 characters.")
    evidence_url: URL = strawberry.field(description="A public http(s) address.")
    valid_until_on: date | None = strawberry.field(default=None, description="The last day it may be made.")


@strawberry.input(description="Whom the offer is for.")
class IdealCustomerInput:
    """An ideal customer."""

    titles: list[str] = strawberry.field(default_factory=list, description="Up to 50 job titles.")
    industries: list[str] = strawberry.field(default_factory=list, description="Up to 50 industries.")
    sizes: list[str] = strawberry.field(default_factory=list, description='"11-50", "1000+".')
    geos: list[str] = strawberry.field(default_factory=list, description="ISO 3166 codes.")


@strawberry.input(description="A new strategy profile.")
class StrategyProfileCreateInput:
    """Arguments of `strategyProfileCreate`."""

    name: str = strawberry.field(description="What the workspace calls it.")
    persona: PersonaInput = strawberry.field(description="Who writes.")
    offer: str = strawberry.field(description="What is offered; up to 4,000 characters.")
    tone: str = strawberry.field(description="How it is written.")
    cta: str = strawberry.field(description="The one thing the reader is asked to do.")
    proofs: list[ProofInput] = strawberry.field(
        default_factory=list, description="Up to 20; an ACTIVE profile needs one that is still valid."
    )
    forbidden_claims: list[str] = strawberry.field(default_factory=list, description="Up to 50.")
    languages: list[str] = strawberry.field(default_factory=lambda: ["en"], description="BCP 47.")
    icp: IdealCustomerInput | None = strawberry.field(default=None, description="Whom it is for.")
    status: ProfileState = strawberry.field(default=ProfileState.ACTIVE, description="DRAFT or ACTIVE.")


@strawberry.input(description="The next version of a profile; what is left out stays.")
class StrategyProfileUpdateInput:
    """Arguments of `strategyProfileUpdate`."""

    id: strawberry.ID = strawberry.field(description="Any version of the profile.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="What it is called.")
    persona: PersonaInput | None = strawberry.field(default=strawberry.UNSET, description="Who writes.")
    offer: str | None = strawberry.field(default=strawberry.UNSET, description="What is offered.")
    tone: str | None = strawberry.field(default=strawberry.UNSET, description="How it is written.")
    cta: str | None = strawberry.field(
        default=strawberry.UNSET, description="What the reader is asked to do."
    )
    proofs: list[ProofInput] | None = strawberry.field(default=strawberry.UNSET, description="All of them.")
    forbidden_claims: list[str] | None = strawberry.field(default=strawberry.UNSET, description="All.")
    languages: list[str] | None = strawberry.field(default=strawberry.UNSET, description="All of them.")
    icp: IdealCustomerInput | None = strawberry.field(default=strawberry.UNSET, description="Whom it is for.")
    status: ProfileState | None = strawberry.field(
        default=None, description="DRAFT or ACTIVE; the latest version's when absent."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse if it isn't the latest."
    )


@conditions(StrategyProfile, search="Part of the name.", sort=("created_at", "name"))
class StrategyProfileWhere:
    """Which profiles."""

    status: EnumFilter[ProfileState] | None = None
    name: StringFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.type(description="The answer of strategy profile mutations.")
class StrategyProfilePayload(Payload):
    """A version of a profile after a change."""

    strategy_profile: StrategyProfile | None = strawberry.field(default=None, description="The version.")


def _versions(
    versions_of: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="All versions of this profile instead, whichever version it names."),
    ] = None,
) -> Predicate:
    profile_id = read_optional_id(versions_of, StrategyProfile, field="versionsOf")
    if profile_id is None:
        return _LATEST
    return Predicate(
        """t.lineage_id = (SELECT named.lineage_id FROM strategy_profile named
           WHERE named.workspace_id = t.workspace_id AND named.id = {})""",
        (profile_id,),
    )


@strawberry.type
class StrategyQuery:
    """Root fields about strategy profiles."""

    strategy_profiles = list_of(
        StrategyProfile,
        order=(Order("created_at", descending=True),),
        within=_versions,
        description="The latest version of each strategy profile, newest first.",
    )

    strategy_profile = object_of(
        StrategyProfile, description="One version of a strategy profile; null when it is absent."
    )


@strawberry.type
class StrategyMutation:
    """Root fields that change strategy profiles."""

    @strawberry.mutation(description="Write a strategy profile.")
    async def strategy_profile_create(
        self, info: Info, input: StrategyProfileCreateInput
    ) -> StrategyProfilePayload:
        """Write it."""

        async def use_case() -> UUID:
            profile = profiles.Profile(**_values(fields_of(input, without=("status",))))
            return await plays.create_profile(info.context, profile=profile, state=input.status)

        return await answer(info, StrategyProfilePayload, use_case())

    @strawberry.mutation(
        description="Write the next version of a profile; runs keep the one they began with."
    )
    async def strategy_profile_update(
        self, info: Info, input: StrategyProfileUpdateInput
    ) -> StrategyProfilePayload:
        """Write the next version."""

        async def use_case() -> UUID:
            return await plays.update_profile(
                info.context,
                profile_id=read_id(input.id, StrategyProfile),
                changes=_values(fields_of(input, without=("id", "status", "expected_version"))),
                state=input.status,
                expected_version=input.expected_version,
            )

        return await answer(info, StrategyProfilePayload, use_case())

    strategy_profile_archive = change_of(
        StrategyProfile,
        StrategyProfilePayload,
        plays.archive_profile,
        description="Put a profile away with all its versions.",
    )


def _values(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a profile; null says nothing."""
    given = {name: value for name, value in given.items() if value is not None}
    if "persona" in given:
        given["persona"] = profiles.Persona(**vars(given["persona"]))
    if "proofs" in given:
        given["proofs"] = tuple(profiles.Proof(**vars(proof)) for proof in given["proofs"])
    if "icp" in given:
        lists = vars(given["icp"])
        given["icp"] = profiles.IdealCustomer(**{name: tuple(values) for name, values in lists.items()})
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
