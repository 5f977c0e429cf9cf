"""Steps with leads: upload a file through the API, import it, look at what is there."""

import io
from typing import Any

import jobs.leads  # noqa: F401 - registers the handlers
from domain.workspaces.rules import Role
from simulators.lead_files import LeadFile
from tests.world import World

JOB = """
id status format encoding delimiter headers estimatedRowCount rowCount progress processedCount createdCount updatedCount
duplicateCount suppressedCount errorCount error
suggestions { index header field confidence isIgnored }
"""
UPLOAD = f"mutation ($file: Upload!) {{ leadImportUpload(input: {{file: $file}}) {{ importJob {{ {JOB} }} errors {{ code message field }} }} }}"
START = f"""
mutation ($input: LeadImportInput!) {{
  leadImport(input: $input) {{ importJob {{ {JOB} }} errors {{ code message field }} }}
}}
"""
SHOW = f"query ($id: ID!) {{ importJob(id: $id) {{ {JOB} rowErrors(first: 100) {{ totalCount nodes {{ index code field dropped }} }} }} }}"
ATTESTED = {"legalBasis": "LEGITIMATE_INTERESTS", "confirm": True}


class SentFile:
    """A file of a multipart request, as the API gets it."""

    def __init__(self, content: bytes, filename: str = "leads.csv") -> None:
        self.filename = filename
        self._content = io.BytesIO(content)

    async def read(self, size: int = -1) -> bytes:
        return self._content.read(size)


async def upload(world: World, content: bytes, *, role: Role = Role.OWNER) -> dict[str, Any]:
    """Upload a file and return the payload."""
    data = await world.execute(UPLOAD, {"file": SentFile(content)}, role=role)
    payload: dict[str, Any] = data["leadImportUpload"]
    return payload


async def start(world: World, import_id: str, *, key: str | None = None, **options: Any) -> dict[str, Any]:
    """Start an import with the suggested mapping and return the payload."""
    given = {"importId": import_id, "attestation": ATTESTED, "idempotencyKey": key or import_id, **options}
    data = await world.execute(START, {"input": given})
    payload: dict[str, Any] = data["leadImport"]
    return payload


async def show(world: World, import_id: str) -> dict[str, Any]:
    """Return an import with its row errors."""
    data = await world.execute(SHOW, {"id": import_id})
    job: dict[str, Any] = data["importJob"]
    return job


async def import_content(world: World, content: bytes, **options: Any) -> dict[str, Any]:
    """Upload, start, run the background work, and return the import."""
    uploaded = await upload(world, content)
    assert uploaded["errors"] == [], uploaded["errors"]
    started = await start(world, uploaded["importJob"]["id"], **options)
    assert started["errors"] == [], started["errors"]
    await world.run_tasks()
    return await show(world, uploaded["importJob"]["id"])


async def import_file(world: World, file: LeadFile, **options: Any) -> dict[str, Any]:
    """Import a generated file."""
    return await import_content(world, file.content, **options)


def counts(job: dict[str, Any]) -> dict[str, Any]:
    """Return what became of the rows."""
    return {
        name: job[f"{name}Count"]
        for name in ("row", "created", "updated", "duplicate", "suppressed", "error")
    }
