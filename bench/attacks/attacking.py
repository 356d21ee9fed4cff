"""Runs one attack in a separate process."""

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

# The default of SECONDS_AT_MOST.
SECONDS_AT_MOST = 60.0
# The default of MAX_GROWTH_MIB.
MAX_GROWTH_MIB = 128.0
# The delay after which an attack that does not stop is killed.
_PATIENCE_SECONDS = 10.0
# Expected errors: the server closes or refuses connections, or lets the attacker wait.
_REFUSALS = (OSError, EOFError, httpx.HTTPError, asyncio.LimitOverrunError)


@dataclass(frozen=True)
class Attack:
    """`module`: its name below `bench.attacks`. `seconds`, `mebibytes`: its maximum duration and memory growth."""

    module: str
    seconds: float
    mebibytes: float

    def run(self, target: Target, data_dir: str) -> tuple[str, bool]:
        """The output of the attack, and whether it is as expected.

        It is, unless the attack raised an error: it succeeded, or has a bug.
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
    """All attacks, or those with these names. Raises ValueError for an unknown name."""
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
    """The main function of the attack's process, which can sign tokens with the server's secret."""
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
