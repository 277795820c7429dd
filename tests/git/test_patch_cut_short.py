"""A stream of changes that ends anywhere, as that of a git which was killed."""

from __future__ import annotations

import contextlib
import io

from tokencoach.git.errors import CorruptError
from tokencoach.git.patch import LineReader, PatchReader

PATCH = (
    b"diff --git a/a.py b/a.py\nnew file mode 100644\nindex 0000000..45dcca8\n--- /dev/null\n+++ b/a.py\n"
    b"@@ -0,0 +1,2 @@\n+x = 1\n+y = 2\n"
    b"diff --git a/b.py b/b.py\nindex 45dcca8..0d8c0fa 100644\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x\n+y\n"
    b"diff --git a/c.py b/c.py\ndeleted file mode 100644\nindex 0d8c0fa..0000000\n--- a/c.py\n+++ /dev/null\n"
    b"@@ -1 +0,0 @@\n-x\n"
)


def test_a_patch_cut_anywhere_is_read_or_damaged_and_nothing_else() -> None:
    for end in range(len(PATCH)):
        with contextlib.suppress(CorruptError):
            assert len(PatchReader(LineReader(io.BytesIO(PATCH[:end]))).changes()) <= 3
    assert len(PatchReader(LineReader(io.BytesIO(PATCH))).changes()) == 3
