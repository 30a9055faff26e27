"""rsyslog's omhttp in its format for Loki. Debian's rsyslog comes without the module: it is built from Debian's source."""
import glob
import json
import os
import shutil
import socket

from workshop import Daemon, Skipped, entries, equal, eventually, free_port, install_s, output_of

PACKAGES = ("rsyslog", "libestr0", "libfastjson4", "liblognorm5")
HEADERS = ("libestr-dev", "libfastjson-dev")
# What configure would find, as far as the one module looks at it.
CONFIG_H = '#define VERSION "0"\n#define HAVE_ATOMIC_BUILTINS 1\n#define HAVE_ATOMIC_BUILTINS64 1\n#define HAVE_CLOCK_GETTIME 1\n'
SETTINGS = """
global(workDirectory="%(folder)s")
module(load="imtcp")
module(load="omhttp")
template(name="loki" type="list" option.jsonf="off") {
  constant(value="{\\"stream\\":{\\"job\\":\\"syslog\\",\\"program\\":\\"")
  property(name="programname" format="json")
  constant(value="\\",\\"level\\":\\"")
  property(name="syslogseverity-text")
  constant(value="\\"},\\"values\\":[[\\"")
  property(name="timegenerated" dateFormat="unixtimestamp")
  constant(value="000000000\\",\\"")
  property(name="msg" format="json")
  constant(value="\\"]]}")
}
ruleset(name="forward") {
  action(type="omhttp" server="127.0.0.1" serverport="%(skald)d" usehttps="off" restpath="loki/api/v1/push" checkpath="ready"
         template="loki" batch="on" batch.format="lokirest" batch.maxsize="10" compress="%(compress)s" errorfile="%(folder)s/errors")
}
input(type="imtcp" port="%(port)d" address="127.0.0.1" ruleset="forward")
"""


def run(server, shop):
    program, env = shop.debian("rsyslogd", PACKAGES)
    for compress in ("off", "on"):
        server.stop()
        shutil.rmtree(os.path.join(server.folder, "data"), ignore_errors=True)
        server.start()
        forward(server, shop, program, env, compress)


def forward(server, shop, program, env, compress):
    modules = [module(shop)] + glob.glob(os.path.join(os.path.dirname(program), "..", "lib", "*", "rsyslog"))
    port = free_port()
    config = shop.file("rsyslog.conf", SETTINGS % {"folder": shop.folder, "skald": server.http, "port": port, "compress": compress})
    command = [program, "-n", "-f", config, "-i", os.path.join(shop.folder, "pid-" + compress), "-M", ":".join(modules)]
    with Daemon(command, os.path.join(shop.folder, "rsyslog.log"), env) as rsyslog:
        rsyslog.wait_for_port(port)
        with socket.create_connection(("127.0.0.1", port)) as s:
            for i in range(25):
                level = 3 if i % 5 == 0 else 6
                s.sendall(b'<%d>1 2026-01-01T00:00:00Z host sshd 1 - - line %d "quoted" \\ back\n' % (8 * 4 + level, i))
        eventually(lambda: equal(25, len(entries(server, '{job="syslog"}')), "lines; " + rsyslog.text()[-500:]))
    found = entries(server, '{job="syslog"}')
    equal({'line %d "quoted" \\ back' % i for i in range(25)}, {line.strip() for _, line, _ in found}, "lines")
    equal(5, sum(labels["level"] == "err" for labels, _, _ in found), "errors")
    equal({"sshd"}, {labels["program"] for labels, _, _ in found}, "program")
    errors = os.path.join(shop.folder, "errors")
    equal(False, os.path.exists(errors) and json.load(open(errors)), "what rsyslog could not send")


def module(shop):
    """The folder of omhttp.so: the machine's, or one that was built."""
    for found in glob.glob("/usr/lib/*/rsyslog/omhttp.so"):
        return os.path.dirname(found)
    tools = [shop.program(name) for name in ("apt-get", "dpkg-deb", "gcc", "tar")]
    if not glob.glob("/etc/apt/sources.list.d/*.sources"):
        raise Skipped("Debian's rsyslog has no omhttp, and this machine's sources of packages are of an older form")
    return shop.installed(os.path.join("debian", "omhttp"), PACKAGES + HEADERS, lambda folder: build(folder, *tools))


def build(folder, apt, dpkg, gcc, tar):
    options = []
    for kind, name in (("Etc::sourceparts", "sources"), ("Etc::sourcelist", "none"), ("State::lists", "lists/partial"), ("Cache", "cache/archives/partial")):
        path = os.path.join(folder, name)
        if name != "none":
            os.makedirs(path)
        options += ["-o", "Dir::%s=%s" % (kind, path.replace("/partial", "").replace("/archives", ""))]
    for listed in glob.glob("/etc/apt/sources.list.d/*.sources"):
        with open(listed) as f, open(os.path.join(folder, "sources", os.path.basename(listed)), "w") as out:
            stanzas = [s for s in f.read().split("\n\n") if "-security" not in s]  # The release's own source will do.
            out.write("\n\n".join(stanzas).replace("Types: deb\n", "Types: deb-src\n"))
    output_of([apt, *options, "update", "-q"], "apt-get update", install_s())
    output_of([apt, *options, "source", "--download-only", "-q", "rsyslog"], "apt-get source", install_s(), cwd=folder)
    output_of([apt, "download", "-q", *HEADERS], "apt-get download", install_s(), cwd=folder)
    for package in glob.glob(os.path.join(folder, "*.deb")):
        output_of([dpkg, "-x", package, folder], "dpkg-deb")
    output_of([tar, "-xzf", glob.glob(os.path.join(folder, "rsyslog_*.orig.tar.gz"))[0], "--strip-components=1", "-C", folder], "tar")
    with open(os.path.join(folder, "config.h"), "w") as f:
        f.write(CONFIG_H)
    include = ["-I" + os.path.join(folder, d) for d in (".", "runtime", "grammar", "tools", "usr/include", "usr/include/libfastjson")]
    output_of([gcc, "-shared", "-fPIC", "-O1", "-w", "-D_GNU_SOURCE", "-DHAVE_CONFIG_H", "-DMODULE_NAME=omhttp", *include,
               os.path.join(folder, "contrib/omhttp/omhttp.c"), "-o", os.path.join(folder, "omhttp.so"), "-lcurl", "-lz"], "gcc")
