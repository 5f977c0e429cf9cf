"""What the operator does from the command line: accounts, tokens, credits, suppressions, audit, erasures."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from domain.ports import Ports
from domain.suppression.rules import SuppressionKind, SuppressionReason
from operations import first_owner, operating, record_keeping

Operate = Callable[[Callable[[Ports], Awaitable[str]]], None]
"""Opens the application, awaits the work and prints what it says."""

Workspace = Annotated[str, typer.Argument(help="The workspace's slug.")]
Days = Annotated[int | None, typer.Option(min=1, help="For how long; for ever without it.")]


def register(cli: typer.Typer, *, operate: Operate) -> None:
    """Add the commands."""
    _accounts(cli, operate)
    _credits(cli, operate)
    _suppressions(cli, operate)
    _records(cli, operate)


def _group(cli: typer.Typer, name: str, help_: str) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, help=help_)
    cli.add_typer(group, name=name)
    return group


def _accounts(cli: typer.Typer, operate: Operate) -> None:
    users, tokens = _group(cli, "user", "Accounts."), _group(cli, "token", "API tokens.")

    @users.command("create")
    def create_user(
        email: str, name: str, password: Annotated[str, typer.Option(prompt=True, hide_input=True)]
    ) -> None:
        """Create an account whose address counts as proven."""
        operate(lambda _ports: first_owner.create_user(email=email, name=name, password=password))

    @tokens.command("create")
    def create_token(
        email: Annotated[str, typer.Argument(help="The member it acts as.")],
        workspace: Workspace,
        name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
        days: Days = None,
    ) -> None:
        """Issue an API token; its text is shown this once."""
        operate(lambda _ports: first_owner.create_token(email=email, slug=workspace, name=name, days=days))


def _credits(cli: typer.Typer, operate: Operate) -> None:
    group = _group(cli, "credits", "Credits.")

    @group.command("grant")
    def grant(
        workspace: Workspace,
        amount: Annotated[int, typer.Argument(help="Whole credits.")],
        reference: Annotated[str, typer.Option(help="What for; the same reference is granted once.")],
        days: Days = None,
    ) -> None:
        """Grant credits to a workspace."""
        operate(
            lambda _ports: operating.grant_credits(
                slug=workspace, amount=amount, reference=reference, days=days
            )
        )


def _suppressions(cli: typer.Typer, operate: Operate) -> None:
    group = _group(cli, "suppressions", "Whom nobody in this installation contacts.")

    @group.command("add-platform")
    def add_platform(
        kind: Annotated[SuppressionKind, typer.Argument(help="What the value is.")],
        value: Annotated[str, typer.Argument(help="Any spelling; kept only as a keyed hash.")],
        reason: Annotated[SuppressionReason, typer.Option(help="Why.")] = SuppressionReason.OBJECTION,
    ) -> None:
        """Suppress somebody in every workspace."""
        operate(
            lambda ports: operating.suppress_everywhere(
                kind=kind, value=value, reason=reason, identity_key=ports.identity_key
            )
        )


def _records(cli: typer.Typer, operate: Operate) -> None:
    audit = _group(cli, "audit", "The audit log.")
    keys = _group(cli, "keys", "The master keys.")
    privacy = _group(cli, "privacy", "The rights of the people we hold data about.")

    @audit.command("verify")
    def verify_audit(workspace: Workspace) -> None:
        """Recompute a workspace's audit chain; fails when it doesn't hold."""
        operate(lambda _ports: record_keeping.verify_audit(slug=workspace))

    @keys.command("rotate")
    def rotate_keys() -> None:
        """Move every data key to the first master key; drop the old one only afterwards."""
        operate(lambda ports: record_keeping.rotate_keys(ports=ports))

    @privacy.command("replay")
    def replay(
        erasures: Annotated[
            Path | None, typer.Option("--list", help="The list of erasures; by default the data folder's.")
        ] = None,
    ) -> None:
        """Erase again whom a restored backup brought back; run it before serving."""
        operate(lambda ports: record_keeping.replay_erasures(ports=ports, path=erasures))
