"""The composition root knows the drafters that the settings allow."""

from contextlib import AsyncExitStack

from pydantic import SecretStr

from integrations.liquid.engine import LiquidEngine
from settings import Settings
from wiring import _drafters


async def test_a_model_writes_only_with_a_key() -> None:
    async with AsyncExitStack() as stack:
        without = _drafters(Settings(), templates=LiquidEngine(), stack=stack)
        with_key = _drafters(
            Settings(anthropic_api_key=SecretStr("sim-key")), templates=LiquidEngine(), stack=stack
        )
    assert list(without) == ["liquid-template"]
    assert list(with_key) == ["liquid-template", "anthropic"]
