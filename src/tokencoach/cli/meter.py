"""``tokencoach meter``: count the tokens of a local server that does not tell them."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from tokencoach import paths
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, narrate, one_line
from tokencoach.errors import TokencoachError, UsageError
from tokencoach.power.metering.log import MeterLog
from tokencoach.power.metering.proxy import Address, Proxy, address_of

if TYPE_CHECKING:
    from tokencoach.power.metering.proxy import Metered


@click.command(epilog="Example: tokencoach meter --listen 127.0.0.1:11435 --upstream 127.0.0.1:11434")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:11435",
    show_default=True,
    help="Where assistants ask; port 0 takes a free one.",
)
@click.option(
    "--upstream", metavar="HOST:PORT", default="127.0.0.1:11434", show_default=True, help="The server."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a request on stdout.")
@verb
def meter(context: Context, listen: str, upstream: str, *, as_json: bool) -> int:
    """Stand before an inference server on this computer and count what passes, until Ctrl-C.

    For servers that keep no counts of their own. Both ends are loopback addresses only. Every byte
    is handed on as it comes; of an answer only the counts at its end are read, of a question
    nothing. Where anything is not understood it is handed on all the same, uncounted.
    """
    own, server = address_of(listen), address_of(upstream)
    if own == server:
        raise UsageError("--listen and --upstream are the same place", "give --listen another port")
    name = datetime.fromtimestamp(context.now_ms / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    log = MeterLog(paths.meter_logs(context.folder) / f"{name}-{os.getpid()}.jsonl")

    def note(one: Metered) -> None:
        log.note(one)
        if as_json:
            emit_json(
                {
                    "model": one.counts.model,
                    "input_tokens": one.counts.fresh,
                    "cache_read_tokens": one.counts.cached,
                    "output_tokens": one.counts.output,
                    "milliseconds": round(one.total_ms),
                }
            )
        else:
            narrate(one_line(_line(one)))
        if log.lost:
            narrate(f"tokencoach: {paths.shown(log.path)}: not kept: {log.why_lost}")

    def ready(at: Address) -> None:
        narrate(f"metering {server} at http://{at}; point the assistant there. Ctrl-C ends it.")

    try:
        asyncio.run(Proxy(server, note).serve(own, ready))
    except OSError as error:
        raise TokencoachError(
            f"{own} cannot be listened on: {error.strerror}", "give --listen another port"
        ) from error
    finally:
        narrate(f"{log.written} requests counted" + (f" in {paths.shown(log.path)}" if log.written else ""))
    return 0


def _line(one: Metered) -> str:
    said = one.counts
    if said.output is None:
        return f"{said.model or 'a model'}: answered in {one.total_ms / 1000:.1f} s; it tells no tokens"
    rate = 1000 * said.output / (said.output_ms or one.total_ms or 1)
    prompt = "unknown" if said.fresh is None else f"{said.fresh + said.cached:,}"
    seconds = one.total_ms / 1000
    return f"{said.model or 'a model'}: {prompt} in, {said.output:,} out, {seconds:.1f} s, {rate:.1f} tokens a second"
