"""What stands behind each figure: formula, inputs, source. Opened with ``?``."""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """One figure explained. ``inputs`` are the values it was made of, as shown."""

    title: str
    formula: str
    source: str
    inputs: tuple[tuple[str, str], ...] = ()


SHIPPED = Explanation(
    "Share of spend that became code that is still there",
    "spend in bucket shipped / all spend of the period. A line is shipped when it landed on the default"
    " branch and is alive, or lived at least 14 days. A turn's spend is spread over the significant lines it"
    " wrote; a landed line younger than 14 days counts as shipped, provisionally.",
    "Requests and edits from the assistants' logs; landings and deaths from the first-parent history of git.",
)
BUCKETS = Explanation(
    "The six buckets",
    "shipped: landed and alive, or lived 14 days. reworked: landed and died within 14 days. not landed: never"
    " reached the default branch. pending: too young, or on an open branch. neutral: reading, planning,"
    " exploring. unknown: no evidence either way. They partition all requests; the tokens add up exactly.",
    "One verdict for each generated line, matched by text between the logs and git.",
)
PROJECTS = Explanation(
    "Spend by project",
    "Sum over the requests whose working folder lies in the repository. shipped: that project's own share."
    " Phase exploration or prototype counts as neutral, so no share is shown for it.",
    "Working folders from the logs; phase from a tag, a setting, a scratch path or the branch name.",
)
LEAKS = Explanation(
    "Where it went instead",
    "rejected, failed, overwritten, looped, uncommitted and stranded partition what never landed; reverted"
    " and reworked partition what was reworked. Below them the spend without evidence, each with its mend.",
    "Results of tool calls in the logs; reverts, deaths and branches in git.",
)
TODAY = Explanation(
    "Spend of today so far",
    "Sum over the requests with a timestamp of today in your time zone: tokens of each class times the price"
    " of that class for the model on that day. Requests without a price are counted apart, never as zero.",
    "Usage fields of the assistants' logs; the offline price table.",
)
SESSIONS = Explanation(
    "Sessions",
    "One line per session, for its own requests only: a resumed or forked session does not count its"
    " parent's. The verdict is the bucket with most of its spend; waste is not landed and reworked together.",
    "Requests and edits from the assistants' logs, verdicts from git.",
)
TURNS = Explanation(
    "Turns of a session",
    "A turn is one human prompt and all it caused. Rejected, failed and looped calls are cut out first; the"
    " rest is spread over the significant lines the turn wrote. A turn without edits follows"
    " the next that has.",
    "Prompts, requests and edits from the log; landings from git.",
)
LINES = Explanation(
    "What became of each line",
    "A generated line is matched in order, by its normalised text, with the lines that commits added. The"
    " confidence says how the match was made: in order within a file is strong, a moved or edited line"
    " weaker.",
    "64-bit keys of added lines on both sides; text is kept only while a verdict is pending.",
)
FEATURES = Explanation(
    "Features that shipped",
    "A feature is what landed together: a pull request, a merged branch, a squash with a number, commits of one"
    " scope or issue within a week, else the commits up to a release or of one sitting. It counts where generated"
    " lines landed in it and at least half of them live or lived 14 days. Fixes, tests, docs and refactoring are"
    " useful, but no features. It takes the shares of all turns whose lines landed in it, in whatever month. A"
    " bug-suspect is a fix that deletes its lines within 90 days, or only adds beside them (then 40 % sure).",
    "Messages, merges and tags in git; turns and edits in the logs.",
)
SCORE = Explanation(
    "Efficiency score",
    "F (F - 0.5 B) / (H x R). F: features shipped and reviewed. B: bug-suspects in them. H: your hours, for each"
    " feature at least an hour per 400 added lines and 3 minutes. R: thousands of weighted tokens and watt hours,"
    " by the hundred. A above 0.1, B above 0.05, C above 0.01, else F. As printed it is"
    " (F - 0.5 B) / (H x (T + 1000 kWh)): it divides by every single token, so it is near 0 for everybody.",
    "The features below it; prompts, refusals and requests in the logs. It stays on this computer.",
)
