"""`shinjp` without counting of values and bytes in generated code, for `bench.against` only.

    python -m bench.uncounted serve …

The difference to the same server with counting is the cost of the limits on results.
"""

from engine.codegen import counting
from server.cli import main


def write_no_lines(*_: object) -> list[str]:
    return []


if __name__ == "__main__":
    for name in ("values_lines", "bytes_lines", "interruption_lines"):
        assert hasattr(counting, name), name
        setattr(counting, name, write_no_lines)
    main()
