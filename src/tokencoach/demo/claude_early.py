"""Claude Code's logs as version 1.0 writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokencoach.demo.claude import ClaudeSession

if TYPE_CHECKING:
    from typing import Self

    from tokencoach.usage.tokens import TokenCounts

_LATER_FIELDS = ("toolDenialKind", "permissionDecision", "sourceToolAssistantUUID")


class EarlyClaudeSession(ClaudeSession):
    """A conversation of the 1.0 generation: no branch, no prompt id, one cache price, sub-agents inline."""

    version = "1.0.17"
    agent_tool = "Task"

    def _frame(self) -> dict[str, Any]:
        return {
            "userType": "external",
            "cwd": str(self.folder),
            "sessionId": self.session_id,
            "version": self.version,
        }

    def put(self, kind: str, **fields: Any) -> str:
        """As later versions, without the fields that did not exist yet."""
        # One frame serves both generations; what came later is taken out again.
        known = {name: value for name, value in fields.items() if name not in _LATER_FIELDS}
        return super().put(kind, **known)

    def log_prompt(self, text: str) -> None:
        """A user record."""
        self.put("user", message={"role": "user", "content": text})

    def draw_counts(self, output_tokens: int, new_tokens: int) -> TokenCounts:
        """All cache writes live five minutes; thinking is not told apart."""
        drawn = super().draw_counts(output_tokens, new_tokens)
        written = drawn.cache_write_5m + drawn.cache_write_1h
        return drawn._replace(cache_write_5m=written, cache_write_1h=0, reasoning=0)

    def usage(self, counts: TokenCounts, output: int) -> dict[str, Any]:
        """The ``usage`` object without the split of cache writes."""
        return {
            "input_tokens": counts.input,
            "cache_creation_input_tokens": counts.cache_write_5m,
            "cache_read_input_tokens": counts.cache_read,
            "output_tokens": output,
            "service_tier": "standard",
        }

    def resume(self) -> Self:
        """``--resume``: a new file under a new session id that copies the history."""
        twin = self._twin()
        twin.begin()
        summary = {"type": "summary", "summary": "Earlier work", "leafUuid": self.last_uuid}
        twin.log.append(summary)
        # Nothing tells a copy from an original here: the first file that held a message paid for it.
        for record in self.log.records:
            if record["type"] != "summary":
                twin.log.append({**record, "sessionId": twin.session_id})
        twin.last_uuid = self.last_uuid
        return twin

    def fork(self) -> Self:
        """There was no fork yet: the same as resuming."""
        return self.resume()

    def _agent(self, agent_id: str) -> Self:
        agent = self._twin()
        agent.session_id, agent.log = self.session_id, self.log
        # No id and no file of its own: only the sidechain flag tells its records apart.
        agent.agent_id, agent.is_sidechain, agent.last_uuid, agent.prompt_id = None, True, None, ""
        del agent_id
        return agent
