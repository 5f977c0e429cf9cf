"""A headless Chromium, driven over its DevTools protocol; for smoke tests of our own pages."""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.waiting import HANGS_S, in_time, until

CHROMIUM = shutil.which("chromium")


class Page:
    """One tab: runs JavaScript in it, and keeps what its console and its policy complained about.

    Attributes:
        addresses: everything it asked for over a network, sockets included.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        self._documents: set[str] = set()
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def listen(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            else:
                self._note(method=message["method"], params=message.get("params", {}))

    def _note(self, *, method: str, params: dict[str, Any]) -> None:
        match method:
            case "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(str(params["args"]))
            case "Page.frameNavigated":
                self._documents.add(params["frame"]["loaderId"])
            case "Network.requestWillBeSent":
                self.addresses.append(params["request"]["url"])
            case "Network.webSocketCreated":
                self.addresses.append(params["url"])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        answer = await self._ask(method, **params)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        return await asyncio.wait_for(self._answers[number], timeout=HANGS_S)

    async def navigate(self, url: str) -> None:
        """Go to an address; what is run from now on, runs in its document."""
        begun = await self.call("Page.navigate", url=url)
        assert "errorText" not in begun, begun
        await until(lambda: begun["loaderId"] in self._documents)

    async def run(self, script: str) -> Any:
        """Return what an expression comes to; a promise is awaited."""
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait for a JavaScript condition; in a document that is being left nothing is true."""
        script = {"expression": f"Boolean({condition})", "returnByValue": True}
        try:
            async with in_time():
                while True:
                    result = (await self._ask("Runtime.evaluate", **script)).get("result", {})
                    assert "exceptionDetails" not in result, result["exceptionDetails"]
                    if result.get("result", {}).get("value"):
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"never came true: {condition}; complaints: {self.complaints}") from None


@contextlib.asynccontextmanager
async def opened_page(url: str, *, profile: Path, width: int = 1280) -> AsyncIterator[Page]:
    """Open the URL in a browser of its own with a fresh profile; ``width`` in CSS pixels."""
    async with _browser(profile) as address, _connected(address) as browser:
        target = await browser.call("Target.createTarget", url="about:blank")
        host = address.partition("/")[0]
        async with _connected(f"{host}/devtools/page/{target['targetId']}") as page:
            for domain in ("Page", "Runtime", "Log", "Network"):
                await page.call(f"{domain}.enable")
            await page.call(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=800,
                deviceScaleFactor=1,
                mobile=False,
            )
            await page.navigate(url)
            await page.until(f"location.href === {url!r} && document.readyState === 'complete'")
            yield page


@contextlib.asynccontextmanager
async def _browser(profile: Path) -> AsyncIterator[str]:
    assert CHROMIUM is not None
    options = ["--headless", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"]
    options.append("--disable-dev-shm-usage")  # containers have little there
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium's sandbox refuses to start as root
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *options,
        f"--user-data-dir={profile}",
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
    )
    try:
        yield await until(lambda: _debugging_address(process, profile=profile))
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _debugging_address(process: asyncio.subprocess.Process, *, profile: Path) -> str | None:
    """Read where its DevTools listen from the file in which it says so."""
    assert process.returncode is None, "Chromium ended before it listened"
    try:
        port, path = (profile / "DevToolsActivePort").read_text().splitlines()
    except (FileNotFoundError, ValueError):
        return None
    return f"127.0.0.1:{port}{path}"


@contextlib.asynccontextmanager
async def _connected(address: str) -> AsyncIterator[Page]:
    async with connect(f"ws://{address}", max_size=None) as socket:
        page = Page(socket)
        listening = asyncio.create_task(page.listen())
        try:
            yield page
        finally:
            listening.cancel()
