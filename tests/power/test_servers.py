"""Inference servers by their recorded answers: what each kind tells, and what it does not."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.power.servers import counters, listing, llama, lm_studio, ollama
from tokencoach.power.servers.asking import Answer, Ask, asker
from tokencoach.power.servers.exposition import samples
from tokencoach.power.servers.observer import Observer
from tokencoach.power.servers.processes import Candidate, kind_of
from tokencoach.power.servers.rate import Rate
from tokencoach.power.servers.seen import Look, ServerKind, Slot, State, Unanswered
from tokencoach.power.servers.use import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PROPS = {"total_slots": 2, "build_info": "b1-made-up", "model_path": "/models/tiny.gguf"}
MODELS = {"data": [{"id": "tiny.gguf", "meta": {"n_ctx": 1024, "size": 99, "n_params": 7}}]}
BUSY = {
    "id": 1,
    "is_processing": True,
    "id_task": 2,
    "n_prompt_tokens": 168,
    "n_prompt_tokens_processed": 60,
    "n_prompt_tokens_cache": 4,
    "next_token": [{"n_decoded": 108}],
}
IDLE = {"id": 0, "is_processing": False}
METRICS = (
    "# TYPE llamacpp:prompt_tokens_total counter\n"
    "llamacpp:prompt_tokens_total 239\nllamacpp:tokens_predicted_total 300\n"
)


def answers(pages: dict[str, Any]) -> Ask:
    """A server that knows some pages; a text is sent as it is, a number is a status without a body."""

    def ask(path: str) -> Answer | None:
        if path not in pages:
            return Answer(404, b"{}")
        page = pages[path]
        if isinstance(page, int):
            return Answer(page, b'{"error":{"message":"Loading model"}}')
        return Answer(200, page.encode() if isinstance(page, str) else json.dumps(page).encode())

    return ask


def test_a_llama_server_at_work_tells_its_slots_and_totals() -> None:
    pages = {"/props": PROPS, "/v1/models": MODELS, "/slots": [IDLE, BUSY], "/metrics": METRICS}
    look = llama.look(answers(pages))
    assert look is not None
    assert (look.state, look.running, look.prompt_total, look.generated_total) == (
        State.PROCESSING,
        1,
        239,
        300,
    )
    assert look.slots == (Slot(0), Slot(1, 2, 60, 4, 108, is_processing=True))
    assert (look.models[0].name, look.models[0].context, look.models[0].parameters) == ("tiny.gguf", 1024, 7)
    assert look.why_not is None


def test_a_next_token_that_is_an_object_is_understood_too() -> None:
    look = llama.look(answers({"/props": PROPS, "/slots": [{**BUSY, "next_token": {"n_decoded": 9}}]}))
    assert look is not None
    assert look.slots is not None
    assert look.slots[0].decoded == 9


def test_a_sleeping_llama_server_is_not_asked_for_its_slots() -> None:
    asked: list[str] = []
    inner = answers({"/props": {**PROPS, "is_sleeping": True}, "/slots": [BUSY]})

    def ask(path: str) -> Answer | None:
        asked.append(path)
        return inner(path)

    assert llama.look(ask) == Look(State.SLEEPING, version="b1-made-up")
    assert asked == ["/props"]


def test_a_llama_server_that_loads_its_model_says_so() -> None:
    assert llama.look(answers({"/props": 503})) == Look(State.LOADING)


def test_a_llama_server_without_slots_or_metrics_says_what_is_missing() -> None:
    look = llama.look(answers({"/props": PROPS}))
    assert look is not None
    assert (look.state, look.slots, look.generated_total) == (State.UNKNOWN, None, None)
    assert look.why_not is not None
    assert "no live tokens" in look.why_not
    look = llama.look(answers({"/props": PROPS, "/slots": [IDLE]}))
    assert look is not None
    assert look.state is State.IDLE
    assert look.why_not is not None
    assert "--metrics" in look.why_not


def test_ollama_tells_models_in_memory_and_their_part_on_the_gpu() -> None:
    models = [{"model": "qwen:7b", "size": 100, "size_vram": 60, "context_length": 8192}]
    look = ollama.look(answers({"/api/version": {"version": "0.9.9"}, "/api/ps": {"models": models}}))
    assert look is not None
    assert (look.state, look.models[0].name, look.models[0].gpu_bytes) == (State.UNKNOWN, "qwen:7b", 60)
    empty = ollama.look(answers({"/api/version": {"version": "0.9.9"}, "/api/ps": {"models": []}}))
    assert empty is not None
    assert empty.state is State.EMPTY


def test_lm_studio_is_known_by_both_its_interfaces() -> None:
    newer = {
        "models": [
            {
                "key": "a",
                "size_bytes": 5,
                "loaded_instances": [{"id": "a", "config": {"context_length": 4096}}],
            },
            {"key": "b", "loaded_instances": []},
        ]
    }
    look = lm_studio.look(answers({"/api/v1/models": newer}))
    assert look is not None
    assert [(model.name, model.context) for model in look.models] == [("a", 4096)]
    older = {
        "data": [
            {"id": "c", "state": "loaded", "loaded_context_length": 2048},
            {"id": "d", "state": "not-loaded"},
        ]
    }
    look = lm_studio.look(answers({"/api/v0/models": older}))
    assert look is not None
    assert [(model.name, model.context) for model in look.models] == [("c", 2048)]
    assert lm_studio.look(answers({"/v1/models": MODELS})) is None


def test_vllm_and_sglang_are_told_apart_by_their_prefix_and_cached_tokens_are_taken_off() -> None:
    page = (
        'vllm:num_requests_running{engine="0",model_name="m"} 2\nvllm:num_requests_waiting{engine="0"} 1\n'
        'vllm:prompt_tokens_total{engine="0",model_name="m"} 100\nvllm:prompt_tokens_total{engine="1"} 50\n'
        'vllm:prefix_cache_hits_total{engine="0"} 30\nvllm:generation_tokens_total{model_name="m"} 7.0\n'
    )
    look = counters.vllm(answers({"/metrics": page}))
    assert look is not None
    assert (look.state, look.running, look.waiting) == (State.PROCESSING, 2, 1)
    assert (look.prompt_total, look.cached_total, look.generated_total) == (120, 30, 7)
    assert [model.name for model in look.models] == ["m"]
    assert counters.sglang(answers({"/metrics": page})) is None
    idle = counters.sglang(
        answers({"/metrics": "sglang:num_running_reqs 0\nsglang:generation_tokens_total 4\n"})
    )
    assert idle is not None
    assert (idle.state, idle.generated_total) == (State.IDLE, 4)


def test_a_server_that_only_lists_models_says_that_tokens_are_unknown() -> None:
    look = listing.look(answers({"/v1/models": {"object": "list", "data": [{"id": "m"}]}}))
    assert look is not None
    assert (look.generated_total, look.slots) == (None, None)
    assert look.why_not is not None
    kobold = listing.koboldcpp(answers({"/api/extra/version": {"result": "KoboldCpp", "version": "1.9"}}))
    assert kobold is not None
    assert kobold.version == "1.9"
    assert listing.koboldcpp(answers({"/v1/models": MODELS})) is None


LOOKS: list[Callable[[Ask], Look | None]] = [
    llama.look,
    ollama.look,
    lm_studio.look,
    counters.vllm,
    counters.sglang,
    listing.look,
    listing.koboldcpp,
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "models",
                    "data",
                    "next_token",
                    "total_slots",
                    "default_generation_settings",
                    "version",
                    "loaded_instances",
                    "config",
                    "id",
                    "state",
                    "size",
                    "meta",
                    "object",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("look", LOOKS)
@given(page=JSON)
def test_no_answer_of_another_shape_is_an_error(look: Callable[[Ask], Look | None], page: object) -> None:
    look(lambda _: Answer(200, json.dumps(page).encode()))
    look(lambda _: Answer(200, b"\xff\x00{"))
    look(lambda _: None)


@given(st.binary(max_size=200))
def test_no_metrics_page_is_an_error(body: bytes) -> None:
    samples(body)


def test_what_is_no_number_is_not_a_sample() -> None:
    assert samples(b'a 1\na 2\nb NaN\nc +Inf\n# a 9\nd x\ne{le="0.5"} 3 1700\n') == {"a": 3.0, "e": 3.0}


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("llama-server", ["/opt/llama-server", "-m", "x.gguf"], ServerKind.LLAMA_SERVER),
        ("llama-server.exe", [r"C:\llama\llama-server.exe"], ServerKind.LLAMA_SERVER),
        ("python3", ["llama-server", "serve.py"], ServerKind.LLAMA_SERVER),
        ("qwen.llamafile", ["./qwen.llamafile"], ServerKind.LLAMAFILE),
        ("ollama", ["/usr/bin/ollama", "serve"], ServerKind.OLLAMA),
        ("ollama", ["ollama", "run", "qwen"], None),
        ("ollama", ["ollama"], None),
        ("python3", ["/venv/bin/python3", "/venv/bin/vllm", "serve", "m"], ServerKind.VLLM),
        ("python3", ["python3", "-m", "vllm.entrypoints.openai.api_server"], ServerKind.VLLM),
        ("python3", ["python3", "-m", "sglang.launch_server", "--port", "1"], ServerKind.SGLANG),
        ("python3.12", ["python3.12", "/venv/bin/mlx_lm.server"], ServerKind.MLX_LM),
        ("koboldcpp-linux-x64", ["./koboldcpp-linux-x64"], ServerKind.KOBOLDCPP),
        ("python", ["python", "/opt/text-generation-webui/server.py"], ServerKind.TEXT_GENERATION_WEBUI),
        ("local-ai", ["local-ai", "run"], ServerKind.LOCALAI),
        ("LM Studio", ["/opt/LM Studio"], ServerKind.LM_STUDIO),
        ("python3", ["python3", "manage.py", "runserver"], None),
        ("vim", ["vim", "llama-server.md"], None),
        ("grep", ["grep", "ollama"], None),
        ("", [], None),
    ],
)
def test_a_process_is_known_by_its_name_and_its_arguments(
    name: str, arguments: list[str], kind: ServerKind | None
) -> None:
    assert kind_of(name, arguments) is kind


@pytest.mark.parametrize("host", ["192.168.1.4", "example.org", "127.0.0.2"])
def test_no_other_computer_is_ever_asked(host: str) -> None:
    with pytest.raises(ValueError, match="not this computer"):
        asker(80, host=host)


class Redirecting(BaseHTTPRequestHandler):
    """Sends the asker elsewhere, answers one page, and is slow on another."""

    def do_GET(self) -> None:
        """Answer a path."""
        if self.path == "/page":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[1]")
            return
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()
    thread.join()


def test_redirects_are_not_followed_and_a_dead_port_is_no_answer(port: int) -> None:
    ask = asker(port)
    page, moved = ask("/page"), ask("/moved")
    assert page is not None
    assert page.json == [1]
    assert moved is not None
    assert (moved.status, moved.json) == (302, None)
    assert asker(port, timeout=0.2)("/page\r\nX: y") is None


def look_with(*slots: Slot) -> Look:
    return Look(State.PROCESSING if any(slot.is_processing for slot in slots) else State.IDLE, slots=slots)


def working(task: int, decoded: int, slot: int = 0) -> Slot:
    return Slot(slot, task, 60, 0, decoded, is_processing=True)


def test_the_live_rate_comes_from_the_slots() -> None:
    rate = Rate()
    assert rate.feed(look_with(working(1, 10)), 0.0) == []
    assert rate.tokens_per_second is None
    for second in range(1, 6):
        rate.feed(look_with(working(1, 10 + 40 * second)), float(second))
    assert rate.tokens_per_second == 40.0
    (ended,) = rate.feed(look_with(Slot(0)), 6.0)
    assert (ended.task, ended.prompt, ended.decoded, ended.start, ended.end) == (1, 60, 210, 0.0, 5.0)
    for second in range(7, 10):
        rate.feed(look_with(Slot(0)), float(second))
    assert rate.tokens_per_second == 0.0


def test_two_slots_are_added_and_a_new_task_in_a_slot_is_a_new_request() -> None:
    rate = Rate()
    rate.feed(look_with(working(1, 0), working(2, 0, 1)), 0.0)
    rate.feed(look_with(working(1, 30), working(2, 50, 1)), 1.0)
    assert rate.tokens_per_second == 80.0
    ended = rate.feed(look_with(working(3, 5), working(2, 60, 1)), 2.0)
    assert [request.task for request in ended] == [1]
    assert sorted(request.task for request in rate.working) == [2, 3]


def test_a_counter_that_moves_gives_the_rate_where_there_are_no_slots() -> None:
    rate = Rate()
    for second, total in enumerate((1000, 1040, 1080, 3)):
        rate.feed(Look(State.PROCESSING, generated_total=total), float(second))
        if second == 2:
            assert rate.tokens_per_second == 40.0
    assert rate.tokens_per_second == pytest.approx(80 / 3)


def observer(
    pages: dict[int, dict[str, Any]],
    found: list[Candidate],
    asked: list[tuple[int, str]],
    spent: Sequence[float] = (0.0,),
) -> Observer:
    def connect(port: int) -> Ask:
        inner = answers(pages.get(port, {}))

        def ask(path: str) -> Answer | None:
            asked.append((port, path))
            return inner(path) if port in pages else None

        return ask

    return Observer(lambda: list(found), connect, lambda _: Use(1.5, 1000), lambda _: spent[0])


def test_a_server_is_confirmed_on_its_own_ports_and_forgotten_when_it_ends() -> None:
    candidate = Candidate(7, 1.0, ServerKind.LLAMA_SERVER, (9001, 9002))
    pages: dict[int, dict[str, Any]] = {9002: {"/props": PROPS, "/slots": [IDLE]}}
    found, asked = [candidate], list[tuple[int, str]]()
    watch = observer(pages, found, asked)
    (seen,) = watch.look(0.0)
    assert (seen.pid, seen.port, seen.look.state, seen.cpu_seconds) == (7, 9002, State.IDLE, 1.5)
    assert {port for port, _ in asked} == {9001, 9002}
    found.clear()
    assert len(watch.look(4.0)) == 1
    assert watch.look(5.0) == []


def test_an_idle_server_is_asked_every_five_seconds_and_a_busy_one_every_second() -> None:
    pages: dict[int, dict[str, Any]] = {9: {"/props": PROPS, "/slots": [IDLE]}}
    asked = list[tuple[int, str]]()
    watch = observer(pages, [Candidate(7, 1.0, ServerKind.LLAMA_SERVER, (9,))], asked)
    watch.look(0.0)
    before = len(asked)
    watch.look(1.0)
    assert len(asked) == before
    pages[9]["/slots"] = [BUSY]
    watch.look(5.0)
    before = len(asked)
    watch.look(5.5)
    assert len(asked) == before
    watch.look(6.0)
    assert len(asked) > before


def test_a_process_that_answers_as_something_else_is_shown_as_unanswered() -> None:
    candidate = Candidate(7, 1.0, ServerKind.OLLAMA, (9,))
    watch = observer({9: {"/props": PROPS}}, [candidate], [])
    assert watch.look(0.0) == []
    assert watch.unanswered == [Unanswered(ServerKind.OLLAMA, 7, "does not answer as one")]


def test_a_server_that_restarts_under_the_same_id_is_another_one() -> None:
    found = [Candidate(7, 1.0, ServerKind.LLAMA_SERVER, (9,))]
    watch = observer({9: {"/props": PROPS, "/slots": [IDLE]}}, found, [])
    watch.look(0.0)
    found[:] = [Candidate(7, 60.0, ServerKind.LLAMA_SERVER, (9,))]
    (seen,) = watch.look(5.0)
    assert seen.started == 60.0


def test_a_quiet_server_that_uses_the_processor_is_asked_at_once() -> None:
    pages: dict[int, dict[str, Any]] = {9: {"/props": PROPS, "/slots": [IDLE]}}
    asked, spent = list[tuple[int, str]](), [3.0]
    watch = observer(pages, [Candidate(7, 1.0, ServerKind.LLAMA_SERVER, (9,))], asked, spent)
    watch.look(0.0)
    watch.look(1.0)
    pages[9]["/slots"] = [BUSY]
    spent[0] = 3.6
    (seen,) = watch.look(2.0)
    assert seen.look.state is State.PROCESSING
