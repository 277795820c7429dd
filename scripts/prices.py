"""Write down what the price library says of the models that most logs name, beside the program.

Usage: python scripts/prices.py [FILE]; to be run again for each release of the library that is locked.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Names as logs have them: the library knows most only by their beginnings.
CLAUDE = """
claude-3-5-haiku-20241022 claude-3-5-sonnet-20240620 claude-3-5-sonnet-20241022 claude-3-7-sonnet-20250219
claude-3-haiku-20240307 claude-3-opus-20240229 claude-haiku-4-5-20251001 claude-opus-4-20250514
claude-opus-4-1-20250805 claude-opus-4-5-20251101 claude-sonnet-4-20250514 claude-sonnet-4-5-20250929
""".split()  # noqa: SIM905 - a list of as many lines would say no more
OPENAI = re.compile(r"(gpt-5|codex|o3|o4)")


def main() -> None:
    """Ask the library for each name, write the file."""
    sys.path.insert(0, str(ROOT / "src"))
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - after the folder is known

    from tokencoach.usage import prices  # noqa: PLC0415 - likewise

    listed = {provider.id: [model.id for model in provider.models] for provider in get_snapshot().providers}
    names = {
        "anthropic": sorted({*listed["anthropic"], *CLAUDE}),
        "openai": sorted(name for name in listed["openai"] if OPENAI.match(name)),
    }
    models = {
        provider: {
            name: [told.context_window, [[rate.from_ms, rate.tiers] for rate in told.rates]]
            for name in wanted
            if (told := prices.from_library(name, provider)).rates
        }
        for provider, wanted in names.items()
    }
    target = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "src" / "tokencoach" / "usage" / prices.KEPT
    text = json.dumps({"release": version("genai-prices"), "models": models}, separators=(",", ":"))
    target.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
