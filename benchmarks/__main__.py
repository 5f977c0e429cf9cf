"""``python -m benchmarks [name …] [--option …]``: all measurements, or those named; some take options."""

import importlib
import sys
from pathlib import Path

SUPPORT = {"__init__", "__main__", "__pycache__", "bulk", "campaigns", "listening", "peers", "stage"}


def main() -> None:
    """Run them one after the other."""
    here = Path(__file__).parent
    files = {path.stem for path in here.glob("*.py")} | {
        path.parent.name for path in here.glob("*/__init__.py")
    }
    names = sorted(files - SUPPORT)
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")] or names
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        sys.exit(f"no such measurement: {', '.join(unknown)}; there are {', '.join(names)}")
    for name in wanted:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
