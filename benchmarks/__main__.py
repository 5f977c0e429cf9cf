"""``python -m benchmarks [name …]``: all measurements, or those named."""

import importlib
import sys
from pathlib import Path

SUPPORT = {"__init__", "__main__", "campaigns", "stage"}


def main() -> None:
    """Run them one after the other."""
    names = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - SUPPORT)
    wanted = sys.argv[1:] or names
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        sys.exit(f"no such measurement: {', '.join(unknown)}; there are {', '.join(names)}")
    for name in wanted:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
