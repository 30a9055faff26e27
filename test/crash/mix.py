"""What a mix of the crash harness is asked, and what several of them are together."""


class Mix:
    """Takes lines away while a server is killed again and again. Of each cycle the harness asks in this order."""

    # Of the server's configuration: keys of its `compactor`, and whole sections.
    compactor = {}
    sections = ""

    def before(self, cycle):
        """A cycle is about to begin."""

    def after(self, server, cycle, rng):
        """A cycle is over; whether the mix has taken lines away."""
        return False

    def at_end(self, server, cycles, rng, hits):
        """All `cycles` are over; counts in `hits` where the server killed itself since."""

    def keeps(self, cycle, entry):
        """Whether a line must be seen still; others must not be."""
        return True


class Mixes(Mix):
    """Several at once: a line stays that all of them keep."""

    def __init__(self, mixes):
        self.mixes = mixes
        self.compactor = {key: value for mix in mixes for key, value in mix.compactor.items()}
        self.sections = "".join(mix.sections for mix in mixes)

    def before(self, cycle):
        for mix in self.mixes:
            mix.before(cycle)

    def after(self, server, cycle, rng):
        return any([mix.after(server, cycle, rng) for mix in self.mixes])

    def at_end(self, server, cycles, rng, hits):
        for mix in self.mixes:
            mix.at_end(server, cycles, rng, hits)

    def keeps(self, cycle, entry):
        return all(mix.keeps(cycle, entry) for mix in self.mixes)
