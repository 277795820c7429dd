"""The doctor on the screen: what is wrong is seen first, what is nobody's concern is folded."""

from __future__ import annotations

from tokencoach.doctor.report import DoctorItem, DoctorReport, DoctorSection
from tui.driving import Driver, drive, screen_text
from tui.made_values import MadeBackend


def test_the_doctor_names_what_is_wrong_and_its_mend() -> None:
    text = screen_text(MadeBackend(), "7", "G")
    assert "1 thing needs a person" in text
    assert "cleanupPeriodDays" in text


class ManyAssistants(MadeBackend):
    """A doctor that found one assistant of four."""

    def doctor(self) -> DoctorReport:
        """One found, three absent, then what is kept how long."""
        absent = tuple(
            DoctorItem(name, f"not found; looked in ~/.{name}", is_absent=True)
            for name in ("amp", "kimi", "zed")
        )
        found = DoctorItem("codex", "5 files in ~/.codex/sessions")
        kept = DoctorItem("codex keeps its logs", "for ever")
        return DoctorReport((DoctorSection("logs", (found, *absent, kept)),))


def test_assistants_of_which_nothing_is_here_share_one_line_which_unfolds() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("7")
        text = driver.text()
        assert "not found: 3 assistants: amp, kimi, zed" in text
        assert "looked in" not in text
        assert text.index("others") < text.index("codex keeps its logs")
        await driver.press("j")
        assert "↵ lists where it looked for each." in driver.text()
        await driver.press("enter")
        assert "not found; looked in ~/.kimi" in driver.text()
        assert "others" not in driver.text()

    drive(ManyAssistants(), script)


def test_the_doctors_cursor_begins_at_what_is_lacking() -> None:
    class Lacking(MadeBackend):
        def doctor(self) -> DoctorReport:
            gone = DoctorItem(
                "not here", "/home/dev/old", "tokencoach repos link", lack="1 folder is not here"
            )
            return DoctorReport((DoctorSection("repositories", (DoctorItem("api", "ok"), gone)),))

    text = screen_text(Lacking(), "7")
    assert "Nothing is broken, but 1 folder is not here." in text
    assert "mend: tokencoach repos link" in text
