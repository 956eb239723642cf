"""How does the command `citewell` start? Only once the package names that it needs are known to mean its own."""

from __future__ import annotations

import sys

from citewell_names import NameTaken, check_names


def main() -> None:
    """The command `citewell`."""
    try:
        check_names()
    except NameTaken as taken:
        if "--json" in sys.argv:
            import json

            print(json.dumps({"error": {"code": "name_taken", "message": str(taken)}}, indent=2))
        # The name of a folder may be anything
        told = "".join(letter if letter.isprintable() else "?" for letter in str(taken))
        print(f"citewell: {told}", file=sys.stderr)
        sys.exit(2)
    from agent.cli import main as run

    run()


if __name__ == "__main__":
    main()
