"""Deletes lines while the server is killed again and again, and has it killed on the way of a request.

Requests are taken up a minute after they were made, which is in the middle of later cycles; at the end all are waited for.
"""
import json
import time

from mix import Mix

PROCESSED_S = 180
# What the server comes by on the way of a request, in this order.
ON_THE_WAY = ["erase.flushed", "compact.pack_written", "index.before_commit", "erase.rewritten", "erase.before_mark",
              "erase.marked", "index.swept"]


class DeleteMix(Mix):
    """What is deleted of one server. `start_ns` and `cycle_ns` say when the lines of a cycle are."""

    compactor = {"retention_enabled": "true", "delete_request_store": "filesystem", "delete_request_cancel_period": "0s"}

    def __init__(self, start_ns, cycle_ns, connections):
        self.start_ns, self.cycle_ns, self.connections = start_ns, cycle_ns, connections
        self.gone = {}  # Of a cycle, what the lines that are deleted have in them.

    def after(self, server, cycle, rng):
        if rng.random() < 1 / 2:
            return False
        self.delete_some(server, cycle, rng)
        return True

    def at_end(self, server, cycles, rng, hits):
        for cycle in cycles[-3:]:
            self.delete_some(server, cycle, rng)
        self.kill_on_the_way(server, hits)
        self.wait_until_processed(server)
        self.wait_until_unlisted(server)

    def delete_some(self, server, cycle, rng):
        """Deletes the lines of one connection of a cycle, or all of the cycle."""
        gone = "" if rng.random() < 1 / 4 else "connection=%d " % rng.randrange(self.connections)
        start = (self.start_ns + cycle * self.cycle_ns) // 10**9
        status, body = server.request("/loki/api/v1/delete", {
            "query": '{job="crash",cycle="%d"}' % cycle + (' |= "%s"' % gone if gone else ""),
            "start": start, "end": start + self.cycle_ns // 10**9 - 1}, method="POST")
        assert status == 204, (status, body)
        self.gone.setdefault(cycle, []).append(gone)

    def keeps(self, cycle, entry):
        return not any(gone in entry[1] for gone in self.gone.get(cycle, []))

    def kill_on_the_way(self, server, hits):
        """Lets the server kill itself at each point that the pending requests come by."""
        for point in ON_THE_WAY:
            server.kill()
            try:
                server.start(env={"SKALD_FAULT_POINT": point + ":1"})
                end = time.monotonic() + PROCESSED_S
                while server.process.poll() is None and time.monotonic() < end and pending(server):
                    time.sleep(0.05)
            except (AssertionError, OSError):  # It came by before the server was ready, or while it was asked.
                time.sleep(1)
            assert server.process.poll() in (None, -9), "ended with %s: %s" % (server.process.poll(), server.log_tail())
            if server.process.poll() == -9:
                hits[point] += 1
                server.start()
        server.kill()  # The last point may be armed still.
        server.start()

    def wait_until_processed(self, server):
        end = time.monotonic() + PROCESSED_S
        while pending(server):
            assert time.monotonic() < end, "not processed: %s" % pending(server)[:3]
            time.sleep(0.5)


    def wait_until_unlisted(self, server):
        """Cycles that are deleted whole are no value of their label any more."""
        whole = {str(cycle) for cycle, gone in self.gone.items() if "" in gone}
        end = time.monotonic() + PROCESSED_S
        while listed := whole & self.listed_cycles(server):
            assert time.monotonic() < end, "deleted, and listed: %s" % sorted(listed)[:3]
            time.sleep(0.5)

    def listed_cycles(self, server):
        params = {"start": self.start_ns, "end": self.start_ns + 10**5 * self.cycle_ns}
        status, body = server.request("/loki/api/v1/label/cycle/values", params)
        assert status == 200, (status, body)
        return set(json.loads(body).get("data") or [])


def pending(server):
    return [r for r in json.loads(server.request("/loki/api/v1/delete")[1]) if r["status"] != "processed"]
