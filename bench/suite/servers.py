"""The servers under test: how each is started, pinned to a core, found ready and ended.

Each run gets a fresh process on a free loopback port with a directory of its own. Whatever happens,
a server does not outlive the run.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

NCHAN_MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bench:
    """Where things are, and which cores are used for what."""

    def __init__(self, root: pathlib.Path, build: pathlib.Path, server_core: int, load_core: int):
        self.root = root
        self.build = build
        self.server_core = server_core
        self.load_core = load_core
        self.load = build / "bench" / "bench_load"
        self.echo = build / "bench" / "bench_echo"
        self.rogerthat = build / "src" / "rogerthat"

    def command(self, name: str, port: int, work: pathlib.Path) -> list[str]:
        if name == "rogerthat":
            return [str(self.rogerthat), "serve", "--host", "127.0.0.1", "--port", str(port),
                    "--data-dir", str(work / "data"), "--log-level", "warning"]
        if name == "echo":
            return [str(self.echo), str(port)]
        template = (self.root / "bench" / "nchan.conf").read_text()
        config = work / "nginx.conf"
        config.write_text(template.replace("@PORT@", str(port)).replace("@WORK@", str(work)))
        return ["nginx", "-p", str(work), "-c", str(config)]

    def unavailable(self, name: str) -> str | None:
        """Why this server cannot be run here, or nothing."""
        if name == "nchan" and not (shutil.which("nginx") and NCHAN_MODULE.exists()):
            return "nginx with libnginx-mod-nchan is not installed"
        if name == "rogerthat" and not self.rogerthat.exists():
            return f"{self.rogerthat} is not built"
        return None


class WorkDirectory:
    """A directory on the disk that the build is on: durable sends must not land in memory."""

    def __init__(self, bench: Bench):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=bench.build))
        self.path.chmod(0o755)

    def __enter__(self) -> pathlib.Path:
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    def __init__(self, bench: Bench, name: str, work: pathlib.Path):
        self.port = free_port()
        # A session of its own, so that nginx and its worker end together; and the kernel ends the
        # server should this script be killed.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(bench.server_core),
             *bench.command(name, self.port, work)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            self._wait_until_ready(name)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self.process.pid

    def _wait_until_ready(self, name: str):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{name} ended with code {self.process.returncode}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"{name} is not ready after 20 seconds")

    def stop(self):
        # No grace: nothing of a run is kept, and nginx without a master does not end cleanly.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
