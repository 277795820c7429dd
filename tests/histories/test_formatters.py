"""Histories 9 and 10 and their kin: formatters of four languages, before the commit and after landing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = (
    "import os, sys\n\n"
    "def collect_readings(source, limit = 20, since = None):\n"
    "    readings = [parse(line) for line in source.lines(limit = limit, since = since) if line.is_complete()]\n"
    "    total = sum_of_all(readings, key = lambda reading: reading.value, start = 0, missing = 'skip', scale = 'celsius')\n"
    "    return {'readings': readings, 'total': total, 'mean': total / max(len(readings), 1), 'source': source.name}\n"
)
PYTHON_FORMATTED = (
    "import os, sys\n\n\n"
    "def collect_readings(source, limit=20, since=None):\n"
    "    readings = [\n"
    "        parse(line)\n"
    "        for line in source.lines(limit=limit, since=since)\n"
    "        if line.is_complete()\n"
    "    ]\n"
    "    total = sum_of_all(\n"
    "        readings,\n"
    "        key=lambda reading: reading.value,\n"
    "        start=0,\n"
    '        missing="skip",\n'
    '        scale="celsius",\n'
    "    )\n"
    "    return {\n"
    '        "readings": readings,\n'
    '        "total": total,\n'
    '        "mean": total / max(len(readings), 1),\n'
    '        "source": source.name,\n'
    "    }\n"
)
GO = (
    "package meters\n\n"
    "type Reading struct {\n"
    "  Name string\n"
    "  CelsiusValue float64\n"
    '  TakenAt time.Time `json:"taken_at"`\n'
    "}\n\n"
    "func Collect(source Source,limit int) ([]Reading,error) {\n"
    "  readings,err:=source.ReadAll(limit)\n"
    "  if err!=nil { return nil,err }\n"
    "  sort.Slice(readings,func(i,j int) bool { return readings[i].TakenAt.Before(readings[j].TakenAt) })\n"
    "  return readings,nil\n"
    "}\n"
)
GO_FORMATTED = (
    "package meters\n\n"
    "type Reading struct {\n"
    "\tName         string\n"
    "\tCelsiusValue float64\n"
    '\tTakenAt      time.Time `json:"taken_at"`\n'
    "}\n\n"
    "func Collect(source Source, limit int) ([]Reading, error) {\n"
    "\treadings, err := source.ReadAll(limit)\n"
    "\tif err != nil {\n"
    "\t\treturn nil, err\n"
    "\t}\n"
    "\tsort.Slice(readings, func(i, j int) bool { return readings[i].TakenAt.Before(readings[j].TakenAt) })\n"
    "\treturn readings, nil\n"
    "}\n"
)
TYPESCRIPT = (
    "import {a as alpha, b as beta} from './letters'\n"
    "export const loadMeters = async (region: string, options = {limit: 20, order: 'oldest'}) => {\n"
    "  const meters = await fetchMeters(region, {limit: options.limit, order: options.order, retries: 3, beta})\n"
    "  const sorted = meters.filter(meter => meter.isActive).map(meter => alpha(meter)).sort(byName)\n"
    "  return {meters: sorted, count: sorted.length}\n"
    "}\n"
)
TYPESCRIPT_FORMATTED = (
    'import { a as alpha, b as beta } from "./letters";\n'
    "export const loadMeters = async (\n"
    "  region: string,\n"
    '  options = { limit: 20, order: "oldest" },\n'
    ") => {\n"
    "  const meters = await fetchMeters(region, {\n"
    "    limit: options.limit,\n"
    "    order: options.order,\n"
    "    retries: 3,\n"
    "    beta,\n"
    "  });\n"
    "  const sorted = meters\n"
    "    .filter((meter) => meter.isActive)\n"
    "    .map((meter) => alpha(meter))\n"
    "    .sort(byName);\n"
    "  return { meters: sorted, count: sorted.length };\n"
    "};\n"
)
RUST = (
    "pub fn collect(source: &Source, limit: usize) -> Result<Vec<Reading>, Error> {\n"
    "    let readings = source.lines().take(limit).map(|line| Reading::parse(line)).collect::<Result<Vec<_>, _>>()?;\n"
    "    let total: f64 = readings.iter().map(|r| r.value).sum();\n"
    "    Ok(readings)\n"
    "}\n"
)
RUST_FORMATTED = (
    "pub fn collect(source: &Source, limit: usize) -> Result<Vec<Reading>, Error> {\n"
    "    let readings = source\n"
    "        .lines()\n"
    "        .take(limit)\n"
    "        .map(|line| Reading::parse(line))\n"
    "        .collect::<Result<Vec<_>, _>>()?;\n"
    "    let total: f64 = readings.iter().map(|r| r.value).sum();\n"
    "    Ok(readings)\n"
    "}\n"
)
JAVA = (
    "class Yard {\n"
    "        Berth assign(Vessel vessel) {\n"
    "                this.tide = readTideTable(vessel, harbour, season, 431);\n"
    "                this.queue = orderByDraught(cranes, tide, pilot, 77);\n"
    "                if (cranes.isEmpty()) {\n"
    '                        throw new NoCraneException("all are busy");\n'
    "                }\n"
    "                this.fees = sumHarbourFees(vessel, berth, tariff, 12);\n"
    "                this.watch = planNightWatch(vessel, crew, weather, 365);\n"
    "                return berths.reserve(vessel);\n"
    "        }\n"
    "}\n"
)
# Its inner brackets stand where outer ones stood: a difference by lines then pairs the wrong halves.
JAVA_FORMATTED = (
    "class Yard {\n"
    "    Berth assign(Vessel vessel) {\n"
    "        this.tide = readTideTable(\n"
    "            vessel,\n            harbour,\n            season,\n            431,\n"
    "        );\n"
    "        this.queue = orderByDraught(\n"
    "            cranes,\n            tide,\n            pilot,\n            77,\n"
    "        );\n"
    "        if (cranes.isEmpty()) {\n"
    '            throw new NoCraneException("all are busy");\n'
    "        }\n"
    "        this.fees = sumHarbourFees(\n"
    "            vessel,\n            berth,\n            tariff,\n            12,\n"
    "        );\n"
    "        this.watch = planNightWatch(\n"
    "            vessel,\n            crew,\n            weather,\n            365,\n"
    "        );\n"
    "        return berths.reserve(vessel);\n"
    "    }\n"
    "}\n"
)
LANGUAGES = (
    ("meters.py", PYTHON, PYTHON_FORMATTED),
    ("meters.go", GO, GO_FORMATTED),
    ("meters.ts", TYPESCRIPT, TYPESCRIPT_FORMATTED),
    ("meters.rs", RUST, RUST_FORMATTED),
)


def formatted_before_the_commit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters in four languages")
    for name, text, _ in LANGUAGES:
        session.write(name, text)
    scene.clock.advance(minutes=5)
    for name, _, text in LANGUAGES:
        scene.repo.human_write(name, text)
    scene.repo.commit("Add the meters")


def formatted_after_landing(scene: Scene) -> None:
    session = scene.session("0.169")
    session.prompt("Add the meters in four languages")
    for name, text, _ in LANGUAGES:
        session.write(name, text)
    scene.clock.advance(minutes=5)
    scene.repo.commit("Add the meters")
    scene.clock.advance(days=3)
    for name, _, text in LANGUAGES:
        scene.repo.human_write(name, text)
    scene.repo.commit("Run the formatters")


def unformatted_after_landing(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters in four languages")
    for name, _, text in LANGUAGES:
        session.write(name, text)
    scene.clock.advance(minutes=5)
    scene.repo.commit("Add the meters")
    scene.clock.advance(days=3)
    for name, text, _ in LANGUAGES:
        scene.repo.human_write(name, text)
    scene.repo.commit("Longer lines are allowed now")


def formatted_by_the_shell_in_the_session(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters and format them")
    for name, text, _ in LANGUAGES:
        session.write(name, text)
    session.bash(
        "black meters.py && gofmt -w meters.go && npx prettier --write meters.ts && rustfmt meters.rs"
    )
    for name, _, text in LANGUAGES:
        (scene.repo.folder / name).write_text(text, encoding="utf-8")
    scene.clock.advance(minutes=5)
    scene.repo.commit("Add the meters")


def formatted_and_extended_in_one_commit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", PYTHON)
    session.write("meters.ts", TYPESCRIPT)
    scene.clock.advance(minutes=5)
    scene.repo.commit("Add the meters")
    scene.clock.advance(days=2)
    scene.repo.human_write(
        "meters.py", PYTHON_FORMATTED + "\n\ndef one_more_of_a_person():\n    return 12345\n"
    )
    scene.repo.human_write("meters.ts", "// a person's own comment, first\n" + TYPESCRIPT_FORMATTED)
    scene.repo.commit("Format and extend")


def tabs_and_line_ends_changed(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", PYTHON)
    scene.clock.advance(minutes=5)
    scene.repo.commit("Add the meters")
    scene.clock.advance(days=2)
    text = PYTHON.replace("    ", "\t").replace("\n", "\r\n")
    scene.repo.human_write("meters.py", text)
    scene.repo.commit("Tabs, and the line ends of another system")


def sorted_after_landing(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the imports and settings")
    lines = [
        f"SETTING_{name.upper()} = read_the_setting('{name}')\n" for name in ("zulu", "mike", "alpha", "kilo")
    ]
    session.write("settings.py", "".join(lines))
    scene.clock.advance(minutes=5)
    scene.repo.commit("Add settings")
    scene.clock.advance(days=2)
    scene.repo.human_write("settings.py", "".join(sorted(lines)))
    scene.repo.commit("Sort them")


def wrapped_and_indented_anew_after_landing(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the yard")
    session.write("Yard.java", JAVA)
    scene.clock.advance(minutes=5)
    scene.repo.commit("Add the yard")
    scene.clock.advance(days=5)
    scene.repo.human_write("Yard.java", JAVA_FORMATTED)
    scene.repo.commit("Run the formatter")


PLAYS = (
    formatted_before_the_commit,
    formatted_after_landing,
    unformatted_after_landing,
    formatted_by_the_shell_in_the_session,
    formatted_and_extended_in_one_commit,
    tabs_and_line_ends_changed,
    sorted_after_landing,
    wrapped_and_indented_anew_after_landing,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("formatters"), *PLAYS)


@pytest.mark.parametrize("play", PLAYS)
def test_a_formatter_kills_no_line_and_hides_none(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == verdict.lines["survived"] == verdict.lines["generated"]
