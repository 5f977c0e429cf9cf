"""The stand-in refuses what the service refuses, so that a wrong adapter fails here and not in production."""

from typing import Any

import httpx2
import pytest

from simulators.anthropic import API_VERSION, AnthropicSimulator

HEADERS = {"authorization": "Bearer sim-key", "anthropic-version": API_VERSION}
REQUEST: dict[str, Any] = {
    "model": "claude-haiku-5-5",
    "max_tokens": 10,
    "messages": [{"role": "user", "content": "Hi"}],
}


async def post(body: dict[str, Any], headers: dict[str, str] = HEADERS) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=AnthropicSimulator().app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://anthropic.test") as client:
        return await client.post("/v1/messages", json=body, headers=headers)


async def test_a_plain_request_is_answered() -> None:
    response = await post(REQUEST)
    assert response.status_code == 200
    assert response.json()["content"] == [{"type": "text", "text": "OK."}]
    assert response.headers["request-id"] == "req_sim_000001"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"x-api-key": "sim-key", "anthropic-version": API_VERSION}, 401),
        ({**HEADERS, "authorization": "Bearer other"}, 401),
        ({**HEADERS, "anthropic-version": "2023-06-01"}, 400),
    ],
)
async def test_callers_are_refused(headers: dict[str, str], status: int) -> None:
    response = await post(REQUEST, headers)
    assert response.status_code == status
    assert response.json()["type"] == "error"


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 0.5},
        {"messages": []},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "{"}]},
        {
            "output_config": {
                "format": {"type": "json_schema", "schema": {"type": "object", "properties": {}}}
            }
        },
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "string", "maxLength": 3}}}},
    ],
)
async def test_requests_of_the_old_or_wrong_shape_are_refused(wrong: dict[str, Any]) -> None:
    response = await post({**REQUEST, **wrong})
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


async def test_an_unknown_model_is_not_found() -> None:
    assert (await post({**REQUEST, "model": "claude-1"})).status_code == 404
