"""A made-up machine at work: a GPU, two servers, ten minutes of history."""

from __future__ import annotations

from tokencoach.audit.energy_ends import EnergyEnded, SessionEnds
from tokencoach.audit.power_day import PowerDay, PowerTimes
from tokencoach.power.cloud import Band
from tokencoach.power.grid import Cost, Emission, Worth
from tokencoach.power.live import Live, MeterLive, Point, ServerLive
from tokencoach.power.reading import Quality, Scope
from tokencoach.power.servers.seen import ServerKind, State, Unanswered
from tokencoach.store.power.rows import RequestEnergy, ServerTime
from tokencoach.usage.words import Bucket

_IDLE_W = 38.0
_MEASURED = RequestEnergy(12, 10, 4000, 20_000_000_000, 16_000_000_000, frozenset({"SENSOR"}))
DAY = PowerDay(
    38.2,
    Quality.SENSOR,
    0.01,
    12_345,
    40_000,
    5400.0,
    21.5,
    (ServerTime("llama-server", "qwen-30b.gguf", 600_000, 5_400_000, 0, 0, 0, 0, 9000, 40_000, 0, 12_345),),
    _MEASURED,
)
ENDED = EnergyEnded(
    Quality.SENSOR,
    ((Bucket.SHIPPED, 122.0), (Bucket.NOT_LANDED, 58.0), (Bucket.NEUTRAL, 20.0)),
    (SessionEnds(1, "session-1", "/home/dev/src/web-app", 120.0, Quality.SENSOR, 0.8),),
    12.5,
)
MONTH = DAY._replace(energy_wh=410.0, ended=ENDED, cloud=Band(100.0, 2000.0))
WORTH = Worth(
    Cost(0.011, "EUR", "your own tariff"), Emission(11.2, 18.4, "DEU, annual average 2023, to a fifth")
)
TIMES = PowerTimes(DAY._replace(cloud=Band(3.0, 90.0)), MONTH, WORTH)

SERVERS = (
    ServerLive(
        ServerKind.LLAMA_SERVER, 77, 8080, "qwen-30b.gguf", State.PROCESSING, 32_768, 2, 1, 41.3, 40_000, 12_345,
        101.2, 0.0081, 21 << 30, 5400.0, 5.07, 0.61, ("gpu",), Quality.SENSOR, None, 14.3, 21.5, None,
    ),
    ServerLive(
        ServerKind.OLLAMA, 99, 11434, "tiny\x1b[31m:1b[/]", State.UNKNOWN, 4096, None, None, None, None, None, 0.4,
        None, 3 << 30, 0.0, why_not="it tells no tokens itself",
    ),
)  # fmt: skip


def history(at_ms: int, *, has_sensor: bool) -> tuple[Point, ...]:
    """A rest, a failed reading, a generation, a rest, a shorter one."""
    points = []
    for second in range(240):
        busy = 60 <= second < 150 or 200 <= second < 240
        watts = 212.0 + second % 7 if busy else _IDLE_W + second % 3
        known = has_sensor and not 30 <= second < 36
        points.append(
            Point(at_ms - (240 - second) * 1000, watts if known else None, 41.0 if busy else 0.0, busy)
        )
    return tuple(points)


def live(at_ms: int, *, has_sensor: bool) -> Live:
    """What the watcher would have published."""
    meter = MeterLive(
        "gpu:0", Scope.GPU, Quality.SENSOR, "Made-up 9000", "NVML energy counter", 212.0, _IDLE_W
    )
    return Live(
        at_ms=at_ms,
        watts=212.0 if has_sensor else None,
        idle_watts=_IDLE_W if has_sensor else None,
        quality=Quality.SENSOR if has_sensor else Quality.NONE,
        scopes=("gpu",) if has_sensor else (),
        meters=(meter,) if has_sensor else (),
        servers=SERVERS,
        refusals=(("RAPL", "energy_uj may be read by root only", "a rule for one group"),),
        unanswered=(Unanswered(ServerKind.VLLM, 4242, "does not answer as one"),),
        guest=None if has_sensor else "a virtual machine (KVM)",
        own_cpu_percent=0.3,
        empty_watts=12.0 if has_sensor else None,
        history=history(at_ms, has_sensor=has_sensor),
    )
