"""Draws files and functions of a language: some lines occur once, many occur in every file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from accuracy.languages import FIELDS, LICENCE, NOUNS, VERBS

if TYPE_CHECKING:
    from random import Random

    from accuracy.languages import Language


class Draft(NamedTuple):
    """A file to be: its path and its lines."""

    path: str
    lines: list[str]
    language: Language


class Author:
    """One hand that writes in one or more languages."""

    def __init__(self, dice: Random, languages: tuple[Language, ...]) -> None:
        self.dice = dice
        self.languages = languages
        self._paths: set[str] = set()

    def draw(self) -> dict[str, str | int]:
        """Words to fill a template with."""
        verb, noun = self.dice.choice(VERBS), self.dice.choice(NOUNS)
        field, other = self.dice.sample(FIELDS, 2)
        words: dict[str, str | int] = {"v": verb, "n": noun, "f": field, "g": other}
        words |= {name.upper(): str(word).title() for name, word in list(words.items())}
        return words | {"k": self.dice.randrange(2, 400), "j": self.dice.randrange(2, 90)}

    def language(self) -> Language:
        """One of the languages."""
        return self.dice.choice(self.languages)

    def part(self, language: Language) -> list[str]:
        """A function, type, rule or paragraph."""
        return self.dice.choice(language.parts).format(**self.draw()).split("\n")

    def parts(self, language: Language, count: int) -> list[str]:
        """Several parts with blank lines between."""
        lines: list[str] = []
        for _ in range(count):
            lines += [*([""] if lines else []), *self.part(language)]
        return lines

    def path(self, language: Language, folder: str = "") -> str:
        """A path that was never drawn before."""
        while True:
            verb, noun = self.dice.choice(VERBS), self.dice.choice(NOUNS)
            name = f"{noun}_{verb}{language.suffix}"
            path = "/".join(part for part in (folder, language.folder, name) if part)
            if path not in self._paths:
                self._paths.add(path)
                return path

    def opening(self, language: Language) -> list[str]:
        """Licence, package line, imports: what files share."""
        lines = [language.comment_line(words) for words in LICENCE]
        some = self.dice.sample(language.imports, min(len(language.imports), self.dice.randrange(2, 5)))
        return [*lines, *language.opening, *(one.format(**self.draw()) for one in some), ""]

    def module(self, language: Language | None = None, parts: int | None = None, folder: str = "") -> Draft:
        """A whole file."""
        tongue = language or self.language()
        count = parts or self.dice.randrange(2, 6)
        lines = [*self.opening(tongue), *self.parts(tongue, count), *tongue.closing]
        return Draft(self.path(tongue, folder), lines, tongue)

    def remark(self, language: Language) -> str:
        """A line that only a person would write there."""
        words = self.draw()
        said = f"{words['N']}: see ticket {words['k']} before you change the {words['f']} of a {words['g']}"
        return language.comment_line(said)
