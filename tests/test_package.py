"""The image's content, built with the Dockerfile's steps: the wheel and the production dependencies."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest

from content import loading
from tests.container import ROOT, copy_context, read_dockerfile
from tests.databases import column
from tests.db.test_plain_owner import owned_database, run_administrators_script

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif("PACKAGE" not in os.environ, reason="`make package` runs it."),
]

PRODUCTION = {"SHINJP_ENVIRONMENT": "production", "JWT_SECRET": "x" * 32}
# The installation path of the builder stage.
PREFIX = "/opt/shinjp"
LICENSES = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)


def run(*command: str | Path, cwd: Path | str = "/", **environment: str) -> None:
    # Not in the checkout, whose packages Python would import.
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, cwd=cwd)
    assert ended.returncode == 0, f"{command}:\n{ended.stdout}\n{ended.stderr}"


def build(folder: Path) -> Path:
    """Runs the steps of the Dockerfile's builder in empty directories; returns the installation path.

    Unlike there, `/opt/shinjp` is a temporary directory, uv uses its cache, and bytecode is compiled on import only.
    """
    context, work, python, prefix = (folder / name for name in ("context", "build", "python", "installed"))
    copy_context(context)
    work.mkdir()
    run(sys.executable, "-m", "venv", python)
    builder = next(stage for stage in read_dockerfile() if stage.name == "builder")
    omitted = {"UV_NO_CACHE", "UV_COMPILE_BYTECODE"}
    environment = {name: value for name, value in builder.environment.items() if name not in omitted}
    environment["PATH"] = f"{python / 'bin'}:{os.environ['PATH']}"
    for instruction in builder.instructions:
        if instruction.name == "COPY":
            *sources, target = instruction.words
            if "from" not in instruction.options:
                for source in sources:
                    copy(context / source, work / target)
            elif (ROOT / target).is_dir():
                # GraphiQL is built if Node is installed.
                copy(ROOT / target, work / target)
        elif instruction.name == "RUN":
            run("sh", "-ec", instruction.text.replace(PREFIX, str(prefix)), cwd=work, **environment)
    [wheel] = (work / "dist").glob("*.whl")
    check_wheel(wheel, with_graphiql=(ROOT / "server" / "graphiql" / "static").is_dir())
    return prefix


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def check_wheel(wheel: Path, *, with_graphiql: bool) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {"server/cli/__init__.py", "schema/schema.graphql", "server/graphql/cache_warmup.graphql"} <= set(names)
    assert any(re.fullmatch(r"content/stories/[a-z-]+\.toml", name) for name in names)
    assert with_graphiql == any(name.startswith("server/graphiql/static/") for name in names)
    assert not [name for name in names if "node_modules" in name or name.startswith(("tests/", "bench/"))]
    assert {name.rpartition("/")[2] for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}


async def test_package_runs_with_production_dependencies_only(servers: tuple[str, str], tmp_path: Path) -> None:
    prefix = await asyncio.to_thread(build, tmp_path)
    check_packages(prefix)
    programs = prefix / "bin"
    await asyncio.to_thread(run, programs / "python", "-c", "import server.process, server.cli.serve")
    async with owned_database(servers[0]) as url:
        await run_administrators_script(servers[0], url)
        await asyncio.to_thread(
            run, programs / "shinjp", "migrate", "--content", "--no-dictionary", DATABASE_URL=url, **PRODUCTION
        )
        await check_content(url)


async def check_content(url: str) -> None:
    """In production there are no accounts, and a second load does nothing."""
    assert await column(url, "select count(*) > 7500 from vocabulary") == [True]
    assert await column(url, "select count(*) > 60 from books where published_at is not null") == [True]
    assert await column(url, "select subject from users") == []
    reports: list[str] = []
    await asyncio.to_thread(loading.load, url, reports.append, demo=False)
    assert reports == []


# Of packages whose metadata has none. The bill of materials in the wheel of fsrs-rs-python names that of its engine,
# the crate fsrs, and of the other crates; the only one with a copyleft licence offers the MPL 2.0 instead.
UNDECLARED_LICENSES = {"fsrs-rs-python": "BSD-3-Clause"}


def check_packages(prefix: Path) -> None:
    """Asserts that the packages are those of the lock, and that none has a copyleft licence."""
    locks = [(ROOT / f"requirements-{name}.lock").read_text() for name in ("production", "dictionary")]
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", "\n".join(locks), re.M))
    [site_packages] = prefix.glob("lib/python*/site-packages")
    found = {
        re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower(): package
        for package in distributions(path=[str(site_packages)])
    }
    own = found.pop("shinjp-graphql")
    assert own.metadata["License-Expression"] == "MIT AND CC-BY-SA-4.0"
    assert len(found) > 40
    for name, package in found.items():
        assert locked[name] == package.version
        described = [package.metadata["License-Expression"] or "", (package.metadata["License"] or "")[:200]]
        described += [UNDECLARED_LICENSES.get(name, "")]
        described += [kind for kind in package.metadata.get_all("Classifier") or () if kind.startswith("License ::")]
        assert any(described), f"{name} does not say what its licence is."
        assert not [line for line in described if LICENSES.search(line)], name
