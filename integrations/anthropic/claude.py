"""One call to the Messages API: structured output, a time limit, its cost, and errors in our words.

``messages.parse`` isn't used: it raises on output that breaks the schema before anybody has seen what the call
cost. So the schema goes out with ``create``, and the answer is validated by whoever asked.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import httpx2
from anthropic import APIError, AsyncAnthropic, transform_schema
from anthropic.types import Message, MessageParam
from pydantic import BaseModel

from domain.sequences.ports import AiUsage
from integrations.anthropic.errors import as_domain_error
from integrations.anthropic.pricing import LIST_PRICES, Price, TokenCounts, cost_usd, find_price

TIMEOUT_S: Final = 90.0
BASE_URL: Final = "https://api.anthropic.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: ``system`` stays the same over a play's leads, so that it can be cached; no tools, ever."""

    purpose: str
    model: str
    system: str
    messages: tuple[MessageParam, ...]
    answer: type[BaseModel]
    max_tokens: int
    workspace_id: UUID
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The text of the answer, why it ended, and what it cost."""

    text: str
    stop_reason: str
    usage: AiUsage


def connect(
    *,
    api_key: str,
    base_url: str = BASE_URL,
    http_client: httpx2.AsyncClient | None = None,
    max_retries: int = 2,
) -> AsyncAnthropic:
    """Return the SDK's client; key and address are given, so that it doesn't look into the environment."""
    return AsyncAnthropic(
        api_key=api_key,
        base_url=base_url,
        http_client=http_client,
        max_retries=max_retries,
        timeout=TIMEOUT_S,
    )


@dataclass(frozen=True, kw_only=True)
class Claude:
    """Asks, and keeps the books. ``prices`` may be the operator's own."""

    client: AsyncAnthropic
    prices: Sequence[Price] = LIST_PRICES
    timeout_s: float = TIMEOUT_S
    monotonic: Callable[[], float] = field(default=time.monotonic)

    async def ask(self, question: Question) -> Answer:
        """Send one question.

        Raises:
            ProviderUnavailable, NotConfigured, LimitReached, DraftFailed: see ``errors.as_domain_error``.
        """
        started_s = self.monotonic()
        try:
            raw = await self.client.messages.with_raw_response.create(
                model=question.model,
                max_tokens=question.max_tokens,
                system=[{"type": "text", "text": question.system, "cache_control": {"type": "ephemeral"}}],
                messages=question.messages,
                output_config={
                    "format": {"type": "json_schema", "schema": transform_schema(question.answer)}
                },
                metadata={"user_id": opaque_user_id(question.workspace_id)},
                timeout=self.timeout_s,
            )
            message = await raw.parse()
        except APIError as error:
            raise as_domain_error(error) from error
        usage = self._usage(
            question,
            message,
            request_id=raw.request_id or "",
            retry_count=raw.retries_taken,
            latency_ms=round((self.monotonic() - started_s) * 1000),
        )
        text = "".join(block.text for block in message.content if block.type == "text")
        return Answer(text=text, stop_reason=usage.stop_reason, usage=usage)

    def _usage(
        self, question: Question, message: Message, *, request_id: str, retry_count: int, latency_ms: int
    ) -> AiUsage:
        tokens = _token_counts(message)
        price = find_price(
            self.prices, model=message.model, prompt_tokens=tokens.prompt, on=question.now.date()
        )
        is_us_only = message.usage.inference_geo == "us"
        return AiUsage(
            purpose=question.purpose,
            model=message.model,
            request_id=request_id,
            stop_reason=message.stop_reason or "",
            input_tokens=tokens.uncached,
            output_tokens=tokens.output,
            cache_write_5m_tokens=tokens.cache_write_5m,
            cache_write_1h_tokens=tokens.cache_write_1h,
            cache_read_tokens=tokens.cache_read,
            cost_usd=cost_usd(price, tokens=tokens, is_us_only=is_us_only) if price else None,
            price_version=price.version if price else "",
            latency_ms=latency_ms,
            retry_count=retry_count,
        )


def opaque_user_id(workspace_id: UUID) -> str:
    """Return what the provider may know about who asks: a hash, never a name or an address."""
    return hashlib.sha256(b"plera-workspace:" + workspace_id.bytes).hexdigest()


def _token_counts(message: Message) -> TokenCounts:
    usage = message.usage
    written = usage.cache_creation
    return TokenCounts(
        uncached=usage.input_tokens,
        output=usage.output_tokens,
        # Without the breakdown by lifetime everything was written for five minutes, which is what we ask for.
        cache_write_5m=(
            written.ephemeral_5m_input_tokens if written else usage.cache_creation_input_tokens or 0
        ),
        cache_write_1h=written.ephemeral_1h_input_tokens if written else 0,
        cache_read=usage.cache_read_input_tokens or 0,
    )
