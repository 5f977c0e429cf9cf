"""The world of a test: a fresh workspace, people in it, and the API as a client sees it."""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from auth.viewer import Viewer
from domain.accounts import service as accounts
from domain.accounts.queries import Membership
from domain.actor import Actor, ActorKind
from domain.ids import new_id
from domain.secrets.envelope import new_data_key, wrap_data_key
from domain.work import unit_of_work
from domain.workspaces import service as workspaces
from domain.workspaces.models import Member
from domain.workspaces.rules import Role
from jobs import handlers
from jobs.queue import claim, finish
from jobs.registry import JOBS, Again, JobContext
from resolvers.context import Caller, Context, Services
from resolvers.outcome import Outcome, Refused
from schema.execution import SchemaExecution
from schema.root import build_schema
from settings import Settings
from wiring import Application, application

__all__ = [
    "EXECUTION",
    "SCHEMA",
    "Answer",
    "Clock",
    "World",
    "ask",
    "handlers",
    "listen",
    "new_world",
    "test_application",
]

SCHEMA = build_schema()
EXECUTION = SchemaExecution(SCHEMA)
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday, 11:00 in Berlin: inside the default sending window."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as a client sees it."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        """The errors' codes."""
        return [error["extensions"]["code"] for error in self.errors]

    @classmethod
    def of(cls, outcome: Outcome) -> "Answer":
        """Read what came of an operation."""
        data = None if outcome.data is None else orjson.loads(outcome.data)
        return cls(data, orjson.loads(orjson.dumps(outcome.errors)))


async def ask(document: str, variables: Mapping[str, Any] | None = None, *, context: Context) -> Answer:
    """Run a query or a mutation."""
    outcome = await EXECUTION.execute(
        query=document, operation_name=None, variables=dict(variables or {}), context=context
    )
    return Answer.of(outcome)


async def listen(
    document: str, variables: Mapping[str, Any] | None = None, *, context: Context
) -> AsyncGenerator[Answer, None]:
    """Run a subscription."""
    try:
        operation = EXECUTION.prepare(query=document, operation_name=None, context=context)
    except Refused as refused:
        yield Answer.of(refused.outcome)
        return
    async with aclosing(EXECUTION.subscribe(operation, variables=variables, context=context)) as stream:
        async for outcome in stream:
            yield Answer.of(outcome)


class Clock:
    """Tells the time the test says; starts at the real one, because the database has its own."""

    def __init__(self) -> None:
        self.offset_s = 0.0

    def __call__(self) -> datetime:
        """Return now."""
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.offset_s, UTC)


@dataclass(slots=True)
class World:
    """One workspace with an owner. Everything a test does goes through the public functions.

    Attributes:
        app: the composition root's result, shared by the worker's tests.
        actor: the owner.
    """

    app: Application
    workspace_id: UUID
    actor: Actor
    user_id: UUID
    clock: Clock = field(default_factory=Clock)

    @property
    def services(self) -> Services:
        """The process's services."""
        return self.app.services

    def now(self) -> datetime:
        """The test's time."""
        return self.clock()

    def context(self, *, role: Role | None = Role.OWNER, workspace_id: UUID | None = None) -> Context:
        """Return a request's context for a member with a role; None is nobody."""
        workspace_id = workspace_id or self.workspace_id
        viewer = Viewer()
        if role is not None:
            viewer = Viewer(
                kind=ActorKind.USER,
                user_id=self.user_id,
                workspace_id=workspace_id,
                role=role,
                memberships=(Membership(workspace_id=workspace_id, role=role),),
            )
        return Context(
            viewer=viewer, caller=Caller(ip="127.0.0.1"), services=self.services, request_id="test"
        )

    async def execute(
        self, document: str, variables: dict[str, Any] | None = None, *, role: Role | None = Role.OWNER
    ) -> dict[str, Any]:
        """Run a document and return its data; fails the test on a top-level error."""
        answer = await ask(document, variables, context=self.context(role=role))
        assert answer.errors == []
        assert answer.data is not None
        return answer.data

    async def refused(
        self, document: str, variables: dict[str, Any] | None = None, *, role: Role | None = Role.OWNER
    ) -> list[str]:
        """Run a document that must fail and return the codes of its top-level errors."""
        answer = await ask(document, variables, context=self.context(role=role))
        assert answer.errors, answer.data
        return answer.codes

    async def run_tasks(self, *, rounds: int = 20) -> int:
        """Run due tasks of this workspace like the worker, until none is left; returns how many ran."""
        ran = 0
        for _ in range(rounds):
            due = await self.fetch(
                "SELECT id FROM task WHERE state = 'READY' AND due_at <= clock_timestamp() ORDER BY due_at, id"
            )
            if not due:
                break
            for row in due:
                ran += await self._run_task(row["id"])
        return ran

    async def _run_task(self, task_id: UUID) -> int:
        claimed = await claim(workspace_id=self.workspace_id, task_id=task_id, now=self.now())
        if claimed is None:
            return 0
        job = JOBS[claimed.kind]
        context = JobContext(ports=self.services.ports, workspace_id=self.workspace_id, clock=self.clock)
        with suppress(Again):
            await job.handler(context, job.task.from_payload(claimed.payload))
        await finish(claimed, now=self.now())
        return 1

    async def fetch(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Read rows inside the workspace's scope."""
        async with unit_of_work(Actor.job(self.workspace_id), now=self.now()) as work:
            return [dict(row) for row in await work.connection.fetch(sql, *values)]

    async def member(self, role: Role) -> Actor:
        """Add a member and return them as an actor."""
        user_id = await _user()
        async with unit_of_work(Actor.job(self.workspace_id), now=self.now()):
            await Member.create(workspace_id=self.workspace_id, user_id=user_id, role=role)
        return Actor(
            kind=ActorKind.USER, workspace_id=self.workspace_id, id=user_id, user_id=user_id, role=role
        )


async def new_world(app: Application) -> World:
    """Create a user and a workspace of theirs."""
    user_id, workspace_id = await _user(), new_id()
    data_key = new_data_key(key_id=new_id(), workspace_id=workspace_id, entropy=secrets.token_bytes)
    await workspaces.create_workspace(
        user_id=user_id,
        name="Acme Outreach",
        slug=None,
        postal_address="1 Long Street\n12345 Springfield",
        time_zone="Europe/Berlin",
        workspace_id=workspace_id,
        data_key_id=data_key.id,
        wrapped_data_key=wrap_data_key(
            data_key, keyring=app.services.ports.keyring, entropy=secrets.token_bytes
        ),
        trial_credits=10_000,
        now=datetime.now(UTC),
    )
    actor = Actor(
        kind=ActorKind.USER, workspace_id=workspace_id, id=user_id, user_id=user_id, role=Role.OWNER
    )
    return World(app=app, workspace_id=workspace_id, actor=actor, user_id=user_id)


async def _user() -> UUID:
    return await accounts.create_user(
        email=f"{secrets.token_hex(6)}@example.com",
        name="Ada Lovelace",
        password_hash="not a hash",
        verified_at=datetime.now(UTC),
        now=datetime.now(UTC),
    )


@asynccontextmanager
async def test_application(*, database_url: str, redis_url: str, data_dir: Any) -> AsyncIterator[Application]:
    """Open the composition root with settings for tests: loopback allowed, short waits."""
    settings = Settings(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        data_dir=data_dir,
        outbound_allow=("127.0.0.0/8",),
        settle_delay_s=0,
    )
    async with application(settings) as app:
        yield app
