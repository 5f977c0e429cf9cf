"""A GraphQL client of a few lines: the demo uses the public API and nothing else."""

import json
from typing import Any

import httpx2


class DemoFailed(Exception):
    """The API refused something, or the numbers don't add up."""


class ApiClient:
    """Talks to one installation."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.authorization = ""
        self._http = httpx2.AsyncClient(base_url=base_url, timeout=60)

    def sign_in(self, token: str) -> None:
        """Use a session's token from now on."""
        self.authorization = self._http.headers["authorization"] = f"Bearer {token}"

    async def ask(self, document: str, **variables: Any) -> Any:
        """Run a document and return its data; raises DemoFailed on any error, also one in a payload."""
        response = await self._http.post("/graphql", json={"query": document, "variables": variables})
        return _data(response)

    async def upload(self, document: str, *, name: str, content: bytes, **variables: Any) -> Any:
        """Run a document whose variable ``file`` is an upload (the multipart request convention)."""
        operations = json.dumps({"query": document, "variables": {**variables, "file": None}})
        response = await self._http.post(
            "/graphql",
            data={"operations": operations, "map": json.dumps({"0": ["variables.file"]})},
            files={"0": (name, content, "text/csv")},
            headers={"graphql-require-preflight": "1"},
        )
        return _data(response)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()


def _data(response: httpx2.Response) -> Any:
    answer = response.json()
    if answer.get("errors"):
        raise DemoFailed(json.dumps(answer["errors"])[:2_000])
    for payload in answer["data"].values():
        if isinstance(payload, dict) and payload.get("errors"):
            raise DemoFailed(json.dumps(payload["errors"])[:2_000])
    return answer["data"]
