"""One entry: the command line, and the ASGI application behind it."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from typing import TypeVar

import orjson
import typer

from domain import tenancy
from domain.errors import DomainError
from domain.ports import Ports
from jobs.worker import working
from operations import (
    console,
    document_commands,
    first_owner,
    operator_commands,
    row_counts,
    schema_changes,
    serving,
)
from operations.admin import admin_app, admin_port
from operations.deprecations import deprecation_faults
from operations.depths import Depths
from operations.doctor import examine
from operations.embedded.child import die_with_parent
from operations.embedded.errors import EmbeddedServerError
from operations.embedded.folders import default_data_dir
from operations.embedded.servers import embedded_servers, remembered_servers, running_servers
from operations.explaining import explain
from operations.logs import configure_logs
from operations.migrating import migrate as run_migrations
from operations.observing import Observing
from resolvers.context import Services
from schema.execution import SchemaExecution
from schema.root import build_schema
from settings import Settings, load_settings
from web.app import App, create_app
from web.explorer.graphiql import explorer_routes
from web.health import Readiness
from wiring import Application, application

HERE = Path(__file__).resolve().parent
SDL = HERE / "schema" / "schema.graphql"
GRAPHIQL = HERE / "web" / "static" / "graphiql"

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Plera: outreach with one GraphQL API.",
)


@cli.callback()
def _prepare() -> None:
    """Plera: outreach with one GraphQL API."""
    configure_logs(as_json=os.environ.get("PLERA_ENV") == "production")


schema_cli = typer.Typer(no_args_is_help=True, help="The GraphQL schema.")
cli.add_typer(schema_cli, name="schema")


def build_app(settings: Settings, *, with_worker: bool) -> App:
    """Build the ASGI application; with a worker in the same process, or without."""
    opened: list[Application] = []
    observing = Observing(settings)

    @asynccontextmanager
    async def open_services() -> AsyncIterator[Services]:
        async with AsyncExitStack() as stack:
            stack.callback(observing.close)
            app = await stack.enter_async_context(application(settings))
            opened.append(app)
            await stack.enter_async_context(_admin(app, observing))
            if with_worker:
                await stack.enter_async_context(_worker(app, observing))
            yield observing.told_by(app.services)

    observing.watch_listeners(lambda: built.listeners)
    schema = build_schema()
    built = create_app(
        execution=SchemaExecution(schema),
        sdl=schema.as_str(),
        open_services=open_services,
        readiness=_readiness(lambda: opened[0]),
        explorer=explorer_routes(built=GRAPHIQL),
        observe=observing.observer,
    )
    return built


def _readiness(opened: Callable[[], Application]) -> Readiness:
    async def database() -> bool:
        async with tenancy.across_workspaces() as connection:
            return bool(await connection.fetchval("SELECT true"))

    async def valkey() -> bool:
        return bool(await opened().redis.ping())

    return {"database": database, "valkey": valkey}


@asynccontextmanager
async def _admin(app: Application, observing: Observing) -> AsyncIterator[None]:
    """Serve metrics and health where the settings say so."""
    metrics, port = observing.metrics, app.settings.admin_port
    if metrics is None or port is None:
        yield
        return
    metrics.watch("plera_wakeups_heard", "Wake-ups that came through Valkey", lambda: app.wakeups.heard)
    admin = admin_app(metrics, readiness=_readiness(lambda: app), look=Depths(metrics).look)
    async with admin_port(admin, port=port):
        yield


@asynccontextmanager
async def _worker(app: Application, observing: Observing) -> AsyncIterator[None]:
    async with working(
        ports=app.services.ports,
        clock=app.services.clock,
        bell=app.bell,
        sweep_interval_s=app.settings.sweep_interval_s,
        poll_interval_s=app.settings.poll_interval_s,
        observe=observing,
    ):
        yield


def _serve(settings: Settings, *, with_worker: bool) -> None:
    app = build_app(settings, with_worker=with_worker)
    serving.collect_rarely()
    serving.serve(app, host=settings.host, port=settings.port, hang_up=app.hang_up)


@cli.command()
def dev() -> None:
    """Run everything in one process, with embedded servers where none are configured."""
    if "MAKELEVEL" in os.environ:  # a killed make must not leave us behind; a shell that ends may
        die_with_parent()
    settings = load_settings()
    data_dir = settings.data_dir or default_data_dir(checkout=HERE)
    serving.require_free_port(host=settings.host, port=settings.port)
    try:
        with _servers(settings, data_dir) as settings:
            asyncio.run(
                run_migrations(owner_url=str(settings.migration_database_url or settings.database_url))
            )
            link = asyncio.run(_with_database(settings, first_owner.set_up_link))
            console.show_addresses(settings.base_url, set_up_link=link)
            _serve(settings, with_worker=True)
    except EmbeddedServerError as error:
        sys.exit(str(error))


@cli.command()
def demo() -> None:
    """Play the main job on made-up companies, with servers of its own; ends 0 only if the numbers add up."""
    from operations.demo.play import (
        play as play_demo,
    )  # here: every other start would wait for the simulators

    if "MAKELEVEL" in os.environ:
        die_with_parent()
    folder = default_data_dir(checkout=HERE).parent / f"demo-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        with embedded_servers(data_dir=folder, fsync=False) as servers:
            succeeded = asyncio.run(play_demo(servers))
    except EmbeddedServerError as error:
        sys.exit(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if succeeded else 1)


@cli.command()
def serve() -> None:
    """Run the API alone; the worker is a process of its own."""
    settings = _configured()
    _serve(settings, with_worker=False)


@cli.command()
def worker() -> None:
    """Run the background worker alone."""
    settings = _configured()

    async def run() -> None:
        observing = Observing(settings)
        try:
            async with (
                application(settings) as app,
                _admin(app, observing),
                _worker(app, observing),
            ):
                await serving.until_signalled()
        finally:
            observing.close()

    serving.run(run())


@cli.command()
def migrate() -> None:
    """Bring the database to this version."""
    ran = asyncio.run(run_migrations(owner_url=_owner_url(load_settings())))
    typer.echo("\n".join(ran) if ran else "nothing to do")


@cli.command()
def recount() -> None:
    """Put right the numbers of rows that triggers keep, where the doctor finds them wrong; the application may run."""
    url = _running_owner_url()

    async def run() -> dict[str, int]:
        async with row_counts.as_owner(url) as connection:
            return await row_counts.recount(connection)

    mended = asyncio.run(run())
    typer.echo("\n".join(f"{name}: {many} workspaces" for name, many in mended.items()) or "nothing to do")


@schema_cli.command("export")
def schema_export() -> None:
    """Print the SDL."""
    typer.echo(build_schema().as_str())


@schema_cli.command("write")
def schema_write() -> None:
    """Write schema/schema.graphql."""
    SDL.write_text(build_schema().as_str() + "\n")


@schema_cli.command("check")
def schema_check(base: str = "HEAD~") -> None:
    """Fail when schema/schema.graphql isn't the live schema, or breaks clients without saying so."""
    live = build_schema().as_str() + "\n"
    if not SDL.exists() or SDL.read_text() != live:
        sys.exit(
            "schema/schema.graphql is not the live schema: run `make schema`, review the difference, commit it"
        )
    before = schema_changes.committed_sdl(SDL, revision=base)
    if before is None:  # a copy without history
        typer.echo(f"no schema in {base} to compare with")
        sys.exit()
    changes = schema_changes.changes_between(before, live)
    faults = [
        f"CHANGELOG.md must name `{change.coordinate}`: {change.description}"
        for change in schema_changes.unannounced(changes, changelog=(HERE / "CHANGELOG.md").read_text())
    ]
    faults += deprecation_faults(before, live, today=date.today())  # noqa: DTZ011 - the developer's own day
    if faults:
        sys.exit("\n".join(faults))


