"""Reads an answer as strictly as Grafana's streaming parser does, and says what it would stumble over.

What it wants is in its own order and typing: members whose place matters, three elements an entry when labels were
asked for by category and two otherwise, and nothing but what it knows how to skip.
"""
import re

ROOT = {"status", "data", "error", "errorType", "warnings", "infos"}
DIGITS = re.compile("[0-9]+")


def texts(value):
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def problems(answer, categorized):
    """What is wrong with `answer`, JSON with the order of its members kept. `categorized`: the request asked for it."""
    found = ["a member of the root that is not known: %s" % k for k in answer if k not in ROOT]
    if answer.get("status") != "success" or not isinstance(answer.get("data"), dict):
        return found + ["status and data are not those of a success"]
    data = answer["data"]
    order = [k for k in data if k in ("resultType", "encodingFlags", "result")]
    flagged = categorized and data.get("resultType") == "streams"
    if order != ["resultType"] + ["encodingFlags"] * flagged + ["result"]:
        found.append("resultType, encodingFlags and result come as %s" % order)
    if flagged and data.get("encodingFlags") != ["categorize-labels"]:
        found.append("encodingFlags is %r" % data.get("encodingFlags"))
    if not all(isinstance(w, str) for w in answer.get("warnings", [])):
        found.append("a warning is no string")
    read = {"streams": lambda s: stream_problems(s, flagged), "matrix": matrix_problems, "vector": vector_problems}
    kind = data.get("resultType")
    if kind == "scalar":
        return found + sample_problems(data["result"])
    if kind not in read or not isinstance(data.get("result"), list):
        return found + ["no result of a known type: %s" % kind]
    return found + [p for one in data["result"] for p in read[kind](one)]


def label_problems(labels):
    if not texts(labels):
        return ["labels that are not all strings: %r" % labels]
    return [] if list(labels) == sorted(labels) else ["labels out of order, which are keys of rows: %s" % list(labels)]


def stream_problems(stream, flagged):
    if list(stream) != ["stream", "values"]:
        return ["a stream of %s" % list(stream)]
    found = label_problems(stream["stream"])
    for entry in stream["values"]:
        if len(entry) != 2 + flagged:
            found.append("an entry of %d elements: %r" % (len(entry), entry))
        elif not isinstance(entry[0], str) or not DIGITS.fullmatch(entry[0]) or not isinstance(entry[1], str):
            found.append("an entry that is not two strings: %r" % entry)
        elif flagged and not (set(entry[2]) <= {"structuredMetadata", "parsed"} and all(texts(v) for v in entry[2].values())):
            found.append("a third element that cannot be read: %r" % entry[2])
    return found


def sample_problems(sample):
    ok = isinstance(sample, list) and len(sample) == 2 and isinstance(sample[0], (int, float)) and isinstance(sample[1], str)
    return [] if ok else ["a sample that is not [number, string]: %r" % sample]


def matrix_problems(series):
    found = ["a series of %s" % list(series)] if list(series) != ["metric", "values"] else []
    times = [s[0] for s in series["values"]]
    found += [] if times == sorted(times) else ["samples out of order"]
    return found + label_problems(series["metric"]) + [p for s in series["values"] for p in sample_problems(s)]


def vector_problems(series):
    found = ["a series of %s" % list(series)] if list(series) != ["metric", "value"] else []
    return found + label_problems(series["metric"]) + sample_problems(series["value"])
