import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from operations.embedded.errors import BinaryMissing, FolderInUse, FolderUnusable
from operations.embedded.ports import free_port
from operations.embedded.postgres import Postgres, start_postgres
from operations.embedded.servers import embedded_servers
from operations.embedded.valkey import start_valkey
from tests.servers import scratch_folder
from tests.waiting import HANGS_S

DEBIAN_POSTGRES = Path("/usr/lib/postgresql/15/bin")

STARTER = """
import sys, time
from pathlib import Path
from operations.embedded.postgres import start_postgres
from operations.embedded.valkey import start_valkey
folder = Path(sys.argv[1])
print(start_postgres(data_dir=folder, fsync=False).pid, start_valkey(data_dir=folder).pid, flush=True)
time.sleep(3_600)
"""


@pytest.fixture
def fresh() -> Iterator[Path]:
    with scratch_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def used() -> Iterator[Path]:
    """A data folder whose cluster exists; the tests that share it start and stop its server."""
    with scratch_folder() as folder:
        start_postgres(data_dir=folder, fsync=False).stop()
        yield folder


def query(url: str, sql: str) -> object:
    async def fetch() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def is_running(pid: int | None) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + HANGS_S
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def made_at(data_dir: Path) -> int:
    """When the cluster was made, which takes seconds, in nanoseconds."""
    return (data_dir / "postgres" / "PG_VERSION").stat().st_mtime_ns


def test_both_serve_and_a_second_start_finds_what_the_first_one_kept_and_mends_nothing(fresh: Path) -> None:
    with embedded_servers(data_dir=fresh) as first:
        query(first.database_url, "CREATE TABLE note AS SELECT lower('ÄÖ') AS text")
        with redis.Redis.from_url(first.redis_url) as valkey:
            valkey.set("key", "kept")
    made = made_at(fresh)

    with embedded_servers(data_dir=fresh) as second:
        assert query(second.database_url, "SELECT text FROM note") == "äö"
        assert query(second.database_url, "SELECT current_database() || current_user") == "plerapostgres"
        with redis.Redis.from_url(second.redis_url) as valkey:
            assert valkey.get("key") == b"kept"
            assert valkey.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    assert made_at(fresh) == made
    assert "not properly shut down" not in (fresh / "postgres.log").read_text()
    with pytest.raises(OSError, match=r"refused|failed"):
        query(second.database_url, "SELECT 1")


def test_without_append_only_valkey_forgets(fresh: Path) -> None:
    valkey = start_valkey(data_dir=fresh, append_only=False)
    with redis.Redis.from_url(valkey.url) as client:
        client.set("key", "lost")
    valkey.restart()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.dbsize() == 0
    valkey.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_killing_the_starter_ends_both_and_the_next_start_works_at_once(fresh: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(fresh)]
    starter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert starter.stdout is not None
    with starter.stdout as output:
        pids = [int(pid) for pid in output.readline().split()]
    assert len(pids) == 2
    assert all(is_running(pid) for pid in pids)

    starter.kill()
    starter.wait()
    with embedded_servers(data_dir=fresh, fsync=False) as servers:
        assert query(servers.database_url, "SELECT 1") == 1

    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_a_killed_server_comes_back_where_it_was(used: Path) -> None:
    postgres = start_postgres(data_dir=used, fsync=False)
    url, old_pid = postgres.url, postgres.pid

    postgres.kill()
    assert postgres.pid is None
    assert not is_running(old_pid)
    postgres.restart()

    assert postgres.url == url
    assert query(url, "SELECT 1") == 1
    postgres.stop()
    assert postgres.pid is None


def test_a_stale_process_id_file_is_not_believed_though_the_id_is_taken(used: Path) -> None:
    stale = used / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{used / 'postgres'}\n0\n1\n\n127.0.0.1\n0 0\nready   \n")

    postgres = start_postgres(data_dir=used, fsync=False)

    assert postgres.pid != os.getpid()
    assert query(postgres.url, "SELECT 1") == 1
    postgres.stop()
    assert not stale.exists()


def test_another_majors_folder_is_refused_and_left_alone(used: Path) -> None:
    version = used / "postgres" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("14\n")

    with pytest.raises(FolderUnusable, match=r"was made by PostgreSQL 14, but PostgreSQL \d+ would run"):
        start_postgres(data_dir=used, fsync=False)

    assert version.read_text() == "14\n"
    assert not (used / "postgres" / "postmaster.pid").exists()
    version.write_text(ours)
    start_postgres(data_dir=used, fsync=False).stop()


