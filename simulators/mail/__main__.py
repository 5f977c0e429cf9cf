"""``python -m simulators.mail --config mail.json``: the provider as a process of its own, steered over HTTP.

The configuration, all keys optional::

    {"host": "127.0.0.1", "folder": "var/mail",
     "ports": {"smtps": 4650, "submission": 5870, "imaps": 9930, "imap": 1430}, "control_port": 8025,
     "accounts": [{"address": "jo@example.com", "password": "secret", "files_sent_copies": true}],
     "people": [{"pattern": "*@acme.example", "reaction": "REPLY", "delay_s": 5}]}

``folder`` keeps the authority (``ca.pem`` is what clients must trust) and ``accepted.jsonl``, one line per accepted
message. Once it listens it prints one line of JSON: the ports, the authority's file and the journal's.
"""

import argparse
import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn

from simulators.mail.certificates import Authority
from simulators.mail.control import control_app
from simulators.mail.people import Person, Reaction
from simulators.mail.server import MailServer, Ports
from simulators.mail.store import Account, Provider


def build_server(config: dict[str, Any]) -> MailServer:
    """Return the provider that a configuration describes."""
    folder = Path(config.get("folder", "var/mail"))
    authority = Authority(folder=folder)
    provider = Provider(
        [Account(**account) for account in config.get("accounts", [])], journal=folder / "accepted.jsonl"
    )
    people = [
        Person(**{**person, "reaction": Reaction(person["reaction"])}) for person in config.get("people", [])
    ]
    ports = Ports(**config.get("ports", {}))
    return MailServer(provider, authority, people=people, host=config.get("host", "127.0.0.1"), ports=ports)


async def run(config: dict[str, Any]) -> None:
    """Serve until a signal ends it."""
    async with build_server(config) as server:
        control = uvicorn.Config(
            control_app(server),
            host=server.host,
            port=config.get("control_port", 8025),
            log_level="warning",
            ws="none",
        )
        folder = Path(config.get("folder", "var/mail"))
        told = {
            **asdict(server.ports),
            "control": control.port,
            "ca_file": str(server.authority.ca_file),
            "journal": str(folder / "accepted.jsonl"),
        }
        sockets = [control.bind_socket()] if control.port == 0 else None
        if sockets:
            told["control"] = sockets[0].getsockname()[1]
        print(json.dumps(told), flush=True)
        await uvicorn.Server(control).serve(sockets=sockets)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A mail provider with people behind it.")
    parser.add_argument("--config", type=Path, help="a JSON file")
    path = parser.parse_args().config
    asyncio.run(run(json.loads(path.read_text()) if path else {}))
