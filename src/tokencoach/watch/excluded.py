"""Files that count nowhere: vendored, generated and lock files, by their names."""

from __future__ import annotations

import re

_FOLDERS = frozenset(
    {"node_modules", "vendor", "third_party", "thirdparty", "bower_components", ".venv", "venv", "site-packages",
     "__pycache__", "dist", ".next", ".nuxt", "__snapshots__"}
)  # fmt: skip
_FILES = frozenset(
    {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "cargo.lock",
     "go.sum", "poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "gemfile.lock", "composer.lock", "mix.lock",
     "flake.lock", "pubspec.lock", "podfile.lock", "deno.lock", "packages.lock.json", "gradle.lockfile"}
)  # fmt: skip
_GENERATED = re.compile(
    r"(?:\.min\.(?:js|css)|\.pb\.(?:go|cc|h)|_pb2(?:_grpc)?\.pyi?|\.g\.dart|\.freezed\.dart|\.generated\.\w+|\.map|\.snap)$"
)


def is_excluded(path: str) -> bool:
    """Whether a repository path is vendored, generated or a lock file by its name."""
    *above, name = path.split("/")
    lowered = name.lower()
    return not _FOLDERS.isdisjoint(above) or lowered in _FILES or _GENERATED.search(lowered) is not None
