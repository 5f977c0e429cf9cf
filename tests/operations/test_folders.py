import os
from pathlib import Path

import pytest

from operations.embedded import folders
from operations.embedded.account import Account
from operations.embedded.errors import FolderInUse, FolderUnusable
from operations.embedded.folders import (
    FolderLock,
    claim_folder,
    default_data_dir,
    prepare_data_dir,
    rotate_log,
)

ME = Account(uid=os.geteuid(), gid=os.getegid(), is_other=False)
NOBODY = Account(uid=65534, gid=65534, is_other=True)


def test_a_users_data_are_in_the_checkout_and_roots_where_nobody_can_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_data_dir(checkout=tmp_path) == tmp_path / ".plera"

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_data_dir(checkout=Path("/root/plera")) == Path("/var/lib/plera/data-root-plera")
    assert default_data_dir(checkout=Path("/root/other")) == Path("/var/lib/plera/data-root-other")


def test_every_folder_it_creates_can_be_passed_through_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        made = prepare_data_dir(tmp_path / "a" / "b", account=ME)
    finally:
        os.umask(old)
    assert made == tmp_path / "a" / "b"
    assert [path.stat().st_mode & 0o777 for path in (made, made.parent)] == [0o711, 0o711]


def test_it_says_which_folder_is_closed_to_the_servers_account(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(FolderUnusable, match="closed to others"):
        prepare_data_dir(tmp_path / "data", account=NOBODY)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnusable, match=r"can't be created \(Not a directory\)"):
        prepare_data_dir(tmp_path / "file" / "data", account=ME)


def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    stranger = Account(uid=os.geteuid() + 1, gid=os.getegid(), is_other=True)
    with pytest.raises(FolderUnusable, match="belongs to user id"):
        claim_folder(tmp_path / "postgres", account=stranger)


def test_a_lock_is_held_once_and_names_its_holder(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "x.lock"), FolderLock(tmp_path / "x.lock")
    first.acquire()
    first.acquire()

    with pytest.raises(FolderInUse, match=rf"{tmp_path}/x is in use by .* \(process {os.getpid()}\)"):
        second.acquire()

    first.release()
    second.acquire()
    second.release()


def test_a_log_is_set_aside_only_when_it_has_grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_LOG_BYTES_MAX", 10)
    log = tmp_path / "postgres.log"
    log.write_text("0123456789")
    rotate_log(log)
    assert log.exists()

    log.write_text("0123456789+")
    rotate_log(log)
    assert not log.exists()
    assert (tmp_path / "postgres.log.1").read_text() == "0123456789+"
