"""What the operator reads at start."""

import typer


def show_addresses(base_url: str, *, set_up_link: str | None) -> None:
    """Print where everything is and how to sign in."""
    typer.echo(f"\n  Plera runs at        {base_url}")
    typer.echo(f"  GraphQL              {base_url}/graphql")
    typer.echo(f"  Explorer             {base_url}/graphiql")
    if set_up_link is None:
        typer.echo("  Sign in              mutation signIn in the explorer")
    else:
        typer.echo(f"  First owner (once)   {base_url}/graphiql#setup={set_up_link}")
    typer.echo("\n  Ctrl-C stops it.\n")
