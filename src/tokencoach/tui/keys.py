"""The one table of actions: bindings, footer, palette and help are all made from it."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType

EVERYWHERE = "everywhere"
LIST = "list"
WINDOWS = (
    "window",
    "word",
    "plan",
    "snooze",
    "closing",
    "figures",
    "question",
    "choice",
    "graded",
    "judged",
    "skip",
)
"""Scopes of windows that lie on top: their keys hide those of the page below."""
WITHOUT_SPEND = frozenset({"check", "doctor", "lines", "power", "welcome"})
"""Screens that show neither cost nor tokens, so that their footer offers no unit."""


class Action(NamedTuple):
    """One thing a key does.

    ``scope`` is ``everywhere``, ``list`` or a screen's name. ``rank`` orders the footer, 0 is
    not shown there; where it does not fit, the highest rank is dropped first.
    """

    id: str
    keys: str
    action: str
    label: str
    help: str
    scope: str
    rank: int = 0
    shown_as: str = ""


ACTIONS = (
    Action("go.today", "1", "app.show('today')", "Today", "What runs now and what today cost", EVERYWHERE),
    Action("go.audit", "2", "app.show('audit')", "Audit", "What of a month's spend shipped", EVERYWHERE),
    Action(
        "go.checklist",
        "3",
        "app.show('checklist')",
        "Checklist",
        "The month's self-audit, each item with its evidence",
        EVERYWHERE,
    ),
    Action(
        "go.check", "4", "app.show('check')", "Check", "Questions about AI-written code that wait", EVERYWHERE
    ),
    Action(
        "go.power",
        "5",
        "app.show('power')",
        "Power",
        "Watts and tokens of models on this computer",
        EVERYWHERE,
    ),
    Action("go.sessions", "6", "app.show('sessions')", "Sessions", "Every session, newest first", EVERYWHERE),
    Action(
        "go.doctor", "7", "app.show('doctor')", "Doctor", "What is read, what is wrong, its mend", EVERYWHERE
    ),
    Action(
        "app.ritual",
        "M",
        "app.ritual",
        "ritual",
        "The monthly ritual: what I spent, where it ended, one thing to stop, one plan",
        EVERYWHERE,
    ),
    Action("app.back", "escape", "app.go_back", "back", "One level out; never quits", EVERYWHERE, 6, "esc"),
    Action("app.unit", "u", "app.unit", "unit", "Cost or tokens, on every screen", EVERYWHERE, 5),
    Action(
        "app.why",
        "question_mark",
        "app.why",
        "why",
        "Formula, inputs and source of the focused figure",
        EVERYWHERE,
        7,
        "?",
    ),
    Action("app.refresh", "R", "app.refresh_now", "refresh", "Read the database again", EVERYWHERE),
    Action("app.watch", "w", "app.watch", "watch", "Start the watcher where none runs", EVERYWHERE),
    Action("app.theme", "t", "app.light_or_dark", "theme", "Light or dark", EVERYWHERE),
    Action("app.keys", "f1", "app.keys", "keys", "All keys of this screen", EVERYWHERE, 9, "F1"),
    Action(
        "app.palette",
        "ctrl+p",
        "app.command_palette",
        "palette",
        "Find any action by name",
        EVERYWHERE,
        0,
        "^p",
    ),
    Action("app.quit", "q", "app.leave", "quit", "Leave; closes a window that lies on top", EVERYWHERE, 8),
    Action("app.quit-now", "ctrl+q", "app.quit", "quit now", "Leave from anywhere", EVERYWHERE, 0, "^q"),
    Action("list.open", "enter", "open", "open", "Open the line under the cursor", LIST, 1, "↵"),
    Action("list.down", "j,down", "down", "down", "One line down", LIST, 0, "j ↓"),
    Action("list.up", "k,up", "up", "up", "One line up", LIST, 0, "k ↑"),
    Action("list.first", "g,home", "first", "first", "First line", LIST, 0, "g home"),
    Action("list.last", "G,end", "last", "last", "Last line", LIST, 0, "G end"),
    Action("list.half-down", "ctrl+d", "half_page(1)", "half page down", "Half a page down", LIST, 0, "^d"),
    Action("list.half-up", "ctrl+u", "half_page(-1)", "half page up", "Half a page up", LIST, 0, "^u"),
    Action("list.page-down", "pagedown,space", "page(1)", "page down", "A page down", LIST, 0, "PgDn"),
    Action("list.page-up", "pageup", "page(-1)", "page up", "A page up", LIST, 0, "PgUp"),
    Action(
        "list.sort-next",
        "greater_than_sign",
        "sort(1)",
        "sort",
        "Order by the next column; so does a click on its heading",
        LIST,
        0,
        ">",
    ),
    Action(
        "list.sort-before",
        "less_than_sign",
        "sort(-1)",
        "sort back",
        "Order by the column before",
        LIST,
        0,
        "<",
    ),
    Action("list.find", "slash", "find", "find", "Find the lines that hold a word", LIST, 2, "/"),
    Action(
        "audit.previous", "left_square_bracket", "month(-1)", "month", "The month before", "audit", 2, "["
    ),
    Action(
        "audit.next", "right_square_bracket", "month(1)", "next month", "The month after", "audit", 0, "]"
    ),
    Action("audit.now", "full_stop", "this_month", "this month", "The running month", "audit", 0, "."),
    Action("audit.export", "e", "export", "export", "Write this audit as Markdown to a file", "audit", 4),
    Action(
        "audit.features",
        "f",
        "open_features",
        "features",
        "What shipped, what it took, the score",
        "audit",
        3,
    ),
    Action(
        "audit.close",
        "c",
        "close_month",
        "close",
        "Freeze this month; later evidence is a restatement",
        "audit",
        4,
    ),
    Action("audit.sessions", "o", "open_sessions", "sessions", "All sessions of this month", "audit"),
    Action("sessions.sort", "s", "sort", "sort", "By time, cost or waste", "sessions", 3),
    Action("sessions.reverse", "S", "reverse", "reverse", "Turn the order round", "sessions"),
    Action("features.used", "y", "say('used')", "used", "Say that this is in use", "features", 2),
    Action("features.unused", "n", "say('not used')", "not used", "Say that nobody uses this", "features", 3),
    Action("features.harmed", "h", "say('harmed')", "harmed", "Say that this did harm", "features", 4),
    Action("features.undo", "z", "undo", "undo", "Take your last word on a feature back", "features", 5),
    Action("feature.copy", "y", "copy", "copy commit", "Copy the last commit of this feature", "feature", 2),
    Action(
        "sessions.overrule", "v", "overrule", "overrule", "Say what became of this session", "sessions", 4
    ),
    Action("sessions.mark", "m", "mark", "mark", "Exploration, prototype or production", "sessions", 4),
    Action(
        "session.overrule", "v", "overrule", "overrule", "Say what became of this turn or edit", "session", 2
    ),
    Action(
        "session.overrule-all",
        "V",
        "overrule_all",
        "whole session",
        "Say what became of the session",
        "session",
    ),
    Action("session.mark", "m", "mark", "mark", "Exploration, prototype or production", "session", 3),
    Action("session.prompt", "p", "prompt", "prompt", "The prompt of this turn, from the log", "session", 4),
    Action("session.edit", "o", "edit", "edit", "Open the file of this edit in your $EDITOR", "session"),
    Action("turn.edit", "o", "edit", "edit", "Open the file of this edit in your $EDITOR", "turn"),
    Action("turn.overrule", "v", "overrule", "overrule", "Say what became of this turn", "turn", 2),
    Action("turn.overrule-edit", "V", "overrule_edit", "this edit", "Say what became of this edit", "turn"),
    Action("turn.prompt", "p", "prompt", "prompt", "The whole prompt, from the log", "turn", 3),
    Action("lines.overrule", "v", "overrule", "overrule", "Say what became of this edit", "lines", 3),
    Action("lines.overrule-lines", "V", "overrule_lines", "lines", "Say what became of these lines", "lines"),
    Action("lines.from", "s", "begin_span", "from here", "The lines from here to the cursor, for V", "lines"),
    Action(
        "lines.prompt", "p", "prompt", "prompt", "The prompt that made this line, from the log", "lines", 2
    ),
    Action("lines.edit", "o", "edit", "edit", "Open the file at this line in your $EDITOR", "lines", 3),
    Action("lines.copy", "y", "copy", "copy commit", "Copy the commit of this line", "lines", 4),
    Action(
        "lines.copy-place", "Y", "copy_place", "copy path", "Copy the path and number of this line", "lines"
    ),
    Action("finding.plan", "p", "plan", "plan", "Make this habit an if-then plan", "finding", 2),
    Action("finding.drop", "D", "drop", "drop plan", "Drop the plan against this habit", "finding", 4),
    Action("ritual.next", "n,right", "next", "next", "On to the next screen", "ritual", 1, "↵"),
    Action("ritual.before", "b,left", "before", "back one", "The screen before", "ritual", 2),
    Action("ritual.look", "o", "look", "evidence", "The evidence of the habit under the cursor", "ritual", 3),
    Action("ritual.without", "x", "without", "no plan", "Finish without a plan", "ritual", 4),
    Action("plan.close", "escape", "close", "leave", "Change nothing", "plan", 1, "esc"),
    Action(
        "checklist.previous",
        "left_square_bracket",
        "month(-1)",
        "month",
        "The month before",
        "checklist",
        4,
        "[",
    ),
    Action(
        "checklist.next",
        "right_square_bracket",
        "month(1)",
        "next month",
        "The month after",
        "checklist",
        0,
        "]",
    ),
    Action("checklist.plan", "p", "plan", "plan", "Make a plan against this", "checklist", 2),
    Action(
        "checklist.snooze",
        "z",
        "snooze",
        "snooze",
        "Leave it alone up to a day, with a reason",
        "checklist",
        3,
    ),
    Action("item.plan", "p", "plan", "plan", "Make a plan against this", "item", 2),
    Action("item.snooze", "z", "snooze", "snooze", "Leave it alone up to a day, with a reason", "item", 3),
    Action(
        "snooze.undo",
        "f2",
        "take_back",
        "take back",
        "Take your word on this item back",
        "snooze",
        1,
        "F2",
    ),
    Action("snooze.close", "escape", "close", "leave", "Change nothing", "snooze", 2, "esc"),
    Action("check.start", "c", "start", "start", "Answer what waits, the newest first", "check", 2),
    Action("doctor.copy", "y", "copy", "copy", "Copy the report, to paste it somewhere", "doctor", 2),
    Action("welcome.audit", "enter", "begin", "show me", "Open what has been read so far", "welcome", 1, "↵"),
    Action("welcome.demo", "d", "demo", "demo data", "Look at made-up data instead", "welcome", 2),
    Action("word.undo", "u", "take_back", "take back", "Take your word or mark back", "word", 1),
    Action("word.close", "escape", "close", "leave", "Change nothing", "word", 2, "esc"),
    Action("closing.accept", "enter", "accept", "close", "Close the month", "closing", 1, "↵"),
    Action("closing.leave", "escape,q", "close", "leave", "Leave the month open", "closing", 2, "esc"),
    Action(
        "question.show",
        "f2,question_mark",
        "show",
        "show me",
        "I don't know: show the answer",
        "question",
        2,
        "F2",
    ),
    Action("question.skip", "f3,s", "skip", "skip", "Leave this out, with a reason", "question", 3, "F3"),
    Action(
        "question.abort",
        "f4,a",
        "abort",
        "stop, I want to fix this",
        "Stop the commit; nothing is lost",
        "question",
        4,
        "F4",
    ),
    Action(
        "question.bad",
        "f5,b",
        "bad",
        "bad question",
        "This question is wrong or worth nothing",
        "question",
        5,
        "F5",
    ),
    Action("question.why", "f1", "why", "why me", "Why this is asked, and all keys", "question", 6, "F1"),
    Action(
        "question.code-down",
        "pagedown,ctrl+down",
        "code(1)",
        "code down",
        "Scroll the code, also while typing",
        "question",
        0,
        "PgDn",
    ),
    Action(
        "question.code-up",
        "pageup,ctrl+up",
        "code(-1)",
        "code up",
        "Scroll the code back",
        "question",
        0,
        "PgUp",
    ),
    Action("question.leave", "escape", "skip", "skip", "Leave this out, with a reason", "question", 0, "esc"),
    Action(
        "choice.answer", "enter", "answer", "answer", "Answer with what is typed or chosen", "choice", 1, "↵"
    ),
    Action(
        "choice.mark",
        "space",
        "mark",
        "mark",
        "Mark this option, where several may be right",
        "choice",
        0,
        "space",
    ),
    Action("choice.down", "j,down", "down", "down", "One option down", "choice", 0, "j ↓"),
    Action("choice.up", "k,up", "up", "up", "One option up", "choice", 0, "k ↑"),
    *(
        Action(f"choice.{number}", str(number), f"pick({number})", str(number), f"Option {number}", "choice")
        for number in range(1, 10)
    ),
    Action("graded.next", "enter,n", "next", "next", "The next question, or the end", "graded", 1, "↵"),
    Action("judged.right", "y", "judge('right')", "right", "What I wrote is right", "judged", 1),
    Action("judged.partly", "p", "judge('partly')", "partly", "What I wrote is half of it", "judged", 2),
    Action("judged.wrong", "w", "judge('wrong')", "wrong", "What I wrote is wrong", "judged", 3),
    Action(
        "skip.trivial", "1", "choose('trivial')", "trivial", "This question is not worth an answer", "skip"
    ),
    Action(
        "skip.reviewed",
        "2",
        "choose('reviewed elsewhere')",
        "reviewed",
        "This function was reviewed elsewhere",
        "skip",
    ),
    Action("skip.hotfix", "3", "choose('hotfix')", "hotfix", "It has to go out now: skip all", "skip"),
    Action(
        "skip.bad",
        "4,b",
        "choose('question is bad')",
        "bad",
        "The question is wrong or worth nothing",
        "skip",
    ),
    Action(
        "skip.later",
        "5,escape",
        "choose('later')",
        "later",
        "All that is left waits in the inbox",
        "skip",
        0,
        "5 esc",
    ),
    Action(
        "skip.show", "question_mark,f2", "show", "show me", "I don't know: show the answer", "skip", 0, "?"
    ),
    Action("skip.abort", "a,f4", "abort", "stop", "Stop the commit, to fix something", "skip"),
    Action("skip.back", "enter,q", "close", "back", "Back to the question", "skip", 1, "↵"),
    Action(
        "figures.close", "escape,q,question_mark", "close", "close", "Close the window", "figures", 1, "esc"
    ),
    Action(
        "figures.copy", "y", "copy", "copy", "Copy the figure with all that stands behind it", "figures", 2
    ),
    Action(
        "window.close",
        "escape,q,enter,question_mark,f1",
        "close",
        "close",
        "Close the window",
        "window",
        1,
        "esc",
    ),
)


def actions_of(*scopes: str) -> list[Action]:
    """The actions of some scopes, in the table's order."""
    return [action for action in ACTIONS if action.scope in scopes]


def bindings(scope: str) -> list[BindingType]:
    """Textual's bindings for one scope."""
    return [
        Binding(
            action.keys,
            action.action,
            action.label,
            show=bool(action.rank),
            key_display=key_name(action),
            tooltip=action.help,
            id=action.id,
        )
        for action in actions_of(scope)
    ]


def key_name(action: Action) -> str:
    """How a key is written for a person."""
    return action.shown_as or action.keys.split(",")[0]


def footer_actions(scopes: tuple[str, ...]) -> list[Action]:
    """What the footer shows, the most useful first; the caller drops from the end."""
    hidden = {"app.unit"} if WITHOUT_SPEND.intersection(scopes) else set()
    shown = [action for action in actions_of(*scopes) if action.rank and action.id not in hidden]
    return sorted(shown, key=lambda action: action.rank)
