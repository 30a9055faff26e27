"""Whether two servers have answered a question alike, one in LogsQL (VictoriaLogs) and one in LogQL (Skald)."""
import json, statistics, time

NEAR = 0.05  # How far apart quantiles may be in the median, which each server reckons in its own way.


def compared(check, rival, skald):
    """Whether two answers are as they should, and a text; `check` is how far they have to agree: "lines", "same" (sums over
    all times by series), "not JSON" (the same, but for apps whose lines are JSON), "near"."""
    if check == "lines":
        found = sorted(time_text(json.loads(line)["_time"]) for line in rival.splitlines()), skald_times(skald)
        alike = found[0] == found[1]
        return alike, "%d and %d lines%s" % (*map(len, found), "" if alike else ", not of the same times")
    found = series(rival, 60), series(skald, 0)
    return near(*found) if check == "near" else same(check, *found)


def series(body, later_s):
    """Values by time by label; a minute of LogsQL is named by its beginning, one of LogQL by its end."""
    found = {}
    for one in json.loads(body)["data"]["result"]:
        name = " ".join(v for k, v in sorted(one["metric"].items()) if k != "__name__")
        found[name] = {int(t) + later_s: float(v) for t, v in one["values"]}
    return found


def same(check, rival, skald):
    rival, skald = ({name: sum(values.values()) for name, values in one.items()} for one in (rival, skald))
    differ = [name for name in sorted(rival.keys() | skald.keys()) if rival.get(name) != skald.get(name)]
    text = "%d series, %.0f in all" % (len(skald), sum(skald.values()))
    if differ:
        sums = [sum(one.get(name, 0) for name in differ) for one in (rival, skald)]
        text += "; %s differ: %.0f and %.0f" % (" ".join(name or "they" for name in differ), *sums)
    # Each fourth app of the load generator writes JSON.
    expected = check == "not JSON" and all(int(name.split("-")[1]) % 4 == 0 for name in differ)
    return expected or not differ, text


def near(rival, skald):
    rival, skald = ({(name, t): v for name, values in one.items() for t, v in values.items()} for one in (rival, skald))
    both = rival.keys() & skald.keys()
    apart = [abs(rival[key] / skald[key] - 1) for key in both] or [1]
    text = "%d and %d values, %.1f %% apart in the median, %.1f %% at most" % (
        len(rival), len(skald), 100 * statistics.median(apart), 100 * max(apart))
    # Lines of the very first instant are a minute of their own in LogQL.
    return len(both) == len(rival) and statistics.median(apart) < NEAR, text


def skald_times(body):
    return sorted(time_text(int(v[0])) for one in json.loads(body)["data"]["result"] for v in one["values"])


def time_text(t):
    """One text for ns and for a time as VictoriaLogs has it, without zeros at its end."""
    if isinstance(t, int):
        t = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t // 10**9)) + ".%09d" % (t % 10**9)
    t = t.rstrip("Z")
    return t.rstrip("0").rstrip(".") if "." in t else t
