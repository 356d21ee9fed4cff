"""One attack, in a process of its own."""

import asyncio
import importlib
import multiprocessing
import os
import pkgutil
from dataclasses import dataclass
from multiprocessing.connection import Connection

import httpx

import bench.attacks
from bench.attacks import Target

# Where the module has no SECONDS_AT_MOST.
SECONDS_AT_MOST = 60.0
# Where the module has no MAX_GROWTH_MIB.
MAX_GROWTH_MIB = 128.0
# Until one that does not stop by itself is ended.
_PATIENCE_SECONDS = 10.0
# What a server does to an attacker: it closes, refuses or lets wait.
_REFUSALS = (OSError, EOFError, httpx.HTTPError, asyncio.LimitOverrunError)


@dataclass(frozen=True)
class Attack:
    """`module`: its name below `bench.attacks`. `seconds`, `mebibytes`: how long it lasts and what it may cost."""

    module: str
    seconds: float
    mebibytes: float

    def run(self, target: Target, data_dir: str) -> tuple[str, bool]:
        """What the attacker got, and whether that is as it should be.

        Everything is, except an error that the attack itself raises: it got what it must not get, or is broken.
        """
        context = multiprocessing.get_context("spawn")
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(target=_attack, args=(self, target, data_dir, sending), daemon=True)
        process.start()
        sending.close()
        try:
            if receiving.poll(self.seconds + _PATIENCE_SECONDS):
                told: tuple[str, bool] = receiving.recv()
                return told
            return f"did not stop after {self.seconds:g} s and was ended", True
        except EOFError:
            process.join()
            return f"ended with {process.exitcode}", False
        finally:
            process.kill()
            process.join()


def attacks(names: list[str]) -> list[Attack]:
    """All there are, or those with these names. Raises ValueError for a name that no attack has."""
    modules = {
        name: module
        for _, name, _ in pkgutil.iter_modules(bench.attacks.__path__)
        if name != "__main__" and hasattr(module := importlib.import_module(f"bench.attacks.{name}"), "attack")
    }
    if unknown := [name for name in names if name not in modules]:
        raise ValueError(f"There is no attack {', '.join(unknown)}; there are {', '.join(modules)}.")
    return [
        Attack(
            name,
            getattr(modules[name], "SECONDS_AT_MOST", SECONDS_AT_MOST),
            getattr(modules[name], "MAX_GROWTH_MIB", MAX_GROWTH_MIB),
        )
        for name in names or modules
    ]


def _attack(attack: Attack, target: Target, data_dir: str, sending: Connection) -> None:
    """In the process of the attack. Tokens can be signed with the secret of the server that is attacked."""
    os.environ["SHINJP_DATA_DIR"] = data_dir
    sending.send(asyncio.run(_told(attack, target)))


async def _told(attack: Attack, target: Target) -> tuple[str, bool]:
    module = importlib.import_module(f"bench.attacks.{attack.module}")
    try:
        async with asyncio.timeout(attack.seconds) as limit:
            got = await module.attack(target)
    except _REFUSALS as error:
        if limit.expired():
            return f"stopped after {attack.seconds:g} s", True
        return f"{type(error).__name__}: {error}"[:300], True
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300], False
    return str(got) if got is not None else "finished", True
