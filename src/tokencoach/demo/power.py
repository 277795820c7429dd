"""Simulated power for the demonstration: a graphics card and two servers, made of the seed and the clock.

Nothing of it is sampled, and nothing of it is kept: every figure wears the badge SIMULATED.
"""

from __future__ import annotations

import functools
import zlib
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.energy_ends import EnergyEnded
from tokencoach.audit.power_day import PowerDay, PowerNow, PowerTimes
from tokencoach.clock import day_of, day_start_ms, next_day
from tokencoach.power.grid import worth_of
from tokencoach.power.live import HISTORY, Live, MeterLive, Point, ServerLive
from tokencoach.power.reading import Quality, Scope
from tokencoach.power.servers.seen import ServerKind, State
from tokencoach.settings import PowerSettings
from tokencoach.store.power.rows import RequestEnergy, ServerTime
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

_BLOCK_S: Final = 150
_WORKING: Final = 0.9
_PREFILL_S: Final = 3
_EMPTY_W, _IDLE_W, _DECODE_W, _PREFILL_W = 12.0, 31.0, 206.0, 243.0
_MODEL: Final = "simulated-30b-a3b"
_OTHER: Final = "simulated-8b"
_ENDS: Final = (
    (Bucket.SHIPPED, 0.61),
    (Bucket.REWORKED, 0.09),
    (Bucket.NOT_LANDED, 0.21),
    (Bucket.NEUTRAL, 0.09),
)
_WHY: Final = "the demonstration simulates it; no sensor and no server is asked"


class _Answer(NamedTuple):
    """One simulated request of a block: seconds into it, its length, tokens a second."""

    start: int
    length: int
    rate: float


