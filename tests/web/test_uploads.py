"""Files travel as the GraphQL multipart request specification says."""

import json
import secrets
from datetime import timedelta

import httpx2

from auth.tokens import TokenKind, issue_token
from domain.accounts import service
from tests.world import World

DOCUMENT = """mutation ($file: Upload!, $key: String) {
  suppressionImport(input: {file: $file, idempotencyKey: $key}) {
    suppressionImport { fileName byteSize status } errors { code field }
  }
}"""


async def test_a_list_is_sent_as_multipart(world: World, server_url: str) -> None:
    token = issue_token(TokenKind.SESSION, entropy=secrets.token_bytes)
    await service.open_session(
        user_id=world.user_id,
        token_hash=token.hash,
        ip=None,
        user_agent=None,
        expires_at=world.now() + timedelta(days=1),
        now=world.now(),
    )
    operations = {"query": DOCUMENT, "variables": {"file": None, "key": "list-1"}}
    async with httpx2.AsyncClient(base_url=server_url) as client:
        answer = await client.post(
            "/graphql",
            data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.file"]})},
            files={"0": ("../never\nwrite.csv", b"email\nada@example.com\n", "text/csv")},
            headers={"Authorization": f"Bearer {token.text}", "Plera-Workspace": str(world.workspace_id)},
        )

    assert answer.json()["data"]["suppressionImport"] == {
        "suppressionImport": {"fileName": "../never%0Awrite.csv", "byteSize": 22, "status": "UPLOADED"},
        "errors": [],
    }
    [kept] = await world.fetch("SELECT file_path FROM suppression_import")
    assert kept["file_path"].startswith(str(world.services.ports.data_dir))
    assert "never" not in kept["file_path"]
