"""What a computer holds: memory, cards, model sizes, and how fast they could answer."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from power.machine import Machine as Tree
from tokencoach.power.machine import Machine, copy_rate, describe
from tokencoach.power.models import LEAST_CONTEXT, SIZES, fits
from tokencoach.power.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GIB = 1 << 30


class NvmlError(Exception):
    """As the library's own."""


def nvml(*memory_gib: int, width: int | None = 384) -> Any:
    """A library of NVIDIA's with some cards whose memory runs at 10.5 GHz."""

    def bus(_: int) -> int:
        if width is None:
            raise NvmlError("not supported")
        return width

    return SimpleNamespace(
        NVMLError=NvmlError,
        NVML_CLOCK_MEM=2,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: len(memory_gib),
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda _: b"Made Card",
        nvmlDeviceGetMemoryBusWidth=bus,
        nvmlDeviceGetMaxClockInfo=lambda _, __: 10_501,
        nvmlDeviceGetMemoryInfo=lambda index: SimpleNamespace(total=memory_gib[index] * GIB),
    )


def missing() -> Any:
    raise ImportError("no module named pynvml")


def tree(tmp_path: Path, memory_gib: int = 32) -> Tree:
    made = Tree(tmp_path)
    made.write("/proc/meminfo", f"MemTotal:       {memory_gib << 20} kB\nMemFree: 1 kB")
    return made


def described(made: Tree, load: Callable[[], Any] = missing) -> Machine:
    return describe(made.place, load_nvml=load, copy=lambda: 50e9)


def test_a_container_s_limit_counts_and_not_the_memory_around_it(tmp_path: Path) -> None:
    made = tree(tmp_path)
    assert described(made).memory_bytes == 32 * GIB
    made.write("/sys/fs/cgroup/memory.max", 8 * GIB)
    assert described(made).memory_bytes == 8 * GIB
    made.write("/sys/fs/cgroup/memory.max", "max")
    assert described(made).memory_bytes == 32 * GIB


def test_two_transfers_a_clock_over_the_bus_are_a_card_s_bandwidth(tmp_path: Path) -> None:
    own = described(tree(tmp_path), lambda: nvml(24))
    (card,) = own.accelerators
    assert (card.name, card.memory_bytes) == ("Made Card", 24 * GIB)
    assert card.bandwidth == pytest.approx(1008.096e9)


def test_a_card_that_tells_no_bus_has_no_bandwidth_and_no_rate(tmp_path: Path) -> None:
    own = described(tree(tmp_path), lambda: nvml(24, width=None))
    assert own.accelerators[0].bandwidth is None
    assert {fit.low for fit in fits(own) if fit.where == "graphics"} == {None}


def test_without_a_card_it_says_why(tmp_path: Path) -> None:
    own = described(tree(tmp_path))
    assert own.accelerators == ()
    assert own.refusals == ("NVIDIA: the library nvidia-ml-py is not installed",)


def test_amd_s_memory_is_read_from_the_kernel(tmp_path: Path) -> None:
    made = tree(tmp_path)
    made.write("/sys/class/drm/card1/device/mem_info_vram_total", 16 * GIB)
    assert [card.memory_bytes for card in described(made).accelerators] == [16 * GIB]


def test_an_unreadable_computer_is_unknown_and_holds_nothing(tmp_path: Path) -> None:
    own = describe(Place(tmp_path, "linux"), load_nvml=missing, copy=lambda: None)
    assert own.memory_bytes is None
    assert not any(fit.is_held for fit in fits(own))


def test_weights_and_context_together_stay_within_the_memory_left(tmp_path: Path) -> None:
    own = described(tree(tmp_path), lambda: nvml(24))
    for fit in fits(own):
        taken = fit.size.weight_bytes + fit.context * fit.size.context_bytes
        room = 24 * GIB if fit.where == "graphics" else 32 * GIB
        assert not fit.is_held or taken <= room
        assert fit.context <= fit.size.longest_context


def test_what_does_not_fit_the_card_is_looked_at_in_main_memory(tmp_path: Path) -> None:
    own = described(tree(tmp_path, 128), lambda: nvml(12))
    where = {fit.size.name.split()[0]: fit.where for fit in fits(own) if fit.is_held}
    assert where["8B"] == "graphics"
    assert where["70B"] == "main memory"


def test_a_model_may_lie_over_two_cards(tmp_path: Path) -> None:
    size = next(size for size in SIZES if size.name.startswith("32B"))
    one, two = (described(tree(tmp_path), partial(nvml, *[16] * count)) for count in (1, 2))
    assert fits(one, (size,))[0].where == "main memory"
    assert fits(two, (size,))[0].where == "graphics"


def test_few_active_weights_answer_faster_than_many_at_the_same_size(tmp_path: Path) -> None:
    rates = {fit.size.name.split()[0].rstrip(","): fit for fit in fits(described(tree(tmp_path, 64)))}
    dense, sparse = rates["32B"], rates["30B"]
    assert dense.high is not None
    assert sparse.low is not None
    assert sparse.low > 4 * dense.high
    assert dense.context >= LEAST_CONTEXT


def test_memory_is_copied_for_real() -> None:
    rate = copy_rate()
    assert rate is not None
    assert rate > 1e8
