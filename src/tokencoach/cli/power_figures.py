"""Figures of power as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.power.cloud import SOURCES
from tokencoach.power.grid import worth_of
from tokencoach.power.reading import Quality

if TYPE_CHECKING:
    from tokencoach.audit.energy_ends import EnergyEnded
    from tokencoach.audit.power_day import PowerDay, PowerTimes
    from tokencoach.power.live import Live, ServerLive
    from tokencoach.settings import PowerSettings


def power_json(live: Live, times: PowerTimes | None, settings: PowerSettings) -> dict[str, Any]:
    """The figures under the keys that are promised."""
    day, month = (None, None) if times is None else (times.day, times.month)
    return {
        "simulated": live.is_simulated,
        "watts": live.watts,
        "marginal_watts": live.marginal_watts,
        "idle_watts": live.idle_watts,
        "empty_watts": live.empty_watts,
        "estimate_watts": None if live.estimate is None else list(live.estimate),
        "quality": live.quality.value,
        "scopes": list(live.scopes),
        "guest": live.guest,
        "meters": [
            {
                "id": it.id,
                "scope": it.scope.value,
                "quality": it.quality.value,
                "name": it.name,
                "source": it.source,
                "watts": it.watts,
                "idle_watts": it.idle_watts,
                "is_added": it.is_added,
                "why_not": it.why_not,
            }
            for it in live.meters
        ],
        "refusals": [
            {"interface": name, "why": why, "permit": permit} for name, why, permit in live.refusals
        ],
        "servers": [_server_json(it) for it in live.servers],
        "unanswered": [{"kind": it.kind.value, "pid": it.pid, "why": it.why} for it in live.unanswered],
        "today": _day_json(day, settings),
        "month": _day_json(month, settings),
        "cloud_today": _cloud_json(day),
        "cloud_month": _cloud_json(month),
        "own_cost": {"cpu_percent": live.own_cpu_percent},
    }


def _server_json(it: ServerLive) -> dict[str, Any]:
    return {
        "kind": it.kind.value,
        "pid": it.pid,
        "port": it.port,
        "model": it.model,
        "state": it.state.value,
        "context": it.context,
        "slots": it.slots,
        "busy_slots": it.busy_slots,
        "tokens_per_second": it.tokens_per_second,
        "prompt_tokens": it.prompt_tokens,
        "generated_tokens": it.generated_tokens,
        "joules_per_token": it.joules_per_token,
        "prefill_joules_per_token": it.prefill_joules_per_token,
        "joules_of": list(it.joules_of),
        "joules_quality": it.joules_quality.value,
        "joules_why": it.joules_why,
        "cpu_percent": it.cpu_percent,
        "cpu_seconds_per_token": it.cpu_seconds_per_token,
        "resident_bytes": it.resident_bytes,
        "idle_seconds": it.idle_seconds,
        "resident_watts": it.resident_watts,
        "resident_wh_today": it.resident_wh,
        "why_not": it.why_not,
    }


def _cloud_json(day: PowerDay | None) -> dict[str, Any]:
    """Tokens made elsewhere: a band from the literature, apart from all that is measured."""
    band = None if day is None else day.cloud
    wh = None if band is None else [band.low_wh, band.high_wh]
    return {"energy_wh": wh, "quality": Quality.ESTIMATE.value, "sources": list(SOURCES)}


def _day_json(day: PowerDay | None, settings: PowerSettings) -> dict[str, Any]:
    if day is None:
        return {"energy_wh": None, "quality": Quality.NONE.value, "tokens": 0, "surviving_share": None}
    return {
        "energy_wh": day.energy_wh,
        "quality": day.quality.value,
        "gap_share": day.gap_share,
        "tokens": day.tokens,
        "prompt_tokens": day.prompt_tokens,
        "idle_seconds": day.idle_s,
        "resident_wh": day.resident_wh,
        "surviving_share": day.surviving_share,
        "ended": None if day.ended is None else _ended_json(day.ended),
        **_worth_json(day.energy_wh, settings),
    }


def _ended_json(ended: EnergyEnded) -> dict[str, Any]:
    """What the surviving share is made of."""
    return {
        "energy_wh": ended.wh,
        "quality": ended.quality.value,
        "buckets": [{"bucket": bucket.value, "energy_wh": wh} for bucket, wh in ended.buckets],
        "unasked_wh": ended.unasked_wh,
        "sessions": [
            {
                "session_id": one.session_id,
                "project": one.project,
                "energy_wh": one.wh,
                "quality": one.quality.value,
                "surviving_share": one.shipped_share,
            }
            for one in ended.sessions
        ],
    }


def _worth_json(wh: float | None, settings: PowerSettings) -> dict[str, Any]:
    if wh is None:
        names = ("cost", "cost_source", "co2_g", "co2_source")
        return dict.fromkeys(names) | {"currency": settings.currency}
    cost, emitted = worth_of(wh, settings)
    return {
        "cost": None if cost is None else cost.amount,
        "currency": settings.currency if cost is None else cost.currency,
        "cost_source": None if cost is None else cost.source,
        "co2_g": [emitted.low_g, emitted.high_g],
        "co2_source": emitted.source,
    }
