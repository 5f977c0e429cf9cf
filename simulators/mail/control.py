"""Steering a running provider over HTTP: accounts, faults, people, and what was accepted."""

import json
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.mail.people import Person, Reaction
from simulators.mail.server import MailServer
from simulators.mail.store import Account, Drop


def control_app(server: MailServer) -> Starlette:
    """Return the app.

    ``GET /accepted`` lists acceptances; ``POST /accounts`` opens one; ``PATCH /accounts/{address}/faults`` changes what
    goes wrong; ``POST /people`` puts a person before all others; ``POST /accounts/{address}/inbox`` delivers a raw
    message; ``GET /accounts/{address}`` counts its folders' messages.
    """
    provider = server.provider

    async def list_accepted(_: Request) -> Response:
        return JSONResponse([acceptance.told() for acceptance in provider.accepted])

    async def open_account(request: Request) -> Response:
        account = provider.add(Account(**await request.json()))
        return JSONResponse({"address": account.address}, status_code=201)

    async def count_messages(request: Request) -> Response:
        folders = _account(request).folders.values()
        return JSONResponse({folder.name: len(folder.messages) for folder in folders})

    async def change_faults(request: Request) -> Response:
        faults = _account(request).faults
        for name, value in (await request.json()).items():
            setattr(faults, name, _fault(name, value))
        return Response(status_code=204)

    async def deliver(request: Request) -> Response:
        _account(request).inbox.add(await request.body(), received_at=datetime.now(UTC))
        return Response(status_code=204)

    async def add_person(request: Request) -> Response:
        person = json.loads(await request.body())
        server.people.insert(0, Person(**{**person, "reaction": Reaction(person["reaction"])}))
        return Response(status_code=201)

    def _account(request: Request) -> Account:
        return provider.accounts[request.path_params["address"].lower()]

    return Starlette(
        routes=[
            Route("/accepted", list_accepted),
            Route("/accounts", open_account, methods=["POST"]),
            Route("/accounts/{address}", count_messages),
            Route("/accounts/{address}/faults", change_faults, methods=["PATCH"]),
            Route("/accounts/{address}/inbox", deliver, methods=["POST"]),
            Route("/people", add_person, methods=["POST"]),
        ]
    )


def _fault(name: str, value: Any) -> Any:
    if name == "drop":
        return Drop(value) if value else None
    return set(value) if name == "unknown_recipients" else value
