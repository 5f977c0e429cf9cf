"""`operations/dashboard.sh` with a Node.js and an npm of the test's own: what is built when, and what happens if it can't be."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
BUILDING = "Building GraphiQL (once, and after dashboard/ changes) ...\n"
SMALL = "GraphiQL could not be built here: the small explorer serves in its place. 'make dashboard' tries again and says why.\n"
NODE = """#!/bin/sh
case "$1" in
    -e) exit "${SUITS:-0}" ;;
    */vite.js) while [ "$1" != --outDir ]; do shift; done; mkdir -p "$2" && echo built >"$2/index.html" ;;
esac
"""
NPM = """#!/bin/sh
echo x >>../npm.ran
exit "${NPM_ENDS:-0}"
"""


class Copy:
    """A checkout with nothing in it but what the script looks at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (
            "operations/dashboard.sh",
            "operations/node.sh",
            "web/explorer/examples.graphql",
            "web/explorer/icon.svg",
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
        (folder / "dashboard").mkdir()
        (folder / "dashboard" / "package.json").write_text("{}")
        for name, script in {"node": NODE, "npm": NPM}.items():
            (folder / "bin").mkdir(exist_ok=True)
            (folder / "bin" / name).write_text(script)
            (folder / "bin" / name).chmod(0o755)

    def start(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script as `make run` does, or with other arguments; the environment has no Python."""
        return subprocess.run(
            ["sh", "operations/dashboard.sh", "no-environment", *(arguments or ("--if-needed",))],
            cwd=self.folder,
            env={"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def builds(self) -> int:
        """How often npm was asked to install."""
        counted = self.folder / "npm.ran"
        return len(counted.read_text().splitlines()) if counted.exists() else 0

    @property
    def is_built(self) -> bool:
        """Whether there is a page to serve."""
        return (self.folder / "web/static/graphiql/index.html").exists()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "a checkout")


def test_it_is_built_once_and_again_when_a_source_changes(copy: Copy) -> None:
    first = copy.start()
    assert (first.returncode, first.stdout, copy.is_built) == (0, BUILDING, True)

    second = copy.start()
    assert (second.returncode, second.stdout, second.stderr, copy.builds) == (0, "", "", 1)

    (copy.folder / "dashboard" / "package.json").touch()
    copy.start()
    assert copy.builds == 1

    (copy.folder / "web/explorer/examples.graphql").write_text("# === Another\n{ viewer { user { id } } }\n")
    assert (copy.start().stdout, copy.builds) == (BUILDING, 2)


@pytest.mark.parametrize("trouble", [{"NPM_ENDS": "1"}, {"SUITS": "1"}])
def test_where_it_cannot_be_built_every_start_says_so_and_none_tries_again(
    copy: Copy, trouble: dict[str, str]
) -> None:
    first = copy.start(**trouble)
    assert (first.returncode, first.stdout, first.stderr, copy.is_built) == (0, BUILDING + SMALL, "", False)
    tried = copy.builds

    second = copy.start(**trouble)
    assert (second.returncode, second.stdout, copy.builds) == (0, SMALL, tried)


def test_asked_outright_it_fails_loudly_and_a_success_ends_the_small_explorer(copy: Copy) -> None:
    copy.start(NPM_ENDS="1")
    refused = copy.start("", NPM_ENDS="1")
    assert refused.returncode != 0
    assert copy.start().stdout == SMALL

    assert copy.start("").stdout == "GraphiQL is built.\n"
    assert copy.start().stdout == ""
    assert copy.is_built


def test_a_build_that_breaks_leaves_the_old_one_in_place(copy: Copy) -> None:
    copy.start()
    (copy.folder / "dashboard" / "package.json").write_text('{"new": true}')

    broken = copy.start(NPM_ENDS="1")

    assert (broken.returncode, broken.stdout, copy.is_built) == (
        0,
        BUILDING + SMALL.replace("the small explorer", "an older build"),
        True,
    )
