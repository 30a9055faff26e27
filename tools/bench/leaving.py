"""How long a server goes on with a query whose client has left: watches its threads that run queries."""
import os, random, select, socket, statistics, time, urllib.parse

QUERY_THREADS = ("query", "query-work")
QUIET_S = 0.3  # So long without work, and the query has ended.
POLL_S = 0.001
LONG_S = 2  # Longer than it takes to tell that a query goes on and on.


class QueryThreads:
    """The threads that answer queries of a process, and how long each has run so far."""

    def __init__(self, pid):
        self.folders = []
        for task in os.listdir("/proc/%d/task" % pid):
            folder = "/proc/%d/task/%s/" % (pid, task)
            if open(folder + "comm").read().strip() in QUERY_THREADS:
                self.folders.append(folder)
        if not self.folders:
            raise RuntimeError("process %d has no thread of the names %s" % (pid, ", ".join(QUERY_THREADS)))
        self.ran_ns = self.read_ran_ns()

    def read_ran_ns(self):
        return [int(open(folder + "schedstat").read().split()[0]) for folder in self.folders]

    def at_work(self):
        """Whether one has run since the last call, or does, or waits for a disk."""
        before, self.ran_ns = self.ran_ns, self.read_ran_ns()
        if before != self.ran_ns:
            return True
        # The kernel counts what runs now at its next tick only.
        return any(open(folder + "stat").read().rsplit(")", 1)[1].split()[0] in "RD" for folder in self.folders)


def ask(server, path, params):
    """A socket on which the answer will come."""
    s = socket.create_connection(("127.0.0.1", server.http))
    s.sendall(("GET %s?%s HTTP/1.1\r\nHost: bench\r\n\r\n" % (path, urllib.parse.urlencode(params))).encode())
    return s


def length_s(server, path, params):
    """How long the query takes, LONG_S if it is more; an error is a text."""
    begin = time.monotonic()
    with ask(server, path, params) as s:
        if not select.select([s], [], [], LONG_S)[0]:
            return LONG_S
        length, head = time.monotonic() - begin, s.recv(200)
    return length if head.startswith(b"HTTP/1.1 200 ") else head.decode("utf-8", "replace").split("\r\n")[0]


def leave(server, path, params, stay_s):
    """Asks, hangs up after stay_s, and returns for how many ms threads were at work then, and how many of CPU they took;
    None if the answer came before."""
    threads = QueryThreads(server.process.pid)
    with ask(server, path, params) as s:
        time.sleep(stay_s)
        if select.select([s], [], [], 0)[0]:
            return None
        threads.at_work()
        ran_ns = sum(threads.ran_ns)
    left = last = now = time.monotonic()
    while now - last < QUIET_S:
        time.sleep(POLL_S)
        now = time.monotonic()
        if threads.at_work():
            last = now
    return (last - left) * 1000, (sum(threads.ran_ns) - ran_ns) / 1e6


def row_of(server, name, path, params, tries, seed=1):
    """A row of bench's table: the longest of so many tries, each of which leaves at another moment of the query."""
    lengths = []
    for _ in range(2):  # The second finds in caches what it may.
        lengths.append(length_s(server, path, params))
        if isinstance(lengths[-1], str):
            return name, lengths[-1], "", ""
        time.sleep(QUIET_S)
    whole = min(lengths)
    chance = random.Random(seed)
    left = [leave(server, path, params, whole * chance.uniform(0.1, 0.8)) for _ in range(tries)]
    times, cpus = zip(*[one for one in left if one is not None] or [(0, 0)])
    if len(times) < tries / 2:
        return name, "too little data to tell", "", ""
    of = "%.0f ms" % (whole * 1000) if whole < LONG_S else "%.0f s or more" % LONG_S
    return (name + ", left within " + of,
            "%.0f ms at most, %.0f ms the median of %d" % (max(times), statistics.median(times), len(times)), "%.3f at most" % (max(cpus) / 1000), "")
