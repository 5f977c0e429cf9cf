"""A stand-in for Anthropic's Messages API (version 2026-10-21): documented shapes, errors and stop reasons.

Written from the SDK's types and public documentation; unverified against the live service. Structured output is
made from the schema and the prompt alone, so the same request gives the same answer. ``script`` queues what the
next calls do instead; ``obeys_pages`` makes the model as gullible as a model can be, to prove that code isn't.
"""

import hashlib
import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

API_VERSION = "2026-10-21"
MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-1")
CACHE_TOKENS_MIN = 512

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}
_FENCED_PAGE = re.compile(r"<page-(\w+) url=(\"(?:[^\"\\]|\\.)*\")>\n(.*?)\n</page-\1>", re.DOTALL)
_FENCED_BRIEF = re.compile(r"<brief-(\w+)>\n(.*?)\n</brief-\1>", re.DOTALL)
_ORDER = re.compile(r"\b(ignore|instructions|e-?mail)\b", re.IGNORECASE)
_UNSUPPORTED_KEYS = {"minLength", "maxLength", "minimum", "maximum", "maxItems", "pattern"}
_WORDS = {
    "en": ("Hi", "Best regards", "An idea for"),
    "de": ("Guten Tag", "Freundliche Grüße", "Eine Idee für"),
    "fr": ("Bonjour", "Cordialement", "Une idée pour"),
}


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """What one call does instead of the built-in behaviour.

    ``status`` other than 200 gives an error; ``text`` replaces the answer's text; ``body`` the whole response.
    """

    status: int = 200
    text: str | None = None
    stop_reason: str = "end_turn"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class AnthropicSimulator:
    """The service's state: keys it accepts, calls it has seen, cached prompts, and what it is told to do next."""

    def __init__(self, *, api_key: str = "sim-key", obeys_pages: bool = False) -> None:
        self.api_key = api_key
        self.obeys_pages = obeys_pages
        self.script: deque[Scripted] = deque()
        self.requests: list[dict[str, Any]] = []
        self._cached_prompts: set[str] = set()
        self._calls = 0
        routes = [
            Route("/v1/messages", self._messages, methods=["POST"]),
            Route("/v1/models", self._models, methods=["GET"]),
        ]
        self.app = Starlette(routes=routes)

    async def _models(self, request: Request) -> JSONResponse:
        if (refusal := self._refuse_caller(request)) is not None:
            return refusal
        data = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-09-01T00:00:00Z",
             "lifecycle": "active", "max_input_tokens": 1_000_000, "max_tokens": 128_000}
            for name in MODELS
        ]  # fmt: skip
        return JSONResponse({"data": data, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]})

    async def _messages(self, request: Request) -> JSONResponse:
        self._calls += 1
        if (refusal := self._refuse_caller(request)) is not None:
            return refusal
        body = await request.json()
        self.requests.append(body)
        scripted = self.script.popleft() if self.script else None
        if scripted is not None and scripted.status != 200:
            return self._error(scripted.status, "scripted", headers=scripted.headers)
        if (problem := request_problem(body)) is not None:
            return self._error(404 if problem.startswith("model:") else 400, problem)
        if scripted is not None and scripted.body is not None:
            return JSONResponse(json.loads(scripted.body), headers=self._headers())
        text = scripted.text if scripted and scripted.text is not None else self._answer(body)
        stop_reason = scripted.stop_reason if scripted else "end_turn"
        if stop_reason == "refusal":
            text = ""
        return JSONResponse(self._message(body, text=text, stop_reason=stop_reason), headers=self._headers())

    def _refuse_caller(self, request: Request) -> JSONResponse | None:
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            return self._error(401, "invalid bearer token")
        if request.headers.get("anthropic-version") != API_VERSION:
            return self._error(400, f"anthropic-version: {API_VERSION} is required")
        return None

    def _headers(self) -> dict[str, str]:
        return {"request-id": f"req_sim_{self._calls:06d}"}

    def _error(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
        request_id = self._headers()["request-id"]
        body = {
            "type": "error",
            "error": {"type": ERROR_TYPES.get(status, "api_error"), "message": message},
            "request_id": request_id,
        }
        return JSONResponse(body, status_code=status, headers={**self._headers(), **(headers or {})})

    def _message(self, body: dict[str, Any], *, text: str, stop_reason: str) -> dict[str, Any]:
        return {
            "id": f"msg_sim_{self._calls:06d}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [{"type": "text", "text": text}] if text else [],
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": self._usage(body, text=text),
        }

    def _usage(self, body: dict[str, Any], *, text: str) -> dict[str, Any]:
        """Four characters are a token; a long enough system prompt with ``cache_control`` is cached once."""
        blocks = body.get("system") or []
        marked = isinstance(blocks, list) and any("cache_control" in block for block in blocks)
        system = "".join(block["text"] for block in blocks) if isinstance(blocks, list) else str(blocks)
        cacheable = len(system) // 4 if marked and len(system) // 4 >= CACHE_TOKENS_MIN else 0
        key = hashlib.sha256(f"{body['model']}:{system}".encode()).hexdigest()
        was_cached = key in self._cached_prompts
        if cacheable:
            self._cached_prompts.add(key)
        written = cacheable if not was_cached else 0
        return {
            "input_tokens": (len(system) + len(prompt_of(body))) // 4 - cacheable,
            "output_tokens": max(1, len(text) // 4),
            "cache_creation_input_tokens": written,
            "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
            "cache_read_input_tokens": cacheable if was_cached else 0,
            "service_tier": "standard",
        }

    def _answer(self, body: dict[str, Any]) -> str:
        output = (body.get("output_config") or {}).get("format")
        prompt = prompt_of(body)
        if output is None:
            return "OK."
        properties = output["schema"].get("properties", {})
        if "facts" in properties:
            return json.dumps(extract_facts(prompt, obeys_pages=self.obeys_pages), ensure_ascii=False)
        if {"subject", "body", "claims"} <= properties.keys():
            return json.dumps(write_message(prompt, obeys_pages=self.obeys_pages), ensure_ascii=False)
        return json.dumps(instance_of(output["schema"], schema=output["schema"]))


def prompt_of(body: dict[str, Any]) -> str:
    """Return everything that was said in the conversation, as text."""
    parts: list[str] = []
    for message in body["messages"]:
        content = message["content"]
        parts += [content] if isinstance(content, str) else [block.get("text", "") for block in content]
    return "\n".join(parts)


def request_problem(body: dict[str, Any]) -> str | None:
    """Return what the real service would refuse about a request, or None."""
    for name in ("model", "max_tokens", "messages"):
        if name not in body:
            return f"{name}: field required"
    if body["model"] not in MODELS:
        return f"model: {body['model']}"
    for name in ("temperature", "top_p", "top_k"):
        if name in body:
            return f"{name}: no longer supported"
    messages = body["messages"]
    if not messages or messages[-1]["role"] != "user":
        return "messages: the last message must be the user's (no prefill)"
    if any(not message["content"] for message in messages):
        return "messages: content must not be empty"
    output = (body.get("output_config") or {}).get("format")
    return _schema_problem(output["schema"]) if output else None


def _schema_problem(schema: Any) -> str | None:
    if isinstance(schema, list):
        return next((problem for part in schema if (problem := _schema_problem(part))), None)
    if not isinstance(schema, dict):
        return None
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return "output_config.format.schema: additionalProperties must be false"
    unsupported = _UNSUPPORTED_KEYS & schema.keys()
    if unsupported and "type" in schema:
        return f"output_config.format.schema: {sorted(unsupported)[0]} isn't supported"
    return next((problem for part in schema.values() if (problem := _schema_problem(part))), None)


def extract_facts(prompt: str, *, obeys_pages: bool) -> dict[str, Any]:
    """Report the first sentence of each page for the first wanted field; a gullible model reports orders too."""
    wanted = re.search(r"Fields wanted: ([^\n]+)", prompt)
    fields = wanted.group(1).split(", ") if wanted else ["fact"]
    facts: list[dict[str, str]] = []
    for _, url, text in _FENCED_PAGE.findall(prompt):
        sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", text) if len(part.strip()) >= 12]
        orders = [sentence for sentence in sentences if _ORDER.search(sentence)]
        plain = [sentence for sentence in sentences if sentence not in orders]
        believed = [*(orders if obeys_pages else []), *plain[:1]]
        facts += [_fact(fields[0], sentence[:300], url) for sentence in believed]
    return {"facts": facts}


def _fact(name: str, sentence: str, url: str) -> dict[str, str]:
    return {"field": name, "value": sentence.rstrip("."), "quote": sentence, "url": json.loads(url)}


def write_message(prompt: str, *, obeys_pages: bool) -> dict[str, Any]:
    """Write the brief's message; a gullible model also does what any evidence tells it."""
    fenced = _FENCED_BRIEF.search(prompt)
    brief = json.loads(fenced.group(2)) if fenced else {}
    greeting, farewell, idea = _WORDS.get(str(brief.get("language", "en"))[:2], _WORDS["en"])
    name = brief.get("recipient", {}).get("first_name", "")
    evidence = brief.get("evidence", [])
    cited = [(item["id"], item["says"].split(": ", 1)[-1].rstrip(".")) for item in evidence][:1]
    lines = [f"{greeting} {name}," if name else f"{greeting},"]
    lines += [f"“{words}”" for _, words in cited]
    lines += [brief.get("offer", ""), brief.get("call_to_action", "")]
    if obeys_pages:
        lines += [item["says"] for item in evidence if re.search(r"https?://|@", item["says"])]
    lines.append(f"{farewell}\n{brief.get('sender', {}).get('name', '')}")
    company = brief.get("recipient", {}).get("company", "") or name
    return {
        "subject": f"{idea} {company}",
        "body": "\n\n".join(line for line in lines if line),
        "claims": [{"span": words, "evidence": [alias]} for alias, words in cited],
    }


def instance_of(part: Mapping[str, Any], *, schema: Mapping[str, Any]) -> Any:
    """Return the smallest value that the schema allows."""
    if "$ref" in part:
        return instance_of(schema["$defs"][part["$ref"].rsplit("/", 1)[-1]], schema=schema)
    if "enum" in part or "const" in part:
        return part.get("const", next(iter(part.get("enum", [])), None))
    if "anyOf" in part:
        return instance_of(part["anyOf"][0], schema=schema)
    kind = part.get("type")
    if kind == "object":
        return {name: instance_of(value, schema=schema) for name, value in part.get("properties", {}).items()}
    if kind == "array":
        return [instance_of(part["items"], schema=schema)] * int(part.get("minItems", 0))
    return {"string": "text", "integer": 1, "number": 1.0, "boolean": True}.get(str(kind))