@schema_cli.command("diff")
def schema_diff(base: str = "HEAD~", against: Path | None = None) -> None:
    """Print as Markdown what has changed since a revision, or against an SDL file: safe, dangerous, breaking."""
    before = against.read_text() if against else schema_changes.committed_sdl(SDL, revision=base)
    if before is None:
        sys.exit(f"no schema in {base}; name another --base, or a file with --against")
    typer.echo(
        schema_changes.as_markdown(schema_changes.changes_between(before, build_schema().as_str() + "\n"))
    )


@cli.command("doctor")
def doctor() -> None:
    """Look at everything the installation needs and say what is wrong with it."""
    settings = _with_running_servers(load_settings())
    found = asyncio.run(examine(settings, open_application=lambda: application(settings)))
    for finding in found:
        typer.echo(f"{'ok  ' if finding.fine else 'FAIL'}  {finding.subject}: {finding.detail}")
    sys.exit(0 if all(finding.fine for finding in found) else 1)


@cli.command("explain")
def explain_document(document: Path, workspace: str, variables: Path | None = None) -> None:
    """Show the statement that a GraphQL document is read by in a workspace (its slug), and PostgreSQL's plan."""
    text, given = document.read_text(), orjson.loads(variables.read_bytes()) if variables else {}

    async def run() -> str:
        async with application(_configured()) as app:
            return await explain(document=text, variables=given, slug=workspace, services=app.services)

    try:
        typer.echo(asyncio.run(run()))
    except DomainError as error:
        sys.exit(error.message)