def test_a_second_server_on_the_same_folder_is_refused_and_the_first_goes_on(used: Path) -> None:
    postgres = start_postgres(data_dir=used, fsync=False)

    with pytest.raises(FolderInUse, match=rf"in use by another running Plera \(process {os.getpid()}\)"):
        start_postgres(data_dir=used, fsync=False)

    assert query(postgres.url, "SELECT 1") == 1
    postgres.stop()


def test_two_installations_run_side_by_side(used: Path, fresh: Path) -> None:
    ours, others = start_postgres(data_dir=used, fsync=False), start_postgres(data_dir=fresh, fsync=False)

    assert ours.port != others.port
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(ours.url.replace(str(ours.port), str(others.port)), "SELECT 1")

    others.stop()
    assert query(ours.url, "SELECT 1") == 1
    ours.stop()


def test_a_port_somebody_else_took_meanwhile_is_given_up(
    fresh: Path, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres = start_postgres(data_dir=used, fsync=False)
    answers = iter([postgres.port])
    monkeypatch.setattr("operations.embedded.server.free_port", lambda: next(answers, None) or free_port())

    valkey = start_valkey(data_dir=fresh, append_only=False)

    assert valkey.port != postgres.port
    assert query(postgres.url, "SELECT 1") == 1
    valkey.stop()
    postgres.stop()


def test_what_a_kill_left_of_a_half_made_cluster_is_made_anew(fresh: Path) -> None:
    (fresh / "postgres.new").mkdir()
    (fresh / "postgres.new" / "PG_VERSION").write_text("18\n")
    (fresh / "postgres.password").write_text("left over")

    postgres = start_postgres(data_dir=fresh, fsync=False)

    assert query(postgres.url, "SELECT 1") == 1
    postgres.stop()
    assert sorted(path.name for path in fresh.iterdir()) == ["postgres", "postgres.lock", "postgres.log"]


def test_passwords_are_neither_in_arguments_nor_in_files_others_can_read(used: Path) -> None:
    postgres, valkey = start_postgres(data_dir=used, fsync=False), start_valkey(data_dir=used)
    secrets = [url.split(":")[2].split("@")[0] for url in (postgres.url, valkey.url)]

    arguments = [Path(f"/proc/{server.pid}/cmdline").read_text() for server in (postgres, valkey)]
    assert not any(secret in line for secret in secrets for line in arguments)
    assert (used / "postgres" / "superuser.password").stat().st_mode & 0o777 == 0o600
    assert (used / "postgres").stat().st_mode & 0o777 == 0o700

    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port).ping()
    valkey.stop()
    postgres.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another account")
def test_root_runs_them_as_nobody(used: Path) -> None:
    postgres: Postgres = start_postgres(data_dir=used, fsync=False)
    assert postgres.pid is not None
    assert Path(f"/proc/{postgres.pid}").stat().st_uid == (used / "postgres").stat().st_uid == 65534
    postgres.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another account")
def test_root_is_told_when_the_folder_is_closed_to_nobody(fresh: Path) -> None:
    (fresh / "home").mkdir(mode=0o700)

    with pytest.raises(FolderUnusable, match=rf"{fresh}/home is closed to others"):
        start_postgres(data_dir=fresh / "home" / "data")

    assert list((fresh / "home" / "data").iterdir()) == []


def test_a_named_folder_without_programs_is_an_error_not_a_reason_to_search(fresh: Path) -> None:
    with pytest.raises(BinaryMissing, match=r"PLERA_PG_BIN \(.*\) holds none"):
        start_postgres(data_dir=fresh, pg_bin=fresh)
    assert not (fresh / "postgres").exists()


@pytest.mark.skipif(not DEBIAN_POSTGRES.exists(), reason="no PostgreSQL 15 of the distribution")
def test_the_distributions_postgres_serves_as_well(fresh: Path) -> None:
    postgres = start_postgres(data_dir=fresh, fsync=False, pg_bin=DEBIAN_POSTGRES)
    assert query(postgres.url, "SELECT current_setting('server_version_num')::int / 10000") == 15
    assert query(postgres.url, "SELECT lower('ÄÖ')") == "äö"
    postgres.stop()


def test_ctrl_c_does_not_reach_them(used: Path) -> None:
    postgres = start_postgres(data_dir=used, fsync=False)
    assert postgres.pid is not None
    assert os.getpgid(postgres.pid) != os.getpgid(0)
    os.kill(postgres.pid, signal.SIGHUP)  # a reload, to show that it does take signals
    assert query(postgres.url, "SELECT 1") == 1
    postgres.stop()
