"""The main job through the public API, over a mail provider, companies' sites and a name server on loopback."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from domain.replies.polling import Poller
from jobs.sending import DeliveryPump
from operations.demo import documents
from operations.demo.journey import ALL_DAY, BODY, REMINDER, SUBJECT
from simulators.company_sites.companies import Company, SiteKind
from simulators.mail.people import Person, Reaction
from tests.steps.enrichment import COMPANIES, Outside, outside
from tests.steps.leads import SentFile
from tests.steps.runs import with_ports
from tests.steps.sending import PASSWORD, Post, running_post
from tests.world import World

US = "jo@example.com"
HOSTS: tuple[Company, ...] = tuple(
    COMPANIES[kind] for kind in (SiteKind.STRUCTURED, SiteKind.PLAIN, SiteKind.GERMAN)
)
NAMES = ("Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances")
"""Without digits: a number in a message needs evidence."""
HEADER = "First Name,Last Name,Email,Job Title,Company Name,Website URL,Country,Email Opt Out"
LAUNCH = """
mutation ($id: ID!, $key: String!) {
  playLaunch(input: {id: $id, idempotencyKey: $key}) { run { id } errors { code message field } }
}"""

PLAY = """
mutation ($profile: ID!, $sequence: ID!, $source: PlaySourceInput!, $senders: [ID!]!) {
  playCreate(input: {
    name: "Trade fair contacts", profileId: $profile, sequenceId: $sequence, source: $source, senderIds: $senders
    enrichmentPlan: ["website"], budgetCredits: 4000
  }) { play { id missing } errors { code message field } }
}"""


@dataclass(slots=True)
class Stage:
    """A workspace whose outside world is on loopback.

    Attributes:
        world: with ports that reach the loopback world.
        sender_ids: global ids of the senders that were connected.
    """

    world: World
    post: Post
    outside: Outside
    sender_ids: list[str] = field(default_factory=list)

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Run a document; fails the test on any error, also one in a payload."""
        data = await self.world.execute(document, variables)
        for payload in data.values():
            assert not (isinstance(payload, dict) and payload.get("errors")), payload["errors"]
        return data

    def react(self, address: str, reaction: Reaction, **manner: Any) -> None:
        """Have a recipient react to what they get."""
        self.post.server.people.append(Person(address, reaction, **manner))


@asynccontextmanager
async def staged(world: World, **policy: Any) -> AsyncIterator[Stage]:
    """Serve the outside world; ``policy`` changes the provider, or fields of the sending policy."""
    policy = {"base_url": "https://outreach.example", "may_leave": True, **policy}
    async with running_post(world, **policy) as post, outside() as sites:
        ports = sites.ports(world)
        world = with_ports(
            world,
            mailbox=post.mailbox,
            sending=post.ports.sending,
            sources=ports.sources,
            email_verifier=ports.email_verifier,
        )
        post.ports = world.services.ports
        yield Stage(world, post, sites)


def row(number: int, *, email: str | None = None, **changes: str) -> str:
    """Return a line of the file: somebody at one of the companies."""
    company = HOSTS[number % len(HOSTS)]
    values = {
        "first": NAMES[number],
        "last": "Hopper",
        "email": email or address(number),
        "title": "Head of Operations",
        "company": company.name,
        "website": f"http://{company.host}/",
        "country": company.country,
        "opt_out": "",
        **changes,
    }
    return ",".join(values.values())


def address(number: int) -> str:
    """Return the address of the person in ``row(number)``."""
    return HOSTS[number % len(HOSTS)].email(NAMES[number].lower())


async def connect_sender(stage: Stage, mailbox: str = US) -> str:
    """Connect a mailbox through the API, have it verified, and let it send at any time."""
    login = {"host": "localhost", "username": mailbox, "password": PASSWORD}
    ports = stage.post.server.ports
    data = await stage.ask(
        documents.CONNECT,
        address=mailbox,
        name="Jo Doe",
        smtp={**login, "port": ports.smtps},
        imap={**login, "port": ports.imaps},
    )
    sender_id = str(data["senderConnect"]["sender"]["id"])
    await stage.ask(documents.ALWAYS_OPEN, id=sender_id, days=ALL_DAY)
    await stage.world.run_tasks()
    [sender] = [
        node for node in (await stage.ask(documents.SENDERS))["senders"]["nodes"] if node["id"] == sender_id
    ]
    assert sender["status"] == "ACTIVE", sender["statusReason"]
    stage.sender_ids.append(sender_id)
    return sender_id


async def import_rows(stage: Stage, rows: Sequence[str], *, header: str = HEADER) -> dict[str, Any]:
    """Upload a file and take it in; returns the import with its id."""
    file = SentFile("\n".join([header, *rows]).encode())
    import_id = (await stage.ask(documents.UPLOAD, file=file))["leadImportUpload"]["importJob"]["id"]
    await stage.ask(_import_document(import_id), id=import_id)
    await stage.world.run_tasks()
    job = (await stage.ask(documents.IMPORT_JOB, id=import_id))["importJob"]
    assert job["status"] == "DONE", job["error"]
    return {"id": import_id, **job}