def _owner_url(settings: Settings) -> str:
    url = settings.migration_database_url or settings.database_url
    if url is None:
        sys.exit("DATABASE_URL or MIGRATION_DATABASE_URL is needed")
    return url


def _running_owner_url() -> str:
    return _owner_url(_with_running_servers(load_settings()))


def _operate(work: Callable[[Ports], Awaitable[str]]) -> None:
    """Do what the operator wants and say what came of it."""

    async def run() -> str:
        async with application(_configured()) as app:
            return await work(app.services.ports)

    try:
        typer.echo(asyncio.run(run()))
    except DomainError as error:
        sys.exit(error.message)


T = TypeVar("T")


async def _with_database(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    async with application(settings):
        return await work()


@contextmanager
def _servers(settings: Settings, data_dir: Path) -> Iterator[Settings]:
    """The configured servers, and embedded ones in place of what isn't configured."""
    if settings.database_url and settings.redis_url:
        yield settings
        return
    with embedded_servers(data_dir=data_dir) as servers:
        database_url = settings.database_url or servers.database_url
        redis_url = settings.redis_url or servers.redis_url
        found = {"database_url": database_url, "redis_url": redis_url, "data_dir": data_dir}
        with remembered_servers(data_dir, database_url=database_url, redis_url=redis_url):
            yield settings.model_copy(update=found)


def _configured() -> Settings:
    """Settings for processes that start no servers of their own."""
    settings = _with_running_servers(load_settings())
    if settings.database_url is None or settings.redis_url is None:
        sys.exit(
            "DATABASE_URL and REDIS_URL must be set, or `make run` be running: it brings servers of its own"
        )
    return settings


def _with_running_servers(settings: Settings) -> Settings:
    """Fill in the servers of a running `make run` where the environment names none."""
    if settings.database_url and settings.redis_url:
        return settings
    data_dir = settings.data_dir or default_data_dir(checkout=HERE)
    return settings.model_copy(update={**(running_servers(data_dir) or {}), "data_dir": data_dir})


operator_commands.register(cli, operate=_operate)
document_commands.register(cli, operate=_operate, owner_url=_running_owner_url)

if __name__ == "__main__":
    cli()
