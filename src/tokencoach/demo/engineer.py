"""How the demonstration's engineer works: sessions and what follows them, one method per habit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.demo.templates import FIELDS, Author, Language, Module

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tokencoach.demo.claude import ClaudeSession
    from tokencoach.demo.repository import Repository
    from tokencoach.demo.session import Session
    from tokencoach.demo.stage import Stage

CLAUDE_MODELS = ("claude-sonnet-4-6", "claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5-20251001")
CODEX_MODELS = ("gpt-5.1-codex", "gpt-5.5")
CLAUDE_SHARE = 0.7
PROMPTS = (
    "Add a module that can {verb} each {noun}; keep the style we have.",
    "We need to {verb} {noun} records. Look at the other modules first.",
    "Every {noun} must be ready for the {verb} step before Friday. Please build it.",
    "Write what we need to {verb} a {noun}, small functions, no new dependency.",
)
STANDING_TOKENS = 40_000
EARLIER_TOKENS = (55_000, 70_000, 100_000, 135_000)
COLLEAGUE = ("Sam Example", "sam@example.invalid")
REVIEWED = "\n\nReviewed-by: Sam Example <sam@example.invalid>"
FollowUp = tuple[float, "Callable[[], None]"]


class Engineer:
    """One person in one project. Each habit acts from the stage's present moment on.

    A habit may return follow-ups: (days from now, what happens then).
    """

    def __init__(self, stage: Stage, repo: Repository, language: Language, dice: Random) -> None:
        self.stage = stage
        self.repo = repo
        self.dice = dice
        self.author = Author(language, dice)
        self.language = language
        self.counter = 0
        self._opened: dict[str, int] = {}

    def lay_foundation(self) -> None:
        """What stood before any assistant came."""
        self.repo.human_write("README.md", f"# {self.repo.name}\n\nRun the tests before you push.\n")
        for _ in range(4):
            module = self.author.module(3)
            self.repo.human_write(module.path, module.text)
        self.repo.commit("Start of the project")
        self.repo.push()

    def open(self) -> Session:
        """Start a conversation with one of the assistants."""
        if self.dice.random() < CLAUDE_SHARE:
            return self.open_claude()
        model = self.dice.choice(CODEX_MODELS)
        is_late = self.dice.random() < CLAUDE_SHARE
        session = self.stage.codex(self.repo, model=model, generation="0.169" if is_late else "0.34")
        session.context_tokens += self._earlier(session)
        return session

    def open_claude(self) -> ClaudeSession:
        """Start a conversation with Claude Code."""
        session = self.stage.claude(self.repo, model=self.dice.choice(CLAUDE_MODELS))
        session.context_tokens += self._earlier(session)
        return session

    def _earlier(self, session: Session) -> int:
        """Tokens that stand in a conversation already: every second one begins with what is always sent."""
        number = self._opened.get(session.source, 0)
        self._opened[session.source] = number + 1
        return self.dice.choice(EARLIER_TOKENS) if number % 2 else STANDING_TOKENS

    def look_around(self, session: Session) -> None:
        """Read and search before anything is changed."""
        session.read("README.md")
        session.bash(f"git log --oneline -5 -- {self.language.folder}", "a1b2c3d Start of the project")
        # Different commands each: equal ones would be taken for a loop.
        for field in self.dice.sample(FIELDS, self.dice.randrange(6, 18)):
            found = f"{self.language.folder}/{field}: {self.dice.randrange(1, 9)} places"
            session.bash(f"grep -rn {field} {self.language.folder}", found)

    def files(self, most: int) -> list[str]:
        """Files of code that are there, in order of their names."""
        folder = self.repo.folder
        found = sorted((folder / self.language.folder).rglob(f"*{self.language.suffix}"))
        return [path.relative_to(folder).as_posix() for path in found[:most]]

    def build(self, session: Session, parts: int | None = None) -> Module:
        """One turn: look around, write a module, refine it, test it."""
        module = self.author.module(parts or self.dice.randrange(2, 7))
        session.prompt(self.dice.choice(PROMPTS).format(verb=module.verb, noun=module.noun))
        self.look_around(session)
        session.write(module.path, module.text, f"The {module.noun} module needs these parts.")
        if self.dice.random() < 0.6:
            module = self.extend(session, module)
        session.bash(self.language.test_command, f"{self.dice.randrange(20, 90)} passed")
        session.say(f"The {module.noun} module is in place and its tests pass.")
        return module

    def extend(self, session: Session, module: Module) -> Module:
        """Put one more part before the last one."""
        part = self.author.part(module.noun, module.verb)
        # The anchor stands once in the file, as the assistants demand of an old string.
        session.edit(module.path, module.anchor, f"{part}\n\n{module.anchor}")
        return Module(module.path, module.noun, module.verb, (*module.parts[:-1], part, module.parts[-1]))

    def pause(self, hours: float = 0.5) -> None:
        """The person reads the change before committing it."""
        self.stage.clock.advance(hours=hours * self.dice.uniform(0.3, 1.2))

    def land(self, module: Module, kind: str = "feat") -> str:
        """Commit everything on the default branch."""
        self.pause()
        self.counter += 1
        # Every third change goes in without anybody else having seen it.
        seen = REVIEWED if self.counter % 3 else ""
        commit = self.repo.commit(f"{kind}({module.noun}): {module.verb} {module.noun} records{seen}")
        self.repo.push()
        return commit

    def merge_of_a_colleague(self, name: str) -> None:
        """Somebody else looks at a branch and merges it."""
        me, self.repo.person = self.repo.person, COLLEAGUE
        self.repo.merge(name)
        self.repo.person = me

    def mend(self, module: Module) -> None:
        """A line turns out to be wrong and is written anew by hand."""
        named = [line for line in module.parts[-1].splitlines() if module.noun in line]
        wrong = max(named or [module.anchor], key=len)
        self.repo.human_edit(module.path, wrong, wrong.replace(module.noun, f"checked_{module.noun}"))
        self.repo.commit(f"fix({module.noun}): {module.verb} where nothing is left")
        self.repo.push()

    def start_branch(self, prefix: str = "feature") -> str:
        """Go to a new branch."""
        # A number keeps names apart, however often the same word is drawn.
        self.counter += 1
        name = f"{prefix}/{self.dice.choice(('faster', 'safer', 'simpler', 'newer'))}-{self.counter}"
        self.repo.branch(name)
        return name

    def throw_away(self) -> None:
        """Drop everything that is not committed."""
        self.repo.git("reset", "--quiet", "--hard")
        self.repo.git("clean", "--quiet", "-fd")
