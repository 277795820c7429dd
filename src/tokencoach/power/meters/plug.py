"""Smart plugs in the person's own network, only where the settings name one: what the wall gives.

Shelly (Gen2 RPC ``Switch.GetStatus``: ``apower`` in W, ``aenergy.total`` in Wh), Tasmota (``Status 8``:
``ENERGY.Power`` in W, of several sockets a list; ``ENERGY.Total`` in kWh, too coarse to be a counter), Home
Assistant (the state of one entity in W or kW). A name is looked up once, its address must be of a private
network, and that address is asked: no other ever is.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import re
import socket
from typing import TYPE_CHECKING, Any, Final

from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Refusal, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tokencoach.power.instant import Instant

_TIMEOUT: Final = 1.0
_LONGEST: Final = 65_536
_PERIOD_MS: Final = 5000
_ADDRESS: Final = re.compile(r"(shelly|tasmota|home-assistant):([^/:\s]+)(?::(\d+))?(?:/([\w.]+))?\Z")
_OWN_NETWORKS: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1",
    )
)
"""RFC 1918, RFC 3927, RFC 4193, RFC 4291: addresses that lead nowhere but to the person's own network."""
_PORTS: Final = {"shelly": 80, "tasmota": 80, "home-assistant": 8123}
_VARIABLE: Final = "TOKENCOACH_HOME_ASSISTANT_TOKEN"
_HINT: Final = f"; of Home Assistant a token in {_VARIABLE}"
_UNITS: Final = {"W": 1.0, "kW": 1000.0}


class Refused(Exception):  # noqa: N818 - what the plug did, no fault of ours
    """A plug answers, and tells no power; the words go on after "the plug"."""


class Plug:
    """One plug as a gauge of the wall."""

    def __init__(self, address: str, kind: str, entity: str, get: Callable[[str], Any]) -> None:
        self._kind = kind
        self._entity = entity
        self._get = get
        self._info = MeterInfo(
            id=f"{Scope.WALL}:{address}",
            scope=Scope.WALL,
            quality=Quality.SENSOR,
            reads=Reads.GAUGE,
            name=address,
            source=f"smart plug ({kind})",
            most_mw=5_000_000,
            period_ms=_PERIOD_MS,
        )
        self._last: Reading | None = None

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """Milliwatts now; asked at most every five seconds, the last answer in between."""
        last = self._last
        if last is not None and at.monotonic_ns - last.at.monotonic_ns < _PERIOD_MS * 1_000_000:
            return last
        self._last = self._ask(at)
        return self._last

    def _ask(self, at: Instant) -> Reading:
        try:
            watts = self._watts()
        except Refused as error:
            return Reading(at, why_not=f"the plug {error}")
        except TimeoutError:
            return Reading(at, why_not="the plug does not answer in time")
        except (OSError, http.client.HTTPException) as error:
            return Reading(
                at, why_not=f"the plug cannot be reached: {getattr(error, 'strerror', None) or error}"
            )
        except (ValueError, KeyError, TypeError, IndexError):
            return Reading(at, why_not=f"the plug's answer is none of a {self._kind} that measures")
        return Reading(at, power_mw=round(watts * 1000))

    def _watts(self) -> float:
        if self._kind == "shelly":
            return float(self._get("/rpc/Switch.GetStatus?id=0")["apower"])
        if self._kind == "tasmota":
            power = self._get("/cm?cmnd=Status%208")["StatusSNS"]["ENERGY"]["Power"]
            return sum(map(float, power)) if isinstance(power, list) else float(power)
        said = self._get(f"/api/states/{self._entity}")
        return _state(str(said["state"]), str((said.get("attributes") or {}).get("unit_of_measurement", "W")))


def _state(state: str, unit: str) -> float:
    """Watts of an entity's state.

    Raises:
        Refused: it is in no unit of power, or no number now.
    """
    if unit not in _UNITS:
        raise Refused(f"tells {unit}, not W: name its entity of power")
    try:
        return float(state) * _UNITS[unit]
    except ValueError as error:
        raise Refused(f"is {state[:40]}") from error


def find(
    addresses: Iterable[str], connect: Callable[[str, int, str | None], Callable[[str], Any]] | None = None
) -> Found:
    """The plugs that the settings name; ``connect`` gives a getter of JSON and is replaced in tests."""
    meters: list[Plug] = []
    refusals: list[Refusal] = []
    for address in addresses:
        match = _ADDRESS.match(address)
        if match is None or (match[1] == "home-assistant") != bool(match[4]):
            why = "not shelly:HOST, tasmota:HOST or home-assistant:HOST:PORT/ENTITY"
            refusals.append(Refusal(f"smart plug {address}", why, "correct power.plugs in the settings"))
            continue
        kind, host, port, entity = match.groups()
        own = _own_address(host)
        if own is None:
            why = "its address is not found, or not in a private network; no other is ever asked"
            refusals.append(Refusal(f"smart plug {address}", why))
            continue
        token = os.environ.get(_VARIABLE) if kind == "home-assistant" else None
        get = (connect or _getter)(own, int(port) if port else _PORTS[kind], token)
        meters.append(Plug(address, kind, entity or "", get))
    return Found(tuple(meters), tuple(refusals))


def _own_address(host: str) -> str | None:
    """The first address of a host where all are private, link-local or this computer's; else None."""
    try:
        found = [str(item[4][0]) for item in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
        are_own = all(_is_private(ipaddress.ip_address(item.partition("%")[0])) for item in found)
    except (OSError, ValueError):
        return None
    return found[0] if found and are_own else None


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address.version == network.version and address in network for network in _OWN_NETWORKS)


def _getter(host: str, port: int, token: str | None) -> Callable[[str], Any]:
    def get(path: str) -> Any:
        connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
            response = connection.getresponse()
            body = response.read(_LONGEST)
        finally:
            connection.close()
        if response.status in (401, 403):
            raise Refused(f"asks for a right (status {response.status}){_HINT if token is None else ''}")
        if response.status != 200:
            raise Refused(f"answers with status {response.status}")
        return json.loads(body)

    return get
