"""What is run and what is asked of it: the scenarios with their arguments, the required figures."""

import dataclasses
from typing import Callable


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    load: list[str]  # what bench_load is told
    quick: list[str]  # added for one short round
    peers: tuple[str, ...] = ("rogerthat",)
    rounds: int = 5
    own_server: bool = False  # bench_load starts the server itself
    timeout: int = 120


SCENARIOS = [
    Scenario("send", ["send", "--seconds", "5"], ["--seconds", "2"],
             ("rogerthat", "nchan", "echo")),
    Scenario("send-durable", ["send-durable", "--seconds", "5"], ["--seconds", "2"]),
    Scenario("ping-pong", ["ping-pong", "--seconds", "10"], ["--seconds", "3"],
             ("rogerthat", "nchan")),
    Scenario("fan-out", ["fan-out", "--seconds", "5"], ["--seconds", "2"],
             ("rogerthat", "nchan")),
    Scenario("parked-polls", ["parked", "--kind", "poll"], [], ("rogerthat", "nchan")),
    Scenario("idle-streams", ["parked", "--kind", "stream"], [], ("rogerthat", "nchan")),
    Scenario("footprint", ["footprint"], [], ("rogerthat", "nchan")),
    Scenario("start", ["start", "--runs", "20"], ["--runs", "5"], own_server=True, rounds=1),
    Scenario("recovery", ["recovery"], ["--count", "100000", "--channels", "1000"],
             own_server=True, rounds=3, timeout=600),
    Scenario("webhooks", ["webhooks", "--seconds", "5"], ["--seconds", "2"]),
    Scenario("webhooks-durable", ["webhooks-durable", "--seconds", "5"], ["--seconds", "2"]),
    Scenario("identity-joins", ["identity-joins", "--seconds", "5"],
             ["--seconds", "2", "--channels", "20000"]),
    Scenario("identity-footprint", ["identity-footprint"],
             ["--count", "10000", "--channels", "10000"], own_server=True, rounds=3, timeout=600),
    Scenario("mcp-send-legacy", ["mcp-send-legacy", "--seconds", "5"], ["--seconds", "2"]),
    Scenario("mcp-send-modern", ["mcp-send-modern", "--seconds", "5"], ["--seconds", "2"]),
    Scenario("mcp-parked-legacy", ["mcp-parked", "--kind", "legacy"], []),
    Scenario("mcp-parked-modern", ["mcp-parked", "--kind", "modern"], []),
    Scenario("mcp-progress-legacy", ["mcp-progress", "--kind", "legacy", "--seconds", "60"],
             ["--seconds", "20"], rounds=3),
    Scenario("mcp-progress-modern", ["mcp-progress", "--kind", "modern", "--seconds", "60"],
             ["--seconds", "20"], rounds=3),
]


class Medians:
    """Looks up the median of a field; a scenario that was not run has none."""

    def __init__(self, summary: dict):
        self._summary = summary

    def get(self, scenario: str, peer: str, field: str) -> float | None:
        figure = self._summary.get(scenario, {}).get(peer, {}).get(field)
        return figure["median"] if isinstance(figure, dict) else None

    def ratio(self, scenario: str, field: str) -> float | None:
        ours = self.get(scenario, "rogerthat", field)
        theirs = self.get(scenario, "nchan", field)
        return ours / theirs if ours is not None and theirs else None


@dataclasses.dataclass(frozen=True)
class Figure:
    scenario: str
    meaning: str
    unit: str
    bound: float
    at_least: bool
    value: Callable[[Medians], float | None]

    def met(self, measured: float) -> bool:
        return measured >= self.bound if self.at_least else measured <= self.bound


def _direct(scenario, meaning, unit, bound, at_least, field, scale=1.0):
    def value(medians: Medians):
        median = medians.get(scenario, "rogerthat", field)
        return None if median is None else median * scale
    return Figure(scenario, meaning, unit, bound, at_least, value)


def _ratio(scenario, meaning, bound, field):
    return Figure(scenario, meaning, "x", bound, True, lambda m: m.ratio(scenario, field))


