"""Pack the vocabulary that tokens are estimated with, from the file that OpenAI publishes for tiktoken.

Usage: python scripts/vocabulary.py o200k_base.tiktoken
"""

from __future__ import annotations

import base64
import hashlib
import lzma
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"


def main() -> None:
    """Check that the file is the published one, write its tokens in the order of their ranks."""
    published = Path(sys.argv[1]).read_bytes()
    if hashlib.sha256(published).hexdigest() != PUBLISHED:
        sys.exit("this is not the vocabulary that was published as o200k_base")
    tokens = [base64.b64decode(line.split()[0]) for line in published.splitlines()]
    packed = bytes(map(len, tokens)) + b"".join(tokens)
    target = ROOT / "src" / "tokencoach" / "usage" / "o200k_base.xz"
    target.write_bytes(lzma.compress(packed, preset=9 | lzma.PRESET_EXTREME))
    print(f"{target.name}: {target.stat().st_size:,} bytes, {hashlib.sha256(packed).hexdigest()} unpacked")


if __name__ == "__main__":
    main()
