"""CPU power that a service of the person's own publishes, averaged over a second, for one group to read.

An average over a second tells nothing of what other programs compute, which the counter itself may (PLATYPUS).
The service is shown by the doctor and set up by the person; here its file is only read.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from tokencoach.power.place import read_int
from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.power.instant import Instant
    from tokencoach.power.place import Place

FILE: Final = "/run/cpu-milliwatts"
_OLD_S: Final = 5.0
SERVICE: Final = f"""or a service of root that publishes an average over each second, and not the counter:
sudo tee /etc/systemd/system/cpu-milliwatts.service <<'END'
[Service]
ExecStart=/bin/sh -c 'f=/sys/class/powercap/intel-rapl:0/energy_uj; a=$(cat $f); while sleep 1; do b=$(cat $f); \
echo $(((b-a)/1000)) >{FILE}.new; chgrp power {FILE}.new; chmod 640 {FILE}.new; mv {FILE}.new {FILE}; a=$b; done'
[Install]
WantedBy=multi-user.target
END
sudo systemctl enable --now cpu-milliwatts"""


class Averaged:
    """The published figure as a gauge of the first package."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.info = MeterInfo(
            id=f"{Scope.CPU_PACKAGE}:averaged",
            scope=Scope.CPU_PACKAGE,
            quality=Quality.SENSOR,
            reads=Reads.GAUGE,
            name="package-0, averaged",
            source=f"{FILE} of your service",
            most_mw=1_000_000,
            period_ms=1000,
        )

    def read(self, at: Instant) -> Reading:
        """Milliwatts of the last second; a negative one is the counter's wrap, and no figure."""
        try:
            age_s = time.time() - self._path.stat().st_mtime
        except OSError:
            return Reading(at, why_not="the service that publishes it is gone")
        if age_s > _OLD_S:
            return Reading(at, why_not=f"the service that publishes it has not done so for {age_s:.0f} s")
        power = read_int(self._path)
        if power is None or power < 0:
            return Reading(at, why_not="the service published no figure")
        return Reading(at, power_mw=power)


def find(place: Place) -> Found:
    """The service's figure, where it publishes one that may be read."""
    path = place.file(FILE)
    if place.system != "linux" or not os.access(path, os.R_OK):
        return Found()
    return Found((Averaged(path),))
