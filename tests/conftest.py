"""What every test may ask for: a database and a Valkey, and the promise that nothing leaves this machine."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator

import hypothesis
import pytest
import pytest_asyncio

from operations.embedded.child import die_with_parent
from tests.network import forbid_outside_network
from tests.servers import DatabaseDesk, ask_for_database, scratch_valkey
from tests.world import World, new_world, test_application
from wiring import Application

# The same examples on every machine and in every run; a deadline would measure the neighbours' load.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")

_DESK = pytest.StashKey[DatabaseDesk]()
_ADDRESS = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    forbid_outside_network()
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        die_with_parent()  # a worker whose controller was killed would finish its test first
        config.stash[_ADDRESS] = workerinput["database_desk"]
        return
    desk = config.stash[_DESK] = DatabaseDesk()
    config.stash[_ADDRESS] = desk.address


@pytest.hookimpl(optionalhook=True)  # xdist's
def pytest_configure_node(node: pytest.Config) -> None:
    node.workerinput["database_desk"] = node.config.stash[_ADDRESS]  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if _DESK in config.stash:
        config.stash[_DESK].close()


@pytest.fixture(scope="session")
def database_url(pytestconfig: pytest.Config, worker_id: str) -> str:
    """The superuser's URL of this worker's own migrated database; give every test a workspace of its own."""
    return ask_for_database(pytestconfig.stash[_ADDRESS], name=worker_id)


@pytest.fixture(scope="session")
def new_database(pytestconfig: pytest.Config, worker_id: str) -> Callable[[], str]:
    """Gives a further migrated database, for a test whose worker must not find what others have left."""
    numbers = itertools.count(1)
    return lambda: ask_for_database(pytestconfig.stash[_ADDRESS], name=f"{worker_id}_{next(numbers)}")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of this worker's own Valkey."""
    with scratch_valkey() as url:
        yield url


@pytest_asyncio.fixture(scope="session")
async def app(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Application]:
    """The composition root over this worker's database and Valkey."""
    data_dir = tmp_path_factory.mktemp("data")
    async with test_application(database_url=database_url, redis_url=redis_url, data_dir=data_dir) as opened:
        yield opened


@pytest_asyncio.fixture
async def world(app: Application) -> World:
    """A fresh workspace with an owner."""
    return await new_world(app)
