"""The main job, step by step, through the public API."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from operations.demo import documents
from operations.demo.client import ApiClient, DemoFailed
from operations.demo.listening import Listener
from operations.demo.stage import PASSWORD, SENDERS, Stage
from simulators.mail.people import Reaction

SUBJECT = "{{ company.name }} and a quieter shop floor"
BODY = """Hello {{ lead.first_name }},

{% if fact.what_company_does %}On your website I read: {{ fact.what_company_does | cite }}

That is why I write to you.

{% endif %}We offer {{ offer }}. {{ cta }}

{{ sender.name }}
"""
REMINDER = """Hello {{ lead.first_name }},

I don't want to crowd your inbox, so this is my only reminder. {{ cta }}

{{ sender.name }}
"""
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
ALL_DAY = [{"day": day, "ranges": [{"opens": "00:00", "closes": "24:00"}]} for day in DAYS]
PATIENCE_S = 90.0


@dataclass(slots=True)
class Outcome:
    """What the API says in the end."""

    imported: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    replies: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    credits: dict[str, Any] = field(default_factory=dict)
    approved: int = 0
    answered: bool = False


class Journey:
    """Plays the job and shows how far it is."""

    def __init__(self, stage: Stage, client: ApiClient, console: Console) -> None:
        self.stage = stage
        self._client = client
        self.console = console
        self.outcome = Outcome()
        self.listener: Listener | None = None

    async def play(self) -> None:
        """Play it from sign-in to the answered mail; raises DemoFailed."""
        await self._sign_in()
        self.listener = Listener(self._client)
        listening = asyncio.create_task(self.listener.listen())
        try:
            senders = await self._connect_senders()
            import_id = await self._import_leads()
            run_id = await self._launch(import_id, senders)
            await self._enrich_and_draft(run_id)
            await self._approve(run_id)
            await self._hear_replies(run_id)
            await self._answer()
            await self._look_back(run_id)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _sign_in(self) -> None:
        answer = await self._client.ask(documents.SET_UP, token=self.stage.set_up_token)
        self._client.sign_in(answer["setUp"]["token"])
        await self._client.ask(documents.WORKSPACE)
        # three a day per company, the default, would hold the answer till tomorrow
        await self._client.ask(documents.LIMITS)
        self.console.print("Signed in, made a workspace")

    async def _connect_senders(self) -> list[str]:
        ports = self.stage.mail.ports
        ids: list[str] = []
        for address in SENDERS:
            login = {"host": "localhost", "username": address, "password": PASSWORD}
            answer = await self._client.ask(
                documents.CONNECT,
                address=address,
                name="Ada Demo",
                smtp={**login, "port": ports.smtps},
                imap={**login, "port": ports.imaps},
            )
            ids.append(answer["senderConnect"]["sender"]["id"])
            await self._client.ask(documents.ALWAYS_OPEN, id=ids[-1], days=ALL_DAY)

        async def verified() -> tuple[int, int]:
            nodes = (await self._client.ask(documents.SENDERS))["senders"]["nodes"]
            failed = [node for node in nodes if node["status"] in {"REAUTH_REQUIRED", "DEGRADED"}]
            if failed:
                raise DemoFailed(f"a sender could not be verified: {failed}")
            return sum(node["status"] == "ACTIVE" for node in nodes), len(SENDERS)

        await self._wait("Verify senders", verified)
        return ids

    async def _import_leads(self) -> str:
        content = self.stage.audience.content
        answer = await self._client.upload(documents.UPLOAD, name="fair.csv", content=content)
        job = answer["leadImportUpload"]["importJob"]
        self.console.print(
            f"Uploaded {len(content):,} bytes, read as {job['encoding']} with {job['delimiter']!r}"
        )
        await self._client.ask(documents.IMPORT, id=job["id"])

        async def imported() -> tuple[int, int]:
            self.outcome.imported = (await self._client.ask(documents.IMPORT_JOB, id=job["id"]))["importJob"]
            if self.outcome.imported["status"] == "FAILED":
                raise DemoFailed(f"the import failed: {self.outcome.imported['error']}")
            done = self.outcome.imported["status"] == "DONE"
            return int(100 * self.outcome.imported["progress"]) if not done else 100, 100

        await self._wait("Import leads (%)", imported)
        return str(job["id"])

    async def _launch(self, import_id: str, senders: list[str]) -> str:
        ask = self._client.ask
        profile = (await ask(documents.PROFILE))["strategyProfileCreate"]["strategyProfile"]["id"]
        written = await ask(documents.SEQUENCE, subject=SUBJECT, body=BODY, again=REMINDER)
        sequence = written["sequenceCreate"]["sequence"]["id"]
        await ask(documents.ACTIVATE, id=sequence)
        play = (
            await ask(
                documents.PLAY, profile=profile, sequence=sequence, importJob=import_id, senders=senders
            )
        )["playCreate"]["play"]
        if play["missing"]:
            raise DemoFailed(f"the play isn't ready: {play['missing']}")
        first = (await ask(documents.LAUNCH, id=play["id"]))["playLaunch"]["run"]["id"]
        again = (await ask(documents.LAUNCH, id=play["id"]))["playLaunch"]["run"]["id"]
        if first != again:
            raise DemoFailed("the same key launched twice")
        return str(first)

    async def _enrich_and_draft(self, run_id: str) -> None:
        async def drafted() -> tuple[int, int]:
            run = await self._run(run_id)
            stages = {item["stage"]: item["count"] for item in run["statistics"]["stages"]}
            waiting = sum(stages.get(stage, 0) for stage in ("DISCOVERED", "ENRICHING", "DRAFTING"))
            found = run["statistics"]["discovered"]
            return found - waiting if found else 0, max(found, self.stage.audience.good)

        await self._wait("Enrich and draft", drafted)
        node = (await self._client.ask(documents.QUEUE))["reviewQueue"]["nodes"][0]
        self.console.print(
            f"\n[bold]{node['subject']}[/bold] (drafted by {node['draftedBy']})\n{node['textBody']}"
        )

    async def _approve(self, run_id: str) -> None:
        count = (await self._client.ask(documents.APPROVABLE))["messages"]["totalCount"]
        answer = await self._client.ask(documents.APPROVE, count=count, key=str(uuid.uuid4()))
        self.outcome.approved = answer["messagesApprove"]["approvedCount"]
        self.console.print(f"Approved {self.outcome.approved} messages")

        async def sent() -> tuple[int, int]:
            steps = (await self._run(run_id))["statistics"]["steps"]
            first = steps[0]
            return first["sent"], first["drafted"]

        await self._wait("Send by SMTP", sent)

    async def _hear_replies(self, run_id: str) -> None:
        expected = len(self.stage.audience.reactions)

        async def heard() -> tuple[int, int]:
            await self._count_replies()
            return sum(self.outcome.replies.values()), expected

        await self._wait("Hear replies by IMAP", heard)

    async def _count_replies(self) -> None:
        labels = ("INTERESTED", "QUESTION", "REFERRAL", "NOT_NOW", "HUMAN", "OOO", "BOUNCE", "UNSUBSCRIBE")
        for label in labels:
            answer = await self._client.ask(documents.REPLIES, label=label)
            self.outcome.replies[label] = answer["replies"]["totalCount"]

    async def _answer(self) -> None:
        thread = (await self._client.ask(documents.THREAD))["replies"]["nodes"][0]["thread"]
        accepted = len(self.stage.mail.provider.accepted)
        await self._client.ask(documents.ANSWER, id=thread["id"])

        async def gone() -> tuple[int, int]:
            return len(self.stage.mail.provider.accepted) - accepted, 1

        await self._wait("Answer in the thread", gone)
        self.outcome.answered = True

    async def _look_back(self, run_id: str) -> None:
        await asyncio.sleep(1)
        self.outcome.run = await self._run(run_id)
        for state in ("SCHEDULED", "SENT", "UNKNOWN", "FAILED", "SUPPRESSED", "CANCELLED"):
            answer = await self._client.ask(documents.DELIVERIES, state=state)
            self.outcome.deliveries[state] = answer["deliveries"]["totalCount"]
        self.outcome.credits = await self._client.ask(documents.CREDITS)

    async def _run(self, run_id: str) -> Any:
        run = (await self._client.ask(documents.RUN, id=run_id))["run"]
        if run["status"] in {"PAUSED", "FAILED"}:
            raise DemoFailed(f"the run is {run['status']}: {run['pauseReason']}")
        return run

    async def _wait(self, label: str, look: Callable[[], Awaitable[tuple[int, int]]]) -> None:
        """Show a bar until ``look`` says (all, all)."""
        columns = (
            TextColumn("{task.description:24}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            bar = progress.add_task(label, total=None)
            async with _patience(label):
                while True:
                    done, total = await look()
                    progress.update(bar, completed=done, total=total)
                    if done >= total:
                        return
                    await asyncio.sleep(0.3)


class _patience:
    """Ends a wait with words instead of a bare TimeoutError."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._timeout = asyncio.timeout(PATIENCE_S)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise DemoFailed(f"{self._label}: not done after {PATIENCE_S:.0f} s") from None


def expected_replies(stage: Stage) -> dict[Reaction, int]:
    """Return how many recipients react in which way."""
    reactions = list(stage.audience.reactions.values())
    return {reaction: reactions.count(reaction) for reaction in set(reactions)}
