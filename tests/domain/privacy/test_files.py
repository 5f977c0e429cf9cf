"""Files that mention a person go; others, and other workspaces', stay."""

import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from domain.privacy.files import delete_files, find_files
from domain.privacy.subjects import subject_of
from tests.domain.privacy.rows import Rows
from tests.steps.privacy import fulfil_request
from tests.world import World

ADA = subject_of("ada@x.example", key=b"k" * 32)
WORKSPACE = uuid4()


def _write(folder: Path, content: bytes, *, kind: str = "exports", workspace: object = WORKSPACE) -> Path:
    path = folder / kind / str(workspace) / uuid4().hex
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _found(folder: Path) -> list[Path]:
    return find_files(data_dir=folder, workspace_id=WORKSPACE, subject=ADA)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"])
def test_an_address_is_found_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = _write(tmp_path, "Näme;Email\nAda;ADA+new@X.example\n".encode(encoding))

    assert _found(tmp_path) == [path]


def test_an_address_is_found_in_a_workbook_and_across_pieces(tmp_path: Path) -> None:
    workbook = _write(tmp_path, b"")
    with zipfile.ZipFile(workbook, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", "<t>ada@x.example</t>")
    torn = _write(tmp_path, b"." * ((1 << 20) - 7) + b" ada@x.example ")

    assert _found(tmp_path) == sorted([workbook, torn])


def test_other_people_other_workspaces_and_answers_are_left_alone(tmp_path: Path) -> None:
    _write(tmp_path, b"bob@x.example, nada@x.example, ada@x.example.org")
    _write(tmp_path, b"ada@x.example", workspace=uuid4())
    _write(tmp_path, b"ada@x.example", kind="privacy")

    assert _found(tmp_path) == []


def test_deleting_twice_is_no_trouble(tmp_path: Path) -> None:
    path = _write(tmp_path, b"ada@x.example")
    for _ in range(2):
        delete_files([str(path)])

    assert not path.exists()


async def test_a_waiting_import_is_cancelled_and_a_running_one_keeps_its_file(world: World) -> None:
    rows, folder = Rows(world), world.services.ports.data_dir
    paths = {}
    for status in ("MAPPED", "IMPORTING"):
        paths[status] = _write(
            folder, b"email\nada@x.example\n", kind="uploads", workspace=world.workspace_id
        )
        await rows.add(
            "import_job", status=status, file_name="f.csv", file_path=str(paths[status]), file_hash="h", byte_size=9,
            format="CSV", headers=["email"],
        )  # fmt: skip
    export = _write(folder, b"email\nada@x.example\n", workspace=world.workspace_id)
    await rows.add("lead_export", status="READY", predicate={}, columns=["email"], file_path=str(export))

    await fulfil_request(world, "DELETE", "ada@x.example")

    assert [paths[status].exists() for status in ("MAPPED", "IMPORTING")] == [False, True]
    assert not export.exists()
    jobs = await world.fetch("SELECT status FROM import_job ORDER BY id")
    assert [job["status"] for job in jobs] == ["CANCELLED", "IMPORTING"]
    assert await world.fetch("SELECT status, file_path FROM lead_export") == [
        {"status": "EXPIRED", "file_path": None}
    ]
    [task] = await world.fetch("SELECT found_count, changed_count FROM privacy_task WHERE store = 'files'")
    assert task == {"found_count": 3, "changed_count": 2}
