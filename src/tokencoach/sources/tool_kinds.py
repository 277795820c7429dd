"""What a tool does by its name, and the one file that a reading tool reads."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.fields import first_text
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterable

PATHS: Final = (
    "file_path",
    "filePath",
    "absolute_path",
    "path",
    "filename",
    "target_file",
    "file",
    "notebook_path",
    "relative_workspace_path",
    "relative_path",
    "pathInProject",
)
"""Names under which tools take the file that they read or change."""

_BY_KIND: Final[dict[ToolKind, Iterable[str]]] = {
    ToolKind.READ: (
        "read", "readfile", "readtextfile", "readmediafile", "view", "viewfile", "viewimage", "viewtruncated", "cat",
        "openfile", "notebookread", "readnotebook", "readcurrentlyopenfile", "builtinreadfile", "readlints",
        "viewsourcecodedefinitionstoplevel", "readnotebookcelloutput", "readfilerange", "viewimages",
        "builtinreadcurrentlyopenfile", "builtinreadfilerange", "readmanyfiles",
    ),
    ToolKind.SEARCH: (
        "grep", "glob", "ls", "lsp", "search", "find", "tree", "list", "listdir", "listdirectory", "readfolder",
        "listfiles", "searchfiles", "grepsearch", "filesearch", "codebasesearch", "searchfilecontent", "findfiles",
        "finder", "findpath", "semanticsearch", "listcodeusages", "listcodedefinitionnames", "findtextinfiles",
        "searchcode", "textsearch", "symbolsearch", "ripgrep", "rg", "multigrep", "globfilesearch", "ripgreprawsearch",
        "semanticsearchfull", "searchsymbols", "builtingrepsearch", "builtinfileglobsearch", "builtinls", "sourcegraph",
        "searchcodebase", "warpgrep", "codesearch", "readdirectory", "toolsearch", "toolsearchcall", "listdirv2",
        "listfilestoplevel", "listfilesrecursive", "builtinsearchcodebase", "getsearchviewresults", "searchworkspacesymbols",
        "lspdefinition", "lspreferences", "lspsymbols", "lspcallhierarchy",
    ),
    ToolKind.EDIT: (
        "edit", "write", "multiedit", "create", "update", "replace", "insert", "editor", "patch", "applypatch", "applydiff",
        "editfile", "createfile", "writefile", "deletefile", "movefile", "notebookedit", "notebookeditcell", "searchreplace",
        "strreplace", "strreplacefile", "strreplaceeditor", "strreplacebasededittool", "texteditor", "undoedit",
        "writetofile", "replaceinfile", "insertcontent", "newfilecreated", "editedexistingfile", "filedeleted",
        "replacestringinfile", "multireplacestringinfile", "inserteditintofile", "editnotebookfile", "texteditgroup",
        "builtineditexistingfile", "builtincreatenewfile", "builtinsinglefindandreplace", "builtinmultiedit",
        "editexistingfile", "createnewfile", "singlefindandreplace", "copypath", "movepath", "deletepath", "reapply",
        "searchandreplace", "writenote", "createdirectory", "createnewjupyternotebook", "deletefiles", "applyedits",
        "replacesymbolbody", "insertaftersymbol", "insertbeforesymbol", "createtextfile", "replaceregex", "replacecontent",
        "editblock", "replacetextinfile", "lspreplacesymbol", "lsprename", "replacefiletextbypath", "edittextfilecontents",
        "createorupdatefile", "pushfiles",
    ),
    ToolKind.EXECUTE: (
        "bash", "shell", "powershell", "pwsh", "terminal", "execute", "exec", "command", "executecommand", "execcommand",
        "runcommand", "runcommands", "runinterminal", "runterminalcmd", "runterminalcommand", "runterminalcommandv2",
        "runshellcommand", "shellcommand", "localshell", "unifiedexec", "containerexec", "builtinrunterminalcommand",
        "interactiveshell", "codeinterpreter", "jsrepl", "runtask", "repl",
    ),
    ToolKind.TEST: ("runtests", "runtest", "testfailure", "runtestsuite"),
    ToolKind.BUILD: ("createandruntask", "buildproject"),
    ToolKind.LINT: (
        "diagnostics", "getdiagnostics", "geterrors", "getproblems", "lint", "readdiagnostics", "lspdiagnostics",
    ),
    ToolKind.COMMIT: ("gitcommit",),
    ToolKind.FETCH: (
        "webfetch", "websearch", "websearchcall", "fetch", "fetchurl", "fetchwebpage", "googlewebsearch", "urlfetch",
        "readwebpage", "browse", "browseraction", "download", "searchweb", "websearchprime", "builtinfetchurlcontent",
        "builtinsearchweb", "opensimplebrowser", "agenticfetch", "httprequest", "readurlcontent", "fetchurlcontent",
        "openpage",
    ),
    ToolKind.DELEGATE: (
        "task", "agent", "subagent", "spawnagent", "delegate", "delegatetask", "newtask", "oracle", "runsubagent",
        "usesubagents", "dispatchagent", "agentoutput", "agentoutputtool", "sendmessage", "sendinput",
        "waitagent", "closeagent", "launchagent", "librarian", "codebaseinvestigator", "codereview",
        "resumeagent", "spawnteammate", "searchsubagent", "teamcreate", "summontask", "summondelegate", "invokeagent",
        "createsubsession", "taskoutput", "listagents",
    ),
    ToolKind.PLAN: (
        "todo", "todowrite", "todoread", "writetodos", "managetodolist", "updateplan", "exitplanmode", "enterplanmode",
        "exitspecmode", "plan", "taskcreate", "taskupdate", "tasklist", "taskget", "settodolist", "updatetodolist",
        "createplan", "planmoderespond", "switchmode", "think", "sequentialthinking", "plannotebook", "updatetodos",
        "reporttodos", "todolist", "generatetaskplan", "enterworktree", "exitworktree", "createtodolist",
        "switchtoplanmode", "switchagent", "todos", "trackercreatetask", "trackerupdatetask", "trackergettask",
        "trackerlisttasks", "trackeradddependency",
    ),
    ToolKind.ASK: (
        "askuserquestion", "askuser", "askfollowupquestion", "askquestion", "requestuserinput", "question", "askhuman",
        "askquestions", "elicitation", "requestpermissions", "vscodeaskquestions",
    ),
}  # fmt: skip
_KINDS: Final = {name: kind for kind, names in _BY_KIND.items() for name in names}
_MARKS: Final = re.compile(r"[^a-z0-9]")
_LONGEST: Final = 120
_LONGEST_PATH: Final = 4096
_OF_FILES: Final = (ToolKind.SEARCH, ToolKind.EDIT, ToolKind.READ, ToolKind.PLAN, ToolKind.DELEGATE)


@lru_cache(maxsize=4096)
def kind_of_tool(name: str) -> ToolKind:
    """What a tool does, however the words of its name are joined; ``OTHER`` where the name does not say.

    The name of a server may stand before it: ``mcp__docs__search``, ``developer__shell``.
    """
    server, _, plain = name[:_LONGEST].rpartition("__")
    kind = _KINDS.get(_MARKS.sub("", plain.lower()), ToolKind.OTHER)
    # Another program's bare "search" or "create" is about its own things, not about files here.
    is_vague = kind in _OF_FILES and "_" not in plain and server.startswith("mcp__")
    return ToolKind.OTHER if is_vague else kind


def path_told(arguments: dict[str, Any], cwd: str | None) -> str | None:
    """The one file among a tool's arguments, absolute where ``cwd`` is known."""
    return placed(first_text(arguments, *PATHS), cwd)


def placed(path: str | None, cwd: str | None) -> str | None:
    """A file as a log names it, absolute where ``cwd`` is known; no text that is too long to be one."""
    return resolve(path, cwd) if path and len(path) <= _LONGEST_PATH else None
