"""What integration tests count, and end with."""
import time

PATIENCE_S = 60


class Checks:
    """Counts what holds, and prints what does not. Not synchronised."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, good, shown=""):
        """Returns whether it is good; `shown` is printed if not."""
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED %s: %s" % (name, str(shown)[:2000]))
        return bool(good)

    def equal(self, name, want, got):
        return self.check(name, want == got, "" if want == got else "want %.600r, got %.600r" % (want, got))

    def equal_soon(self, name, want, get):
        """Once `get` returns what is wanted, or patience is over."""
        end = time.monotonic() + PATIENCE_S
        while (got := get()) != want and time.monotonic() < end:
            time.sleep(0.1)
        return self.equal(name, want, got)

    def finish(self):
        """Prints the last line. Returns what the test exits with: one that checked nothing has failed."""
        print("%d passed, %d failed" % (self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0
