"""How many files of the project a request passes through before its resolver."""

import sys
from pathlib import Path
from types import FrameType

from server.setting_fields import PROJECT_ROOT
from tests.clients import client_of

MAX_FILES = 10
RESOLVER = PROJECT_ROOT / "resolvers" / "books.py"


def call_stack(frame: FrameType | None) -> list[str]:
    """The project's files on the stack, from the outermost call; without tests, libraries and generated code."""
    files: dict[str, None] = {}
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PROJECT_ROOT) and ".venv" not in path.parts and "tests" not in path.parts:
            files[str(path.relative_to(PROJECT_ROOT))] = None
        frame = frame.f_back
    return list(files)[::-1]


async def test_query_passes_through_few_documented_files(content_database_url: str) -> None:
    stacks: list[list[str]] = []

    def record_stack(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name == "books" and Path(frame.f_code.co_filename) == RESOLVER:
            stacks.append(call_stack(frame.f_back))

    async with client_of(content_database_url, None, cache="off") as client:
        for _ in range(2):
            count = len(stacks)
            sys.setprofile(record_stack)
            try:
                answer = await client.run("{ books(first: 2) { nodes { id title } } }")
            finally:
                sys.setprofile(None)
            assert len(answer.data["books"]["nodes"]) == 2
            # Resuming the resolver's coroutine is a call, too. The second request uses the cached plan.
            assert len(stacks) > count
    architecture = (PROJECT_ROOT / "docs" / "architecture.md").read_text()
    for stack in stacks:
        assert 1 <= len(stack) <= MAX_FILES, stack
        assert [file for file in stack if f"`{file}`" not in architecture] == []