class SimulatedPower:
    """Figures of one seed at any moment: the same moment has the same figures."""

    def __init__(self, name: str) -> None:
        self._seed = zlib.crc32(name.encode())
        self._blocks: dict[int, _Answer | None] = {}
        self._days: dict[date, PowerDay] = {}

    def _block(self, number: int) -> _Answer | None:
        if number not in self._blocks:
            dice = Random(f"{self._seed}/{number}")  # noqa: S311 - for looks, no secret
            length = dice.randint(25, 110)
            answer = _Answer(dice.randint(5, 35), length, dice.uniform(36.0, 44.0))
            self._blocks[number] = answer if dice.random() < _WORKING else None
        return self._blocks[number]

    def _at(self, second: int) -> tuple[float, float | None]:
        """Watts, and tokens a second while it answers."""
        flicker = (second * 2_654_435_761 >> 16) % 7 - 3
        answer = self._block(second // _BLOCK_S)
        since = -1 if answer is None else second % _BLOCK_S - answer.start
        if answer is None or not 0 <= since < answer.length:
            return _IDLE_W + flicker / 3, None
        if since < _PREFILL_S:
            return _PREFILL_W + flicker, 0.0
        return _DECODE_W + flicker, answer.rate + flicker / 3

    def _spent(self, number: int) -> tuple[float, float, float]:
        """Joules, tokens and idle seconds of a block."""
        answer = self._block(number)
        if answer is None:
            return _BLOCK_S * _IDLE_W, 0.0, _BLOCK_S
        decode = answer.length - _PREFILL_S
        idle = _BLOCK_S - answer.length
        joules = _PREFILL_S * _PREFILL_W + decode * _DECODE_W + idle * _IDLE_W
        return joules, decode * answer.rate, idle

    def live(self, tz: ZoneInfo, now_ms: int) -> Live:
        """What the Power screen would show."""
        now = now_ms // 1000
        looks = [self._at(second) for second in range(now - HISTORY + 1, now + 1)]
        watts, rate = looks[-1]
        answer = self._block(now // _BLOCK_S)
        joules = _DECODE_W / (answer.rate if answer else 40.0)
        prefill = _PREFILL_S * _PREFILL_W / 1500
        first = day_start_ms(day_of(now_ms, tz), tz) // 1000
        day = self._day(tz, now_ms, day_of(now_ms, tz))
        servers = (
            ServerLive(
                ServerKind.LLAMA_SERVER,
                0,
                0,
                _MODEL,
                State.PROCESSING if rate is not None else State.IDLE,
                context=32_768,
                slots=1,
                busy_slots=int(rate is not None),
                tokens_per_second=rate or 0.0,
                prompt_tokens=day.prompt_tokens,
                generated_tokens=day.tokens,
                idle_seconds=day.idle_s,
                joules_per_token=joules,
                prefill_joules_per_token=prefill,
                joules_of=(Scope.GPU.value,),
                joules_quality=Quality.SIMULATED,
                joules_why=_WHY,
                resident_watts=_IDLE_W - _EMPTY_W,
                resident_wh=day.resident_wh,
            ),
            ServerLive(
                ServerKind.OLLAMA,
                0,
                1,
                _OTHER,
                State.IDLE,
                context=8192,
                idle_seconds=float(now - first),
                resident_watts=4.0,
                resident_wh=4.0 * (now - first) / 3600,
                why_not=_WHY,
            ),
        )
        points = zip(range(now - HISTORY + 1, now + 1), looks, strict=True)
        return Live(
            at_ms=now_ms,
            watts=watts,
            idle_watts=_IDLE_W,
            empty_watts=_EMPTY_W,
            quality=Quality.SIMULATED,
            scopes=(Scope.GPU.value,),
            meters=(
                MeterLive(
                    "gpu:0", Scope.GPU, Quality.SIMULATED, "simulated card", "simulated", watts, _IDLE_W
                ),
            ),
            servers=servers,
            refusals=(),
            unanswered=(),
            guest=None,
            own_cpu_percent=None,
            history=tuple(Point(1000 * at, w, r or 0.0, is_busy=r is not None) for at, (w, r) in points),
            is_simulated=True,
        )

    def times(self, tz: ZoneInfo, now_ms: int, settings: PowerSettings) -> PowerTimes:
        """The day and the month so far, as if a card had worked all the time."""
        today = day_of(now_ms, tz)
        day = self._day(tz, now_ms, today)
        month = day
        for number in range(1, today.day):
            first = today.replace(day=number)
            if first not in self._days:
                self._days[first] = self._day(tz, day_start_ms(next_day(first), tz), first)
            month = _added(month, self._days[first])
        return PowerTimes(day, month, worth_of(day.energy_wh or 0.0, settings))

    def _day(self, tz: ZoneInfo, until_ms: int, day: date) -> PowerDay:
        start = day_start_ms(day, tz) // 1000
        spent = [self._spent(block) for block in range(start // _BLOCK_S, until_ms // 1000 // _BLOCK_S)]
        joules, tokens, idle = (sum(part) for part in zip(*spent, strict=True)) if spent else (0.0, 0.0, 0.0)
        wh = joules / 3600
        busy = len([1 for _, written, _ in spent if written])
        return PowerDay(
            energy_wh=wh,
            quality=Quality.SIMULATED,
            gap_share=0.0,
            tokens=round(tokens),
            prompt_tokens=1500 * busy,
            idle_s=float(idle),
            resident_wh=idle * (_IDLE_W - _EMPTY_W) / 3600,
            servers=(
                ServerTime(
                    ServerKind.LLAMA_SERVER.value,
                    _MODEL,
                    0,
                    round(idle * 1000),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    round(tokens),
                ),
            ),
            requests=RequestEnergy(
                busy, busy, round(tokens), round(joules * 1e6), 0, frozenset({Quality.SIMULATED.value})
            ),
            ended=EnergyEnded(Quality.SIMULATED, tuple((bucket, wh * share) for bucket, share in _ENDS), ()),
        )


def _added(one: PowerDay, other: PowerDay) -> PowerDay:
    ended = tuple(
        (bucket, (one.energy_wh or 0.0) * share + (other.energy_wh or 0.0) * share) for bucket, share in _ENDS
    )
    return one._replace(
        energy_wh=(one.energy_wh or 0.0) + (other.energy_wh or 0.0),
        tokens=one.tokens + other.tokens,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        idle_s=one.idle_s + other.idle_s,
        resident_wh=(one.resident_wh or 0.0) + (other.resident_wh or 0.0),
        ended=EnergyEnded(Quality.SIMULATED, ended, ()),
    )


@functools.cache
def _of(name: str) -> SimulatedPower:
    return SimulatedPower(name)


def simulated_power(name: str, tz: ZoneInfo, now_ms: int, settings: PowerSettings | None = None) -> PowerNow:
    """All figures of a demonstration by the name of its folder, which holds its day and seed."""
    made = _of(name)
    return PowerNow(made.live(tz, now_ms), made.times(tz, now_ms, settings or PowerSettings()))
