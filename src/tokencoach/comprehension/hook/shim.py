"""The shell scripts of the hook: POSIX sh, no program started before there is something to ask.

A hook file runs the hook that was there before, keeps its exit code, and hands over to ``run.sh``.
Whatever goes wrong in there, the hook file ends with 0: only the person stops a commit.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

from tokencoach.comprehension.hook.decision import START
from tokencoach.comprehension.hook.places import hook_home

MARK: Final = "tokencoach-hook"
STOPPED: Final = 87
"""The exit code by which the program that asks says that the person stops the commit."""
WITH_INPUT: Final = frozenset({"post-rewrite", "pre-push"})

_HOOK = """\
#!/bin/sh
# {mark} 1: asks about lines that an assistant wrote, and never blocks.
# "tokencoach hook uninstall" takes it away and puts back what was here.
case $0 in */*) here=${{0%/*}} ;; *) here=. ;; esac
before={before}
run={run}
if [ "${{TOKENCOACH_INSIDE-}}" = "$PWD $0" ]; then exit 0; fi
# Where the pre-commit framework calls this file as its "legacy" hook, it must not be called back.
is_caller() {{ [ -n "${{PRE_COMMIT_RUNNING_LEGACY-}}" ] && grep -q 'pre-commit[.]com' "$before" 2>/dev/null; }}
{input}if [ -f "$before" ] && [ -x "$before" ] && ! is_caller; then
  {feed}TOKENCOACH_INSIDE="$PWD $0" "$before" "$@" || exit $?
fi
[ -f "$run" ] && [ -r "$run" ] || exit 0
{feed}sh "$run" {event} "$@"
[ $? -eq {stopped} ] && exit 1
exit 0
"""
_FORWARD = """\
#!/bin/sh
# {mark} 1: this name only passes on to the hook in the folder that git used before.
before={before}
if [ -f "$before" ] && [ -x "$before" ]; then exec "$before" "$@"; fi
exit 0
"""
_RUN = r"""# tokencoach-run 1: what every hook file of tokencoach hands over to.
event=$1
shift
hooks=@HOOKS@
python=@PYTHON@
decision=@DECISION@
root=@ROOT@
[ "${TOKENCOACH-}" != 0 ] && [ -d "$hooks" ] && [ ! -e "$hooks/off" ] || exit 0
# A graphical client knows nothing of what a shell's profile says.
TOKENCOACH_HOME=${hooks%/hook}
export TOKENCOACH_HOME
newline='
'
zero=0000000000000000000000000000000000000000
said=$(git rev-parse --absolute-git-dir --git-common-dir HEAD 2>/dev/null)
git_dir=${said%%"$newline"*}
said=${said#*"$newline"}
common=${said%%"$newline"*}
head=${said#*"$newline"}
case $head in *[!0-9a-f]* | '') head=$zero ;; esac
[ -d "$git_dir" ] && common=$(cd "$common" 2>/dev/null && pwd -P) || exit 0
own=$hooks/repos$git_dir
state=$hooks/repos$common

# A pipe in the place of a file would hold the commit up.
is_ours() {
  [ -f "$1" ] || [ ! -e "$1" ]
}
is_fresh() {
  [ -f "$hooks/beat" ] && read -r beat 2>/dev/null <"$hooks/beat" || return 1
  case $beat in *[!0-9]* | '') return 1 ;; esac
  age=$(($(date +%s) - beat))
  [ "$age" -le 15 ] && [ "$age" -ge -15 ]
}
is_quiet() {
  [ ! -e "$state/pending" ] && is_fresh
}
leave() {
  { mkdir -p "$own" && is_ours "$own/last" && printf '%s %s\n' "$head" "$1" >"$own/last"; } 2>/dev/null
  exit 0
}
spool() {
  is_ours "$hooks/spool" || return 0
  printf '1\t%s\t%s\t%s\t%s\t%s\n' "$(date +%s)" "$1" "$2" "$3" "$common" 2>/dev/null >>"$hooks/spool"
} 2>/dev/null
is_git_at_work() {
  for name in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply; do
    [ -e "$git_dir/$name" ] && return 0
  done
  case ${GIT_REFLOG_ACTION-} in rebase* | cherry-pick* | revert* | merge* | pull* | am*) return 0 ;; esac
  return 1
}
has_person() {
  { [ -t 1 ] || [ -t 2 ] || [ -n "${PRE_COMMIT-}${LEFTHOOK_BIN-}${HUSKY-}" ]; } && (: </dev/tty >/dev/tty) 2>/dev/null
}
decide() {
  # Imported, not run: so it is compiled once.
  "$python" -I -S -c 'import sys; sys.path.append(sys.argv.pop(1)); import decision; decision.run()' "$decision" "$@"
}
start() {
  "$python" -E -P -c @START@ "$root" "$@"
}
mode=pre-commit
[ -f "$state/mode" ] && read -r mode 2>/dev/null <"$state/mode" || mode=${mode:-pre-commit}
[ "$mode" != off ] || exit 0

case $event in
pre-commit)
  is_git_at_work && leave working
  is_quiet && leave nothing
  [ "$mode" = pre-commit ] || leave "$mode"
  has_person || leave no-terminal
  [ -x "$python" ] || leave no-python
  git diff --cached --raw -z --no-abbrev --no-renames --no-ext-diff --diff-filter=AMT --ignore-submodules 2>/dev/null |
    decide "$hooks" "$state" "$own" "$head" "$root" hook ask --mode pre-commit
  exit $?
  ;;
commit-msg)
  [ -f "$own/last" ] && read -r last why 2>/dev/null <"$own/last" || exit 0
  [ "$last" = "$head" ] && [ "$why" = checked ] && [ -e "$state/trailer" ] || exit 0
  git interpret-trailers --in-place --if-exists replace --trailer 'Comprehension: checked' "$1" 2>/dev/null
  ;;
post-commit)
  line=$(tail -n 1 "$git_dir/logs/HEAD" 2>/dev/null)
  old=${line%% *}
  new=${line#* }
  new=${new%% *}
  case ${line#*"	"} in commit:* | 'commit ('*) ;; '') ;; *) exit 0 ;; esac
  case $line in *"	commit (merge)"*) exit 0 ;; esac
  if [ -z "$line" ]; then new=$head; fi
  case $old in *[!0]*) ;; *) old=$zero ;; esac
  why=no-verify
  if [ -f "$own/last" ] && read -r last said 2>/dev/null <"$own/last"; then
    if [ "$last" = "$old" ] || [ -z "$line" ]; then why=$said; fi
  fi
  rm -f "$own/last" 2>/dev/null
  case $why in
  nothing | working) ;;
  checked | skipped) [ -x "$python" ] && start hook bind "$new" --place "$common" </dev/null >/dev/null 2>&1 ;;
  *) is_quiet || spool "$why" "$new" - ;;
  esac
  ;;
post-rewrite)
  [ -d "$state" ] || exit 0
  while read -r old new rest; do spool rewritten "$old" "$new"; done
  ;;
pre-push)
  [ "$mode" = pre-push ] && [ -e "$state/pending" ] && has_person && [ -x "$python" ] || exit 0
  while read -r ref local_id remote_ref remote_id; do
    case $local_id in *[!0]*) ;; *) continue ;; esac
    printf '*' | decide "$hooks" "$state" "$own" "$head" "$root" hook ask --mode pre-push \
      --pushed "$local_id" --over "$remote_id" || exit $?
  done
  ;;
esac
exit 0
"""


def run_script(home: Path) -> str:
    """The script that decides; it names this interpreter and this package by absolute path."""
    here = Path(__file__).resolve()
    values = {
        "@HOOKS@": str(hook_home(home).absolute()),
        "@PYTHON@": sys.executable,
        "@DECISION@": str(here.parent),
        "@ROOT@": str(here.parents[3]),
        "@START@": START,
    }
    text = _RUN
    for name, value in values.items():
        text = text.replace(name, shlex.quote(value))
    return text


def beside(name: str) -> str:
    """A hook that runs first and lies beside ours, as the scripts write it."""
    return f"$here/{shlex.quote(name)}"


def at(path: str) -> str:
    """A hook that runs first and lies at a path; a relative one is meant from the top of the work tree."""
    return shlex.quote(path if path.startswith("/") else f"./{path}")


def of_the_repository(event: str) -> str:
    """The hook that git would run without any setting, as the scripts write it."""
    return f"$(git rev-parse --git-common-dir)/hooks/{event}"


def hook_file(event: str, run: Path, before: str) -> str:
    """A hook file of ours. ``before`` says in shell which hook runs first: see ``beside``, ``at``."""
    has_input = event in WITH_INPUT
    return _HOOK.format(
        mark=MARK,
        event=event,
        before=before,
        run=shlex.quote(str(run)),
        stopped=STOPPED,
        input="input=$(cat; printf .)\n" if has_input else "",
        feed="printf '%s' \"${input%.}\" | " if has_input else "",
    )


def pass_on_file(before: str) -> str:
    """A hook file that does nothing but call the one that git would have called."""
    return _FORWARD.format(mark=MARK, before=before)


def is_ours(content: bytes) -> bool:
    """Whether a hook file is one of ours."""
    return f"\n# {MARK} ".encode() in content[:200]
