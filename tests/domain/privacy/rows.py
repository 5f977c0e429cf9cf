"""Rows of every table that can hold something about a person, written by SQL."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from domain.actor import Actor
from domain.ids import new_id
from domain.work import unit_of_work
from tests.world import World


@dataclass(slots=True)
class Rows:
    """Writes rows of one workspace; ``ids`` names them by table."""

    world: World
    ids: dict[str, UUID] = field(default_factory=dict)

    async def add(self, table: str, **values: Any) -> UUID:
        """Insert a row and return its id."""
        id_ = new_id()
        values = {"id": id_, "workspace_id": self.world.workspace_id, **values}
        places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
        plain = [
            orjson.dumps(value).decode() if isinstance(value, dict | list) else value
            for value in values.values()
        ]
        async with unit_of_work(Actor.job(self.world.workspace_id), now=self.world.now()) as work:
            await work.connection.execute(
                f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", *plain
            )
        self.ids[table] = id_
        return id_

    async def run_of_a_play(self) -> None:
        """A sender, a play and a run, without anybody in it."""
        now = self.world.now()
        await self.add(
            "sender", kind="SMTP_IMAP", address="me@ours.example", domain="ours.example", display_name="Me"
        )
        profile = await self.add(
            "strategy_profile",
            lineage_id=new_id(),
            number=1,
            name="P",
            persona={},
            offer="o",
            tone="t",
            cta="c",
        )
        sequence = await self.add("sequence", lineage_id=new_id(), number=1, name="S")
        await self.add("sequence_step", sequence_id=sequence, position=1)
        play = await self.add(
            "play", name="Play", profile_id=profile, sequence_id=sequence, source={}, budget_credits=10
        )
        await self.add(
            "run", play_id=play, profile_id=profile, sequence_id=sequence, source={}, enrichment_plan=[],
            inputs_hash="h", seed=1, budget_credits=10, started_at=now,
        )  # fmt: skip

    async def person(self, email: str, *, identity: str, name: str = "Ada Lovelace") -> UUID:
        """A lead with a row in every table that can be about them; needs ``run_of_a_play``."""
        now, ids = self.world.now(), self.ids
        company = await self.add(
            "company", name=f"Firm {new_id()}", name_key=f"{new_id()}", domain=f"{new_id().hex}.example"
        )
        lead = await self.add(
            "lead", company_id=company, email=email.lower(), email_identity=identity, full_name=name,
            first_name=name.split(maxsplit=1)[0], last_name=name.split()[1], source_kind="UPLOAD", linkedin_key=f"in/{new_id().hex}",
        )  # fmt: skip
        call = await self.add(
            "provider_call", lead_id=lead, provider="website", endpoint="page", request_fingerprint=f"fp {email}",
            status="OK", started_at=now,
        )  # fmt: skip
        fact = {"source_kind": "PUBLIC", "source": "website", "confidence": 0.9, "retrieved_at": now}
        await self.add(
            "field_value", lead_id=lead, field="TITLE", value="Countess", provider_call_id=call, **fact
        )
        await self.add("field_value", company_id=company, field="TITLE", value="CTO", about=name, **fact)
        enrollment = await self.add(
            "enrollment",
            run_id=ids["run"],
            lead_id=lead,
            sequence_id=ids["sequence"],
            sender_id=ids["sender"],
            status="ACTIVE",
        )
        await self.add("run_lead", run_id=ids["run"], lead_id=lead, stage="SENDING")
        thread = await self.add("thread", sender_id=ids["sender"], lead_id=lead, subject="s", last_at=now)
        message = await self.add(
            "message", run_id=ids["run"], enrollment_id=enrollment, step_id=ids["sequence_step"], thread_id=thread,
            lead_id=lead, sender_id=ids["sender"], to_address=email, subject="s", text_body="t", html_body="h",
            content_hash="c", drafted_by="liquid", status="APPROVED",
        )  # fmt: skip
        await self.add(
            "approval", message_id=message, content_hash="c", decided_by=new_id(), decision="APPROVED"
        )
        await self.add(
            "ai_call", lead_id=lead, purpose="draft", model="m", prompt_version="1", price_version="1"
        )
        delivery = await self.add(
            "delivery", message_id=message, enrollment_id=enrollment, step_id=ids["sequence_step"],
            sender_id=ids["sender"], lead_id=lead, rfc_message_id=f"<{new_id()}@ours.example>", content_hash="c",
            to_address=email, to_domain=email.rpartition("@")[2], state="SENT", due_at=now, sent_at=now,
        )  # fmt: skip
        await self.add("delivery_attempt", delivery_id=delivery, epoch=1, kind="OUTCOME", result="SENT")
        await self.reply(email, lead_id=lead, thread_id=thread, delivery_id=delivery)
        await self.add("classification", reply_id=ids["reply"], label="HUMAN", confidence=1.0, method="RULE")
        await self.add(
            "bounce", reply_id=ids["reply"], delivery_id=delivery, recipient=email, bounce_class="SOFT",
            action="delayed", remedy="WAIT", bounced_on=now.date(),
        )  # fmt: skip
        return lead

    async def reply(self, address: str, **values: Any) -> UUID:
        """A mail that came in."""
        return await self.add(
            "reply", sender_id=self.ids["sender"], folder="INBOX", uid_validity=1, uid=1,
            rfc_message_id=f"<{new_id()}@theirs.example>", from_address=address, subject="s", text_body="t",
            stripped_text="t", received_at=self.world.now(), matched_by="ADDRESS", participant="LEAD", label="HUMAN",
            label_confidence=1.0, label_method="RULE", label_status="PROPOSED", **values,
        )  # fmt: skip

    async def set_text(self, table: str, column: str, text: str) -> None:
        """Overwrite a column of the row that was added last, as text or as JSON."""
        async with unit_of_work(Actor.job(self.world.workspace_id), now=self.world.now()) as work:
            type_ = await work.connection.fetchval(
                "SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = $2",
                table,
                column,
            )
            values = {"text": text, "jsonb": orjson.dumps([text]).decode(), "text[]": [text]}
            if type_ in values:
                await work.connection.execute(
                    f"UPDATE {table} SET {column} = $2 WHERE workspace_id = $3 AND id = $1",
                    self.ids[table],
                    values[type_],
                    self.world.workspace_id,
                )
