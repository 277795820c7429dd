"""Whether code of a change could be run here: the kernel's walls, tried out."""

from __future__ import annotations

from tokencoach.comprehension.sandbox.attacks import got_through
from tokencoach.comprehension.sandbox.execute import layers
from tokencoach.comprehension.sandbox.kernel import NETWORK, REQUIRED
from tokencoach.doctor.report import DoctorItem, DoctorSection

_WITHOUT = "functions are not run; questions come from the code and from recorded tests"


def examine_sandbox(*, attacks: bool = False) -> DoctorSection:
    """The walls that stand, by a child that tries them; with ``attacks`` twenty ways out are tried too.

    That nothing can be run is no fault, only fewer questions; a way out is one.
    """
    said = layers()
    if said.refused is not None:
        return DoctorSection(
            "sandbox", (DoctorItem("code of a change", f"not run: {said.refused}", _WITHOUT),)
        )
    items = [DoctorItem(name, "stands" if name in said.walls else "not here") for name in _named(said.walls)]
    if attacks:
        items += [
            DoctorItem(
                f"code that {attack.name}",
                "GOT THROUGH" if is_through else f"not run: {refused}" if refused else "held",
                "update tokencoach, and tell its authors; until then: TOKENCOACH=0" if is_through else None,
                ok=not is_through,
            )
            for attack, refused, is_through in got_through()
        ]
    else:
        items.append(DoctorItem("twenty ways out", "not tried now", "tokencoach doctor --sandbox"))
    return DoctorSection("sandbox", tuple(items))


def _named(walls: tuple[str, ...]) -> tuple[str, ...]:
    known = (*REQUIRED, NETWORK)
    return known if set(walls) <= set(known) else walls