def _full_recovery(medians: Medians) -> float | None:
    if medians.get("recovery", "rogerthat", "messages") != 1_000_000:
        return None  # a quick round has less to read
    return medians.get("recovery", "rogerthat", "ready_seconds")


def _full_directory(field: str) -> Callable[[Medians], float | None]:
    def value(medians: Medians) -> float | None:
        if medians.get("identity-footprint", "rogerthat", "identities") != 100_000:
            return None  # a quick round holds less
        resident = medians.get("identity-footprint", "rogerthat", field)
        return None if resident is None else resident / KIB / KIB
    return value


KIB = 1024
FIGURES = [
    _direct("send", "sends to memory, 64 connections", "/s", 100_000, True, "per_second"),
    _ratio("send", "the same against nchan's publishing", 0.8, "per_second"),
    _direct("send", "user CPU a send", "us", 3, False, "server_user_us"),
    _direct("send-durable", "durable sends, 64 connections", "/s", 40_000, True, "per_second"),
    _direct("send-durable", "durable sends, p99", "ms", 15, False, "latency_p99_ms"),
    _direct("ping-pong", "send to parked poll, p50", "ms", 0.6, False, "poll_p50_ms"),
    _direct("ping-pong", "send to parked poll, p99", "ms", 3, False, "poll_p99_ms"),
    _direct("ping-pong", "the same without the generator's share, p99", "ms", 1, False,
            "poll_served_p99_ms"),
    _direct("ping-pong", "send to stream, p50", "ms", 0.6, False, "stream_p50_ms"),
    _direct("ping-pong", "send to stream, p99", "ms", 3, False, "stream_p99_ms"),
    _direct("ping-pong", "the same without the generator's share, p99", "ms", 1, False,
            "stream_served_p99_ms"),
    _ratio("fan-out", "deliveries to 10,000 streams against nchan", 0.9, "per_second"),
    _direct("parked-polls", "memory of a parked poll", "KiB", 1.5, False, "user_bytes_each",
            1 / KIB),
    _direct("idle-streams", "memory of an idle stream", "KiB", 1.5, False, "user_bytes_each",
            1 / KIB),
    _direct("footprint", "memory of an empty channel", "B", 800, False, "empty_channel_bytes"),
    _direct("footprint", "memory of a channel with 100 messages", "KiB", 40, False,
            "filled_channel_bytes", 1 / KIB),
    _direct("start", "exec to first answer", "ms", 50, False, "start_p50_ms"),
    _direct("start", "resident after start", "MiB", 15, False, "resident_bytes", 1 / KIB / KIB),
    Figure("recovery", "ready again with 1,000,000 messages", "s", 5, False, _full_recovery),
    _direct("webhooks", "webhooks delivered, 100 of them", "/s", 5_000, True, "per_second"),
    _direct("webhooks", "p99 of a send with webhooks to without", "x", 1.5, False, "p99_ratio"),
    _direct("identity-joins", "joins with an identity key", "/s", 30_000, True, "per_second"),
    Figure("identity-footprint", "100,000 identities, 100,000 channels, resident", "MiB", 200,
           False, _full_directory("resident_bytes")),
    Figure("identity-footprint", "the same after a restart", "MiB", 200, False,
           _full_directory("restarted_resident_bytes")),
    _direct("mcp-send-legacy", "sends by MCP with a session", "/s", 50_000, True, "per_second"),
    _direct("mcp-send-modern", "sends by MCP without a session", "/s", 50_000, True, "per_second"),
    _direct("mcp-parked-legacy", "memory of an MCP wait with a session", "KiB", 3, False,
            "user_bytes_each", 1 / KIB),
    _direct("mcp-parked-modern", "memory of an MCP wait without one", "KiB", 3, False,
            "user_bytes_each", 1 / KIB),
    _direct("mcp-progress-legacy", "progress of 5,000 waits, with sessions", "% of a core", 5,
            False, "server_cpu_share", 100),
    _direct("mcp-progress-modern", "progress of 5,000 waits, without", "% of a core", 5,
            False, "server_cpu_share", 100),
]
