"""What a prompt asks for, by rules over its words: a task, or only "it still fails, try again".

The languages that the rules know are English, German, French, Spanish, Portuguese and Italian. A prompt
in another one is a task: where the rules are unsure, nobody is told that they gamble.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from tokencoach.prompts.typed import TERMINAL_LINE


class PromptKind(StrEnum):
    """``ERROR``: a pasted error without a word on what to do about it. ``FIX``: "fix it", "still broken".

    ``RETRY``: "try again". ``MICRO``: a word that lets the assistant go on ("continue", "yes", "commit").
    ``TASK``: everything else.
    """

    ERROR = "error"
    FIX = "fix"
    RETRY = "retry"
    MICRO = "micro"
    TASK = "task"

    @property
    def is_blind(self) -> bool:
        """Whether it tells the assistant nothing but that it failed."""
        return self in (PromptKind.ERROR, PromptKind.FIX, PromptKind.RETRY)


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in listed.split(",") if phrase.strip())


_MOST_OWN_WORDS: Final = 12
_MOST_FILLER_LEFT: Final = 1
_MOST_OF_A_LINE: Final = 300

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"
_NUMBER: Final = re.compile(r"\b\d{1,3}\b")
_FENCE: Final = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_QUOTED: Final = re.compile(r"`[^`\n]{1,200}`|\"[^\"\n]{1,200}\"")

# Lines as programs print them when something fails, whatever the language of the person.
_ERROR_LINE: Final = re.compile(
    r"""
    ^\s*(?:\[[\w.:-]+\]\ )?(?:
      Traceback\ \(most | File\ ".*",\ line\ \d | at\ \S+\s*\(.*:\d+(?::\d+)?\) | at\ [\w$.]+\(.*\)
      | (?:[\w.$]+\.)?[A-Z]\w*(?:Error|Exception|Warning)\b | panic:\ | Exception\ in\ thread
      | goroutine\ \d | fatal(?:\ error)?:
      | (?:error|ERROR|Error)(?:\s*\[[\w-]+\]|\s+[A-Z]{1,4}\d{2,5})?\s*: | \[(?:ERROR|error|FATAL|fatal)\]
      | npm\ (?:ERR!|error) | make(?:\[\d+\])?:\ \*\*\* | ---\ FAIL: | FAIL(?:ED)?\b | ===\ FAIL | ERROR\ task\ failed
      | \S+\.\w{1,5}:\d+(?::\d+)?[:\s] | \S+\(\d+,\d+\):\ | Exit\ code:?\ \d | exit\ status\ \d
      | E\s{2,}\S | >\s{2,}\S | \d+\ (?:failed|errors?)\b | -->\ \S+:\d | thread\ '.*'\ panicked
      | Segmentation\ fault | command\ not\ found | \S+:\ command\ not\ found | Caused\ by:
    )""",
    re.VERBOSE,
)

_PASSED: Final = re.compile(r"PASS\s*$|ok\s{2,}\S")
_FAILED: Final = re.compile(r"\s*(?:--- )?FAIL\b|exit status [1-9]|.*\bERROR\b")
# A last line of plain words behind what was pasted: what the person says about it.
_SENTENCE: Final = re.compile(r"[^\W\d_]+,?(?: +(?:https?://\S+|[^\s:]+)){4,}$")

_GO_ON: Final = _phrases("""
continue, go on, go ahead, proceed, carry on, keep going, next, resume, yes, yes please, yep, yeah,
ok, okay, sure, do it, yes do it, lgtm, looks good, perfect, great, good, nice, thanks, thank you,
thx, done, commit, commit it, commit this, push, push it, commit and push, y, k, go, please, please
do, yes continue, ok continue, please continue, done continue, no, nope, stop, weiter, mach weiter,
ja, ja bitte, gut, danke, nein, passt, continue stp, continuez, oui, vas y, d accord, merci, non,
continua, continúa, sigue, sí, si, vale, gracias, dale, continue por favor, sim, obrigado, vai,
avanti, va bene, grazie
""")

_AGAIN: Final = _phrases("""
try again, again, retry, redo, redo it, do it again, once more, one more time, try once more, try it
again, try that again, same again, rerun, run it again, have another go, another try, try another
way, try something else, nochmal, noch mal, noch einmal, versuch es nochmal, versuchs nochmal,
nochmal versuchen, probier nochmal, réessaie, reessaie, encore, essaie encore, recommence, otra vez,
inténtalo de nuevo, intenta de nuevo, prueba otra vez, tente de novo, tenta de novo, outra vez, de
novo, riprova, prova ancora, di nuovo
""")

_FAILS: Final = re.compile(
    r"""\b(?:
      (?:fix|repair|solve|resolve|correct|mend)\b (?:\s+(?:it|this|that|them|these|those|the|my|again|now|please|errors?
        |issues?|bugs?|problems?|tests?|failing|failures?|build|lint(?:ing|er)?|broken|warnings?|ci|mistakes?|crash))*
      | (?:still|again)\s+(?:broken|failing|fails?|not\s+working|does\s*n[o']?t\s+work|wrong|the\s+same|same
        |crash(?:es|ing)?|errors?|red|happening|there|an?\s+errors?|getting|no)
      | (?:is|are|it'?s|keeps?)\s+(?:still\s+)?(?:broken|failing|crashing|not\s+working)
      | (?:does|do|did)\s*n[o']?t\s+(?:work|help|build|compile|pass) | not\s+work(?:ing|s)?
      | same\s+(?:errors?|problem|issue|thing)
      | (?:fails?|failed|failing|broken|crash(?:es|ed)?|errors?)\b
      | geht\s+(?:immer\s+noch\s+)?nicht | funktioniert\s+(?:immer\s+noch\s+|noch\s+immer\s+)?nicht | immer\s+noch
      | (?:noch\s+)?kaputt | beheb(?:e|en)? | reparier(?:e|en)? | gleiche[rs]?\s+fehler | fehler
      | (?:ne|n)\s*'?\s*(?:marche|fonctionne)\s+(?:toujours\s+)?pas | toujours\s+pas | corrige | répare | même\s+erreur
      | (?:sigue\s+sin|no)\s+(?:funcionar?|funciona) | arr[eé]gla(?:lo)? | corr[ií]gelo | mismo\s+error
      | (?:ainda\s+)?n[aã]o\s+funciona | conserta | corrige | corrija | mesmo\s+erro
      | (?:ancora\s+)?non\s+funziona | correggi(?:lo)? | sistema(?:lo)? | stesso\s+errore
    )""",
    re.VERBOSE | re.IGNORECASE,
)

_CONSENT: Final = _phrases("yes, yep, yeah, yup, sure, ja, jep, oui, sí, si, sim, sì")

_FILLER: Final = _phrases("""
a, an, and, are, at, but, can, could, do, does, don't, error, errors, get, gets, getting, hey, hm,
hmm, i, i'm, i've, if, in, is, it, it's, its, just, keep, keeps, me, my, no, nope, not, now, of, oh,
ok, okay, on, one, please, pls, plz, same, so, sorry, still, test, tests, that, that's, the, them,
then, there, these, they, this, those, to, try, u, ugh, uh, umm, us, we, we're, when, with, would,
yes, you, your, again, build, linting, lint, linter, ci, everything, nothing, thing, things,
another, more, time, also, too, actually, really, wtf, damn, why, bitte, das, der,
die, es, und, ist, ein, mal, doch, noch, immer, nicht, jetzt, den, s'il, te, plaît, stp, ça, ca, le,
la, les, il, encore, por, favor, lo, el, ella, esto, eso, sigue, no, per, favore, lo, la, ancora
""")


def prompt_kind(text: str) -> PromptKind:
    """What a prompt asks for. Text in code fences and lines that programs print count as pasted."""
    own, pasted = _apart(text.strip().replace(_APOSTROPHE, "'"))
    words = _WORD.findall(own.lower())
    if not pasted and len(own.strip()) == 1:
        return PromptKind.MICRO
    if not words:
        return PromptKind.ERROR if pasted else PromptKind.TASK if text.strip() else PromptKind.MICRO
    plain = " ".join(words)
    if not pasted and plain in _AGAIN:
        return PromptKind.RETRY
    if not pasted and plain in _GO_ON:
        return PromptKind.MICRO
    if len(words) > _MOST_OWN_WORDS or "?" in own or (not pasted and _NUMBER.search(own)):
        return PromptKind.TASK
    kind = _blind(own, plain, is_pasted=pasted)
    # Who says yes to what was proposed has read it.
    return PromptKind.MICRO if kind is PromptKind.FIX and words[0] in _CONSENT else kind


def _blind(own: str, plain: str, *, is_pasted: bool) -> PromptKind:
    """A short prompt of statements only: blind where nothing is left of it but filler."""
    left = plain
    for phrase in sorted(_AGAIN, key=len, reverse=True):
        left = re.sub(rf"\b{re.escape(phrase)}\b", " ", left)
    is_again = left != plain
    rest, fails = _FAILS.subn(" ", _QUOTED.sub(" ", own) if not is_again else left)
    telling = [word for word in _WORD.findall(rest.lower()) if word not in _FILLER]
    if len(telling) > _MOST_FILLER_LEFT or not (fails or is_again or is_pasted):
        return PromptKind.TASK
    if is_pasted:
        return PromptKind.ERROR
    return PromptKind.FIX if fails else PromptKind.RETRY


def _apart(text: str) -> tuple[str, bool]:
    """The person's own words, and whether an error of a program stands beside them."""
    fences = _FENCE.findall(text)
    pasted = any(_is_error(line) for fence in fences for line in fence.splitlines())
    lines = _FENCE.sub("\n", text).splitlines()
    own = []
    is_inside = is_after = False
    for place, line in enumerate(lines):
        if _is_error(line):
            pasted = is_inside = is_after = True
        elif TERMINAL_LINE.match(line):
            is_inside = is_after = True
        elif not line.strip():
            is_inside = False
        # Nobody indents what they say: behind an empty line what is indented goes on with the paste.
        elif not (is_inside or (is_after and line[0].isspace())) or (
            place + 1 == len(lines) and _SENTENCE.match(line[:_MOST_OF_A_LINE])
        ):
            own.append(line)
            is_after = False
    return "\n".join(own), pasted and not _has_passed(lines)


def _has_passed(lines: list[str]) -> bool:
    """Whether a test run that was pasted says that it passed, whatever it warned of."""
    heads = [line[:_MOST_OF_A_LINE] for line in lines]
    return any(map(_PASSED.match, heads)) and not any(map(_FAILED.match, heads))


def _is_error(line: str) -> bool:
    return _ERROR_LINE.search(line[:_MOST_OF_A_LINE]) is not None
