"""Holds a JSON value against a pattern that is JSON itself.

A pattern is a value: numbers, texts and lists must be equal (lists element by element), and an object must have the
members named, whatever else it has. Where a value is not known:
  "$string" "$number" "$digits" "$any"       something of the kind; $digits is a string of decimal digits
  "$absent"                                  as a member: it must not be there
  {"$text": s}   {"$regex": r}               a string that contains s; that matches r as a whole
  {"$each": p}   {"$count": n}               every element matches p, and there is one; a list of n elements
  {"$has": [p, ...]}                         for each p there is an element that matches
  {"$set": [p, ...]}                         the same number of elements, in any order
  {"$only": {...}}                           an object with these members and no other
  {"$map": p}                                every value of an object matches p
  {"$all": [p, ...]}   {"$any_of": [p, ...]} matches each p; matches one
"""
import re

KINDS = {
    "$any": lambda v: True,
    "$string": lambda v: isinstance(v, str),
    "$number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "$digits": lambda v: isinstance(v, str) and re.fullmatch("[0-9]+", v) is not None,
}


def short(value):
    text = repr(value)
    return text if len(text) <= 300 else text[:300] + "..."


def matches(pattern, value):
    return not problems(pattern, value, "")


def problems(pattern, value, path="$"):
    """What differs, a line each; empty if `value` matches."""
    if isinstance(pattern, str) and pattern in KINDS:
        return [] if KINDS[pattern](value) else ["%s is %s, not a %s" % (path, short(value), pattern[1:])]
    if isinstance(pattern, dict):
        operator = next((k for k in pattern if k.startswith("$")), None)
        if operator:
            assert len(pattern) == 1 and operator in OPERATORS, "no such pattern: %r" % pattern
            return OPERATORS[operator](pattern[operator], value, path)
        return object_problems(pattern, value, path)
    if isinstance(pattern, list):
        if not isinstance(value, list) or len(pattern) != len(value):
            return ["%s is %s, want %s" % (path, short(value), short(pattern))]
        return [p for i, one in enumerate(pattern) for p in problems(one, value[i], "%s[%d]" % (path, i))]
    if type(pattern) is not type(value) and not (KINDS["$number"](pattern) and KINDS["$number"](value)):
        return ["%s is %s, want %s" % (path, short(value), short(pattern))]
    return [] if pattern == value else ["%s is %s, want %s" % (path, short(value), short(pattern))]


def object_problems(pattern, value, path):
    if not isinstance(value, dict):
        return ["%s is %s, not an object" % (path, short(value))]
    found = []
    for name, one in pattern.items():
        if one == "$absent":
            found += ["%s.%s is there: %s" % (path, name, short(value[name]))] if name in value else []
        elif name not in value:
            found.append("%s has no member %s: %s" % (path, name, short(value)))
        else:
            found += problems(one, value[name], "%s.%s" % (path, name))
    return found


def a_list(check):
    return lambda p, v, path: check(p, v, path) if isinstance(v, list) else ["%s is %s, not a list" % (path, short(v))]


def an_object(check):
    return lambda p, v, path: check(p, v, path) if isinstance(v, dict) else ["%s is %s, not an object" % (path, short(v))]


def each(pattern, value, path):
    if not value:
        return ["%s is empty" % path]
    return [p for i, v in enumerate(value) for p in problems(pattern, v, "%s[%d]" % (path, i))]


def has(patterns, value, path):
    return ["%s has nothing that matches %s: %s" % (path, short(p), short(value)) for p in patterns
            if not any(matches(p, v) for v in value)]


def same_set(patterns, value, path):
    size = [] if len(patterns) == len(value) else ["%s has %d elements, want %d: %s" % (path, len(value), len(patterns), short(value))]
    return size or has(patterns, value, path)


def only(pattern, value, path):
    extra = set(value) - set(pattern)
    more = ["%s has more members: %s" % (path, ", ".join(sorted(extra)))] if extra else []
    return more + object_problems(pattern, value, path)


def mapping(pattern, value, path):
    return [p for k, v in value.items() for p in problems(pattern, v, "%s.%s" % (path, k))]


def any_of(patterns, value, path):
    ok = any(matches(p, value) for p in patterns)
    return [] if ok else ["%s is %s, want one of %s" % (path, short(value), short(patterns))]


def text(pattern, value, path):
    return [] if isinstance(value, str) and pattern in value else ["%s is %s, which lacks %r" % (path, short(value), pattern)]


def regex(pattern, value, path):
    ok = isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL)
    return [] if ok else ["%s is %s, which does not match %s" % (path, short(value), pattern)]


OPERATORS = {
    "$text": text,
    "$regex": regex,
    "$each": a_list(each),
    "$count": a_list(lambda n, v, path: [] if len(v) == n else ["%s has %d elements, want %d" % (path, len(v), n)]),
    "$has": a_list(has),
    "$set": a_list(same_set),
    "$only": an_object(only),
    "$map": an_object(mapping),
    "$all": lambda all_of, v, path: [p for one in all_of for p in problems(one, v, path)],
    "$any_of": any_of,
}