def _import_document(import_id: str) -> str:
    """The demo's document has one key, and a journey may import twice."""
    return documents.IMPORT.replace("demo-import", import_id)


async def play_over(stage: Stage, **source: Any) -> str:
    """Write profile, sequence of two steps, and a play over a source (``importJob=id``); returns the play's id."""
    ask = stage.ask
    profile = (await ask(documents.PROFILE))["strategyProfileCreate"]["strategyProfile"]["id"]
    written = await ask(documents.SEQUENCE, subject=SUBJECT, body=BODY, again=REMINDER)
    sequence = written["sequenceCreate"]["sequence"]["id"]
    await ask(documents.ACTIVATE, id=sequence)
    data = await ask(PLAY, profile=profile, sequence=sequence, source=source, senders=stage.sender_ids)
    play = data["playCreate"]["play"]
    assert play["missing"] == []
    return str(play["id"])


async def launch(stage: Stage, play_id: str, *, key: str = "launch") -> str:
    """Launch a play; returns the run's id."""
    return str((await stage.ask(LAUNCH, id=play_id, key=key))["playLaunch"]["run"]["id"])


async def drafted_run(stage: Stage, rows: Sequence[str]) -> str:
    """Connect a sender, import, launch, and work until the messages wait for review; returns the run's id."""
    await connect_sender(stage)
    job = await import_rows(stage, rows)
    run_id = await launch(stage, await play_over(stage, importJob=job["id"]))
    await stage.world.run_tasks()
    return run_id


async def sent_run(stage: Stage, rows: Sequence[str]) -> str:
    """Do all that, approve everything, and let the first messages leave; returns the run's id."""
    run_id = await drafted_run(stage, rows)
    await approve_all(stage)
    await send_due(stage)
    return run_id


async def approve_all(stage: Stage) -> int:
    """Approve every message that is ready; returns how many."""
    count = (await stage.ask(documents.APPROVABLE))["messages"]["totalCount"]
    data = await stage.ask(documents.APPROVE, count=count, key=str(uuid4()))
    return int(data["messagesApprove"]["approvedCount"])


async def send_due(stage: Stage) -> None:
    """Send what is due, as the worker does, and do what follows."""
    await stage.world.run_tasks()
    await DeliveryPump(stage.world.services.ports, stage.world.clock).drain(stage.world.workspace_id)
    await stage.world.run_tasks()


async def read_mail(stage: Stage) -> None:
    """Read every mailbox, as the worker does, and do what follows."""
    poller = Poller(ports=stage.world.services.ports, clock=stage.world.clock, interval_s=0)
    for sender_id in stage.sender_ids:
        await poller.poll(workspace_id=stage.world.workspace_id, sender_id=UUID(sender_id.partition("_")[2]))
    await stage.world.run_tasks()


async def days_pass(stage: Stage, days: int) -> None:
    """Let time pass, and then work as the worker does."""
    await age(stage, days)
    await send_due(stage)


async def age(stage: Stage, days: int) -> None:
    """Let time pass by moving all that the workspace remembers into the past."""
    connection = await asyncpg.connect(stage.world.app.settings.database_url)
    try:
        await connection.execute("SET session_replication_role = replica")  # the log is append-only otherwise
        for table, columns in await connection.fetch(_MOMENTS):
            changes = ", ".join(f"{column} = {column} - make_interval(days => $2)" for column in columns)
            await connection.execute(
                f"UPDATE {table} SET {changes} WHERE workspace_id = $1", stage.world.workspace_id, days
            )
    finally:
        await connection.close()


_MOMENTS = """
SELECT c.table_name, array_agg(c.column_name::text)
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = 'timestamp with time zone'
  AND c.table_name IN (SELECT table_name FROM information_schema.columns WHERE column_name = 'workspace_id')
GROUP BY 1
"""


def letters(stage: Stage, to: str) -> list[EmailMessage]:
    """Return what the provider accepted for a recipient, in order."""
    return [
        message_from_bytes(accepted.raw, policy=default)
        for accepted in stage.post.provider.accepted
        if accepted.recipient == to
    ]


async def run_of(stage: Stage, run_id: str) -> dict[str, Any]:
    """Return a run with its statistics, as the API shows it."""
    run: dict[str, Any] = (await stage.ask(documents.RUN, id=run_id))["run"]
    return run


async def deliveries(stage: Stage) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    rows = await stage.world.fetch("SELECT state, count(*)::int AS count FROM delivery GROUP BY state")
    return {found["state"]: found["count"] for found in rows}


async def replies(stage: Stage) -> dict[str, int]:
    """Return how many replies have each label."""
    rows = await stage.world.fetch("SELECT label, count(*)::int AS count FROM reply GROUP BY label")
    return {found["label"]: found["count"] for found in rows}
