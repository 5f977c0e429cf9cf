from decimal import Decimal
from uuid import UUID

import httpx2
import pytest
from pydantic import BaseModel, ConfigDict, Field

from domain.errors import DomainError, LimitReached, NotConfigured, ProviderUnavailable
from domain.sequences.ports import DraftFailed
from integrations.anthropic.claude import Claude, Question, connect, opaque_user_id
from simulators.anthropic import Scripted
from tests.domain.sequences.samples import NOW
from tests.integrations.anthropic.conversation import converse


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    word: str = Field(max_length=3)
    count: int = Field(ge=1, le=5)


QUESTION = Question(
    purpose="test",
    model="claude-sonnet-5-5",
    system="Be brief.",
    messages=({"role": "user", "content": "Say something."},),
    answer=Reply,
    max_tokens=100,
    workspace_id=UUID(int=1),
    now=NOW,
)


async def test_a_call_carries_a_strict_schema_and_nothing_that_could_act() -> None:
    talk = converse()
    answer = await talk.claude.ask(QUESTION)
    assert answer.text == '{"word": "text", "count": 1}'
    (request,) = talk.requests
    assert request["output_config"]["format"]["schema"]["additionalProperties"] is False
    assert "maxLength" not in request["output_config"]["format"]["schema"]["properties"]["word"]
    assert request["metadata"] == {"user_id": opaque_user_id(UUID(int=1))}
    assert request.keys() == {"model", "max_tokens", "system", "messages", "output_config", "metadata"}
    assert str(UUID(int=1)) not in talk.said


async def test_usage_and_cost_are_those_of_the_answer() -> None:
    usage = (await converse().claude.ask(QUESTION)).usage
    assert (usage.input_tokens, usage.output_tokens, usage.retry_count) == (5, 7, 0)
    assert usage.cost_usd == Decimal("0.00008")
    assert (usage.price_version, usage.request_id) == ("claude-sonnet-5-5@2026-10-07", "req_sim_000001")
    assert (usage.purpose, usage.model, usage.stop_reason) == ("test", "claude-sonnet-5-5", "end_turn")


async def test_a_long_system_prompt_is_written_to_the_cache_once_and_read_afterwards() -> None:
    talk = converse()
    question = Question(**{**{f: getattr(QUESTION, f) for f in QUESTION.__slots__}, "system": "rule " * 800})
    first = (await talk.claude.ask(question)).usage
    second = (await talk.claude.ask(question)).usage
    assert (first.cache_write_5m_tokens, first.cache_read_tokens, first.input_tokens) == (1000, 0, 3)
    assert (second.cache_write_5m_tokens, second.cache_read_tokens, second.input_tokens) == (0, 1000, 3)
    assert first.cost_usd is not None
    assert second.cost_usd is not None
    assert second.cost_usd < first.cost_usd


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, DraftFailed),
        (401, NotConfigured),
        (402, LimitReached),
        (403, NotConfigured),
        (404, NotConfigured),
        (413, DraftFailed),
        (429, ProviderUnavailable),
        (500, ProviderUnavailable),
        (529, ProviderUnavailable),
    ],
)
async def test_errors_come_in_our_words_without_content_or_key(status: int, kind: type[DomainError]) -> None:
    talk = converse()
    talk.simulator.script.append(Scripted(status=status))
    with pytest.raises(DomainError) as caught:
        await talk.claude.ask(QUESTION)
    assert type(caught.value) is kind
    assert "req_sim_000001" in caught.value.message
    assert "sim-key" not in caught.value.message


async def test_a_wait_that_the_provider_asks_for_is_passed_on() -> None:
    talk = converse()
    talk.simulator.script.append(Scripted(status=429, headers={"retry-after": "17"}))
    with pytest.raises(ProviderUnavailable) as caught:
        await talk.claude.ask(QUESTION)
    assert caught.value.retry_after_s == 17.0


async def test_overload_that_passes_is_retried_and_counted() -> None:
    talk = converse(max_retries=2)
    for _ in range(2):
        talk.simulator.script.append(Scripted(status=529, headers={"retry-after-ms": "1"}))
    usage = (await talk.claude.ask(QUESTION)).usage
    assert (usage.retry_count, len(talk.requests)) == (2, 3)


async def test_a_wrong_key_says_so() -> None:
    talk = converse(api_key="wrong")
    with pytest.raises(NotConfigured):
        await talk.claude.ask(QUESTION)
    assert talk.requests == []


@pytest.mark.parametrize("failure", [httpx2.ConnectError("down"), httpx2.ReadTimeout("slow")])
async def test_no_connection_may_pass(failure: httpx2.TransportError) -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise failure

    http_client = httpx2.AsyncClient(transport=httpx2.MockTransport(fail))
    client = connect(api_key="k", base_url="http://anthropic.test", http_client=http_client, max_retries=0)
    with pytest.raises(ProviderUnavailable):
        await Claude(client=client).ask(QUESTION)


async def test_a_model_without_a_price_has_no_invented_cost() -> None:
    talk = converse()
    usage = (await Claude(client=talk.claude.client, prices=()).ask(QUESTION)).usage
    assert (usage.cost_usd, usage.price_version) == (None, "")
