"""What a client's test needs: its program, from a registry or from this machine, and a look at what has arrived.

A test is a file beside this one with `run(server, shop)`: it raises AssertionError, or Skipped with the reason. Programs
are kept below one cache folder, so that a second run installs nothing.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from skald_process import CONFIG, SkaldProcess, free_port  # noqa: E402,F401

INSTALL_S = 600  # For all installing of one run: a registry that hangs makes clients skipped, not the run endless.


class Skipped(Exception):
    """The client is not to be had here."""


def install_s():
    """The seconds that are left for installing."""
    left = Workshop.install_until - time.monotonic()
    if left <= 0:
        raise AssertionError("the time for installing is used up")
    return left


def output_of(command, what, timeout_s=60, **options):
    """What `command` printed; AssertionError with all of it if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout_s, stdin=subprocess.DEVNULL, **options)
    text = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, "%s ended with %d: %s" % (what, done.returncode, text[-3000:])
    return text


class Workshop:
    """Installs programs below `cache`; `folder`, a new one, ends with the test."""

    install_until = time.monotonic() + INSTALL_S

    def __init__(self, cache, folder):
        os.makedirs(folder)
        self.cache, self.folder = os.path.abspath(cache), folder

    def program(self, name):
        """The path of a program of this machine."""
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if not path:
            raise Skipped("there is no %s on this machine" % name)
        return path

    def installed(self, place, wanted, install):
        """The folder `place` of the cache, in which `install(folder)` has put `wanted` now or earlier."""
        folder = os.path.join(self.cache, place)
        stamp = os.path.join(folder, ".installed")
        if os.path.exists(stamp):
            with open(stamp) as f:
                if f.read() == repr(wanted):
                    return folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        try:
            install(folder)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as e:
            raise Skipped("%s could not be installed: %s" % (" ".join(wanted), str(e).strip().splitlines()[-1]))
        with open(stamp, "w") as f:
            f.write(repr(wanted))
        return folder

    def node(self, script, packages, arguments):
        """Runs `script`, a file beside this one, on Node with `packages` (name@version); returns what it printed."""
        node, npm = self.program("node"), self.program("npm")

        def install(folder):
            with open(os.path.join(folder, "package.json"), "w") as f:
                json.dump({"name": "client", "private": True, "type": "module"}, f)
            output_of([npm, "install", "--no-audit", "--no-fund", "--save-exact", "--prefix", folder, *packages], "npm", install_s())

        folder = self.installed(os.path.join("npm", script.split(".")[0]), packages, install)
        copy = shutil.copy(os.path.join(HERE, script), folder)  # Packages are looked for beside the script.
        return output_of([node, copy, *arguments], script)

    def python(self, script, packages, arguments):
        """The same for Python."""
        def install(folder):
            output_of([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", folder, *packages], "pip", install_s())

        folder = self.installed(os.path.join("pip", script.split(".")[0]), packages, install)
        return output_of([sys.executable, os.path.join(HERE, script), *arguments], script, env=dict(os.environ, PYTHONPATH=folder))

    def go(self, module, version):
        """The path of a Go program."""
        go = self.program("go")
        modules = os.path.join(self.cache, "go-modules")

        def install(folder):
            env = dict(os.environ, GOBIN=folder, GOPATH=modules, GOMODCACHE=os.path.join(modules, "mod"), GOFLAGS="-modcacherw -buildvcs=false",
                       GOTOOLCHAIN="local")
            output_of([go, "install", module + "@" + version], "go install", install_s(), env=env)
            shutil.rmtree(modules, ignore_errors=True)  # Sources of hundreds of modules.

        name = module.split("/")[-1]
        return os.path.join(self.installed(os.path.join("go", name), (module, version), install), name)

    def debian(self, program, packages):
        """(path, environment) of a program of this machine, or of Debian's packages unpacked into the cache."""
        try:
            return self.program(program), dict(os.environ)
        except Skipped:
            pass
        apt, dpkg = self.program("apt-get"), self.program("dpkg-deb")

        def install(folder):
            output_of([apt, "download", "-q", *packages], "apt-get download", install_s(), cwd=folder)
            for package in sorted(f for f in os.listdir(folder) if f.endswith(".deb")):
                output_of([dpkg, "-x", package, folder], "dpkg-deb", install_s(), cwd=folder)
                os.remove(os.path.join(folder, package))

        folder = self.installed(os.path.join("debian", program), packages, install)
        path = next((p for p in (os.path.join(folder, d, program) for d in ("usr/bin", "usr/sbin")) if os.path.exists(p)), None)
        assert path, "the packages %s have no %s" % (packages, program)
        libraries = [os.path.join(folder, "usr/lib", d) for d in os.listdir(os.path.join(folder, "usr/lib")) if d.endswith("-linux-gnu")] \
            if os.path.isdir(os.path.join(folder, "usr/lib")) else []
        return path, dict(os.environ, LD_LIBRARY_PATH=":".join(libraries))

    def file(self, name, text):
        """The path of a new file with `text`, in a folder that ends with the test."""
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path


class Daemon:
    """A program that runs in the background until the block ends. `log` is the path of what it prints."""

    def __init__(self, command, log, env=None):
        self.log = log
        with open(log, "wb") as f:
            self.process = subprocess.Popen(command, stdout=f, stderr=f, stdin=subprocess.DEVNULL, env=env)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def wait_for_port(self, port, timeout_s=60):
        def open_port():
            assert self.process.poll() is None, "it ended: " + self.text()[-2000:]
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                raise AssertionError("nothing listens on its port: " + self.text()[-2000:])
        eventually(open_port, timeout_s)


def eventually(check, timeout_s=60):
    """Calls `check` until it raises no AssertionError."""
    end = time.monotonic() + timeout_s
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def entries(server, query, headers=None):
    """[(labels, line, metadata), ...] of the last hour, oldest first; labels of the stream only."""
    headers = dict(headers or {}, **{"X-Loki-Response-Encoding-Flags": "categorize-labels"})
    params = {"query": query, "limit": 5000, "end": time.time_ns() + 10**10}
    status, body = server.request("/loki/api/v1/query_range", params, headers=headers)
    assert status == 200, (status, body)
    found = [(int(v[0]), s["stream"], v[1], v[2].get("structuredMetadata", {})) for s in json.loads(body)["data"]["result"] for v in s["values"]]
    return [e[1:] for e in sorted(found, key=lambda e: e[0])]


def lines(server, query, headers=None):
    return [line for _, line, _ in entries(server, query, headers)]


def equal(want, got, what):
    assert want == got, "%s: want %r, got %r" % (what, want, got)


def summary(text):
    """The first line of a failure."""
    return re.sub(r"\s+", " ", str(text))[:600]
