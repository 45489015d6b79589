"""Runs the scenarios, the servers taking turns, and compares what came out.

Called by script/bench, which builds first.
"""

import argparse
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys

import report
from plan import SCENARIOS, Scenario
from servers import Bench, Server, WorkDirectory, free_port

# A round beside a busy neighbour says little: it is repeated this often, the quietest one counts.
REPEATS = 2


def load(bench: Bench, scenario: Scenario, peer: str, quick: bool, port: int,
         extra: list[str]) -> dict:
    command = ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(bench.load_core),
               str(bench.load), *scenario.load, *(scenario.quick if quick else []),
               "--peer", peer, "--port", str(port), "--server-core", str(bench.server_core),
               *extra]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          timeout=scenario.timeout)
    if done.returncode != 0:
        raise RuntimeError(f"{scenario.name} against {peer} failed")
    return {**json.loads(done.stdout), "name": scenario.name}


def run_once(bench: Bench, scenario: Scenario, peer: str, quick: bool) -> dict:
    with WorkDirectory(bench) as work:
        if scenario.own_server:
            port = free_port()
            return load(bench, scenario, peer, quick, port,
                        ["--", *bench.command(peer, port, work)])
        with Server(bench, peer, work) as server:
            return load(bench, scenario, peer, quick, server.port,
                        ["--server-pid", str(server.pid)])


def foreign_share(one: dict) -> float:
    return max(one.get("foreign_cpu_share", 0), one.get("generator_foreign_cpu_share", 0))


def run_quietly(bench: Bench, scenario: Scenario, peer: str, quick: bool) -> dict:
    best = None
    for _ in range(1 + (0 if quick else REPEATS)):
        one = run_once(bench, scenario, peer, quick)
        if best is None or foreign_share(one) < foreign_share(best):
            best = one
        if foreign_share(one) <= report.FOREIGN_SHARE_MAX:
            break
    return best


def parse_arguments() -> argparse.Namespace:
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__.split("\n")[0])
    parser.add_argument("scenario", nargs="*", help=f"which to run: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    parser.add_argument("--rounds", type=int, help="instead of each scenario's own number")
    parser.add_argument("--peers", default="rogerthat,nchan,echo", help="which servers take part")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = set(arguments.scenario) - set(names)
    if unknown:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; there are "
                     + ", ".join(names))
    return arguments


def main() -> int:
    arguments = parse_arguments()
    root = pathlib.Path(__file__).resolve().parents[2]
    cores = sorted(os.sched_getaffinity(0))
    bench = Bench(root, arguments.build.resolve(), cores[0], cores[-1])
    if len(cores) < 2:
        print("script/bench: one core only: server and load share it, rates are far too low")
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    rounds, failures = [], 0
    for scenario in SCENARIOS:
        if arguments.scenario and scenario.name not in arguments.scenario:
            continue
        peers = [peer for peer in scenario.peers if peer in arguments.peers.split(",")]
        for peer in list(peers):
            if reason := bench.unavailable(peer):
                print(f"{scenario.name}: without {peer}: {reason}")
                peers.remove(peer)
        count = 1 if arguments.quick else arguments.rounds or scenario.rounds
        for number in range(count):
            for peer in peers:
                print(f"{scenario.name}: {peer}, round {number + 1} of {count}", flush=True)
                try:
                    rounds.append(run_quietly(bench, scenario, peer, arguments.quick))
                except (RuntimeError, subprocess.TimeoutExpired) as failure:
                    print(f"{scenario.name}: {failure}", file=sys.stderr)
                    failures += 1

    summary = report.summarise(rounds)
    rows = report.required_figures(summary)
    report.print_rounds(summary)
    if rows:
        report.print_required(rows)
    report.write_results(arguments.output, root, rounds, summary, rows)
    print(f"\nwritten to {arguments.output}")
    return 1 if failures else 0


if __name__ == "__main__":
    # A signal unwinds the stack, so that every server is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
