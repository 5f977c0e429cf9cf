"""The commands about persisted documents: `main.py documents …`."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import DomainError
from operations import document_checks, persisted_documents
from operations.operator_commands import Operate

Manifest = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="What the application's build wrote.")
]
OptionalManifest = Annotated[
    Path | None,
    typer.Argument(
        exists=True, dir_okay=False, help="A manifest; without one all that is published is looked at."
    ),
]
Sdl = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="An SDL; without it this version's schema."),
]
Workspace = Annotated[
    str | None, typer.Option(help="The workspace's slug; without it the installation's own documents.")
]
Client = Annotated[str | None, typer.Option(help="The API client's name in the workspace.")]


def register(cli: typer.Typer, *, operate: Operate, owner_url: Callable[[], str]) -> None:
    """Add the commands.

    Args:
        owner_url: where the database is looked through as its tables' owner.
    """
    group = typer.Typer(
        no_args_is_help=True,
        help="Persisted documents: of API clients, and the installation's own, which everybody may send.",
    )
    cli.add_typer(group, name="documents")
    _reading(group, operate)
    _changing(group, operate)

    @group.command("check")
    def check(manifest: OptionalManifest = None, schema: Sdl = None) -> None:
        """Fail when a schema wouldn't answer a document: of a manifest, or of all that are published."""
        sdl = schema.read_text() if schema else None
        try:
            if manifest is None:
                said = asyncio.run(document_checks.check_published(sdl=sdl, owner_url=owner_url()))
            else:
                said = document_checks.check_manifest(content=manifest.read_bytes(), sdl=sdl)
        except DomainError as error:
            sys.exit(error.message)
        typer.echo(said)


def _changing(group: typer.Typer, operate: Operate) -> None:
    @group.command("publish")
    def publish(
        manifest: Manifest,
        workspace: Workspace = None,
        client: Client = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of it.")] = False,
    ) -> None:
        """Publish a manifest as a whole, or say why not."""
        operate(
            lambda _ports: persisted_documents.publish(
                content=manifest.read_bytes(), slug=workspace, client=client, dry_run=dry_run
            )
        )

    @group.command("revoke")
    def revoke(
        document_id: Annotated[str, typer.Argument(help="sha256: and 64 hexadecimal digits.")],
        workspace: Workspace = None,
        client: Client = None,
    ) -> None:
        """Switch off a document."""
        operate(
            lambda _ports: persisted_documents.revoke(document_id=document_id, slug=workspace, client=client)
        )


def _reading(group: typer.Typer, operate: Operate) -> None:
    @group.command("list")
    def list_documents(workspace: Workspace = None) -> None:
        """List documents with their status and what they cost at most."""
        operate(lambda _ports: persisted_documents.list_documents(slug=workspace))

    @group.command("usage")
    def usage(workspace: Workspace = None) -> None:
        """List documents with how often they were sent, and when last."""
        operate(lambda _ports: persisted_documents.tell_usage(slug=workspace))
