"""Lets lines expire while the server is killed again and again.

The retention of the tenant is set anew before each start, so that what was pushed some cycles ago has outlived it, but for
one stream that a rule keeps for ever longer; some lines expire while they are in memory, others in packs.
"""
import os
import time

from mix import Mix

CYCLES_KEPT = 2  # Besides the one under way.
KEPT_STREAM = 0


class RetentionMix(Mix):
    """The retention of one server. `start_ns` and `cycle_ns` say when the lines of a cycle are."""

    compactor = {"retention_enabled": "true", "delete_request_store": "filesystem"}

    def __init__(self, folder, start_ns, cycle_ns):
        self.start_ns, self.cycle_ns = start_ns, cycle_ns
        self.path = os.path.join(folder, "limits.yaml")
        self.oldest_cycle = 0
        self.sections = "runtime_config: {file: %s, period: 100ms}\n" % self.path
        self.before(0)

    def before(self, cycle):
        """From the next start, or 100 ms, on the cycles more than CYCLES_KEPT before `cycle` have expired."""
        self.oldest_cycle = max(self.oldest_cycle, cycle - CYCLES_KEPT)
        # Half a cycle before its first line: the clock moves on while the cycle runs.
        oldest_ns = self.start_ns + self.oldest_cycle * self.cycle_ns - self.cycle_ns // 2
        seconds = (time.time_ns() - oldest_ns) // 10**9
        text = ("overrides:\n  fake:\n    retention_period: %ds\n    retention_stream:\n"
                "      - {selector: '{stream=\"%d\"}', priority: 1, period: 100y}\n" % (seconds, KEPT_STREAM))
        with open(self.path + ".new", "w") as f:
            f.write(text)
        os.rename(self.path + ".new", self.path)

    def keeps(self, cycle, entry):
        return cycle >= self.oldest_cycle or "stream=%d " % KEPT_STREAM in entry[1]
