"""``python main.py demo``: sets the stage, plays the journey, checks the numbers."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from operations.demo.client import ApiClient, DemoFailed
from operations.demo.journey import Journey
from operations.demo.report import problems, show
from operations.demo.stage import read_log, set_stage
from operations.embedded.servers import Servers


async def play(servers: Servers) -> bool:
    """Play the demo against fresh servers; True when every number adds up."""
    console = Console()
    with TemporaryDirectory(prefix="plera-demo-") as folder:
        try:
            async with set_stage(servers, folder=Path(folder)) as stage:
                return await _play(
                    stage_client := ApiClient(stage.base_url), Journey(stage, stage_client, console)
                )
        except DemoFailed as failure:
            console.print(f"[red]The demo failed:[/red] {failure}")
            console.print(read_log(Path(folder) / "product.log")[-4_000:], markup=False)
            return False


async def _play(client: ApiClient, journey: Journey) -> bool:
    started = time.monotonic()
    try:
        await journey.play()
    finally:
        await client.close()
    show(journey, console=journey.console, seconds=time.monotonic() - started)
    wrong = problems(journey.stage, journey)
    for line in wrong:
        journey.console.print(f"[red]doesn't add up:[/red] {line}")
    if not wrong:
        journey.console.print("[green]Every number adds up.[/green]")
    return not wrong
