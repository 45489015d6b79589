"""From single rounds to medians with their spread, a table to read and a file to keep."""

import json
import pathlib
import platform
import statistics
import subprocess
import time

from plan import FIGURES, Medians

# Above this share of a core, other processes distort what is measured on it.
FOREIGN_SHARE_MAX = 0.05
FOREIGN_SHARES = (("foreign_cpu_share", "the server"),
                  ("generator_foreign_cpu_share", "the load generator"))

SHOWN = {
    "send": ["per_second", "latency_p50_ms", "latency_p99_ms", "server_user_us",
             "server_system_us"],
    "send-durable": ["per_second", "latency_p50_ms", "latency_p99_ms", "server_user_us"],
    "ping-pong": [*(f"{reader}{part}_{share}_ms" for reader in ("poll", "stream")
                    for part in ("", "_served", "_unread") for share in ("p50", "p99", "p999")),
                  "left_late_p99_ms", "poll_missing", "stream_missing", "server_cpu_share",
                  "generator_cpu_share"],
    "fan-out": ["per_second", "until_last_p50_ms", "until_last_max_ms", "server_user_us",
                "server_system_us"],
    "parked-polls": ["user_bytes_each", "with_session_bytes_each", "kernel_bytes_each_both_ends"],
    "idle-streams": ["user_bytes_each", "with_session_bytes_each", "kernel_bytes_each_both_ends"],
    "footprint": ["empty_channel_bytes", "filled_channel_bytes"],
    "start": ["first_ms", "start_p50_ms", "start_max_ms", "resident_bytes", "refused_to_stop"],
    "recovery": ["fill_seconds", "ready_seconds", "red_meanwhile", "resident_bytes",
                 "missing_messages"],
    **{f"webhooks{kind}": ["per_second", "p99_ratio", "plain_p50_ms", "plain_p99_ms",
                           "hooked_p50_ms", "hooked_p99_ms", "delivery_p50_ms",
                           "delivery_p99_ms", "burst_per_second", "server_user_us",
                           "server_system_us", "server_cpu_share"] for kind in ("", "-durable")},
    "identity-joins": ["per_second", "latency_p50_ms", "latency_p99_ms", "server_user_us",
                       "server_system_us"],
    "identity-footprint": ["identities", "channels", "resident_bytes", "ready_seconds",
                           "restarted_resident_bytes"],
    **{f"mcp-send-{era}": ["per_second", "latency_p50_ms", "latency_p99_ms", "server_user_us",
                           "server_system_us"] for era in ("legacy", "modern")},
    **{f"mcp-parked-{era}": ["user_bytes_each", "with_session_bytes_each",
                             "kernel_bytes_each_both_ends"] for era in ("legacy", "modern")},
    **{f"mcp-progress-{era}": ["server_cpu_share", "progress_told_of_due", "server_user_us",
                               "server_system_us"] for era in ("legacy", "modern")},
}


def summarise(rounds: list[dict]) -> dict:
    """scenario -> peer -> field -> {median, min, max}, over all rounds of the same kind."""
    grouped: dict = {}
    for one in rounds:
        fields = grouped.setdefault(one["name"], {}).setdefault(one["peer"], {})
        for field, value in one.items():
            if isinstance(value, (int, float)):
                fields.setdefault(field, []).append(float(value))
    return {name: {peer: {field: {"median": statistics.median(values), "min": min(values),
                                  "max": max(values)}
                          for field, values in fields.items()}
                   for peer, fields in peers.items()}
            for name, peers in grouped.items()}


def _short(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def print_rounds(summary: dict):
    for name, peers in summary.items():
        print(f"\n{name}")
        for field in SHOWN[name]:
            for peer, fields in peers.items():
                if field not in fields:
                    continue
                figure = fields[field]
                print(f"  {field:28} {peer:10} {_short(figure['median']):>10}"
                      f"   {_short(figure['min'])} .. {_short(figure['max'])}")
        for peer, fields in peers.items():
            for field, whose in FOREIGN_SHARES:
                if (share := _median(fields, field)) > FOREIGN_SHARE_MAX:
                    print(f"  with {peer}: other processes took {share:.0%} of the core of {whose}")


def _median(fields: dict, field: str) -> float:
    return fields[field]["median"] if field in fields else 0


def _beside_others(peers: dict) -> bool:
    return any(_median(fields, field) > FOREIGN_SHARE_MAX
               for fields in peers.values() for field, _ in FOREIGN_SHARES)


def required_figures(summary: dict) -> list[dict]:
    medians = Medians(summary)
    rows = []
    for figure in FIGURES:
        measured = figure.value(medians)
        if measured is None:
            continue
        rows.append({"scenario": figure.scenario, "figure": figure.meaning, "unit": figure.unit,
                     "required": figure.bound, "at_least": figure.at_least,
                     "measured": measured, "met": figure.met(measured),
                     "busy_machine": _beside_others(summary[figure.scenario])})
    return rows


def print_required(rows: list[dict]):
    print(f"\n{'figure':48} {'required':>16} {'measured':>14}")
    for row in rows:
        required = f"{'>=' if row['at_least'] else '<='} {_short(row['required'])} {row['unit']}"
        print(f"{row['figure']:48} {required:>16} {_short(row['measured']):>14}"
              f"  {'met' if row['met'] else 'MISSED'}"
              f"{' (on a busy machine)' if row['busy_machine'] else ''}")


def write_results(path: pathlib.Path, root: pathlib.Path, rounds: list[dict], summary: dict,
                  rows: list[dict]):
    commit = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True,
                            text=True).stdout.strip()
    document = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "commit": commit,
                "kernel": platform.release(), "cpu": _cpu_model(), "required": rows,
                "summary": summary, "rounds": rounds}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


def _cpu_model() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
