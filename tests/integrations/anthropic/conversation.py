"""Our adapter, talking over HTTP shapes to the simulator in this process."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2

from domain.sequences.ports import ExtractionBrief, FactSubject, SourcePage
from integrations.anthropic.claude import Claude, connect
from simulators.anthropic import AnthropicSimulator

TAG = "7f3a9c51d2e84b60"
PAGE = SourcePage(
    url="https://www.northwind.example/about",
    text="Northwind builds payment terminals for 4,200 corner shops. We are based in Lyon.",
    fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
)
EXTRACTION = ExtractionBrief(
    workspace_id=UUID(int=1),
    subject=FactSubject.COMPANY,
    pages=(PAGE,),
    fields=("what_company_does", "location"),
    now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
)


@dataclass
class Conversation:
    simulator: AnthropicSimulator
    claude: Claude

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.simulator.requests

    @property
    def said(self) -> str:
        """Everything that ever left for the provider."""
        return repr(self.requests)


def converse(*, api_key: str = "sim-key", max_retries: int = 0, obeys_pages: bool = False) -> Conversation:
    simulator = AnthropicSimulator(obeys_pages=obeys_pages)
    http_client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=simulator.app))
    client = connect(
        api_key=api_key, base_url="http://anthropic.test", http_client=http_client, max_retries=max_retries
    )
    return Conversation(simulator=simulator, claude=Claude(client=client))
