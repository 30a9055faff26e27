#!/usr/bin/env python3
"""Tests and checks of rules by the server's flags, and the examples of src/ruler/RULE_TESTS.md.

usage: rule_tests.py --server build/release/skald --page src/ruler/RULE_TESTS.md

The last line is 'N passed, N failed', a check each. Standard library only.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

TEST = """
rule_files: [rules/*.yaml]
tests:
  - input_streams:
      - {stream: '{app="a"}', lines: [{every: 1s, from: 1s, to: 10s, line: x}]}
    logql_expr_test:
      - {expr: 'sum(count_over_time({app="a"}[1m]))', eval_time: 1m, exp_samples: [{value: %s}]}
    alert_rule_test:
      - {eval_time: 2m, alertname: A, exp_alerts: [{exp_labels: {app: %s}}]}
"""
RULES = """
groups:
  - name: g
    rules: [{alert: A, expr: 'count_over_time({app="a"}[5m]) > %s'}]
"""
FILES = {
    "good.yaml": TEST % (10, "a"),
    "differs.yaml": TEST % (11, "b"),
    "misspelt.yaml": "rule_file: []\n",
    "missing.yaml": "rule_files:\n  - nowhere.yaml\n",
    "unnamed.yaml": "rule_files: [~]\n",
    "broken.yaml": "rule_files: [wrong.yaml]\n",
    "failing.yaml": "rule_files: [fails.rules.yaml]\ntests:\n- input_streams: [{stream: '{app=\"a\"}', lines: [{at: 1m, line: x=one}]}]\n  alert_rule_test: [{eval_time: 3m, alertname: A}]\n",
    "endless.yaml": "rule_files: [rules/one.yaml]\ntests:\n- logql_expr_test:\n  - {expr: vector(1), eval_time: 10y}\n",
    "empty.yaml": "groups:\n  - ~\n",
    "rules/one.yaml": RULES % 0,
    "wrong.yaml": RULES % "{",
    "fails.rules.yaml": "groups:\n  - name: g\n    rules: [{alert: A, expr: 'sum(sum_over_time({app=\"a\"} | logfmt | unwrap x [1h]))'}]\n",
    "lines.rules.yaml": "groups: [{name: g, rules: [{alert: A, expr: '{app=\"a\"}'}]}]",
}
# arguments, exit code, texts that must be in the output
CALLS = [
    (["-rules.test=good.yaml"], 0, ["good.yaml: 1 passed, 0 failed"]),
    (["-rules.test=differs.yaml"], 1, [
        "differs.yaml: test 1: line 7: sum(count_over_time({app=\"a\"}[1m])) at 1m:\n    - {} 11\n    + {} 10\n",
        "differs.yaml: test 1: line 9: alert A at 2m:\n    - {alertname=\"A\", app=\"b\"} {}\n    + {alertname=\"A\", app=\"a\"} {}\n",
        "differs.yaml: 0 passed, 1 failed"]),
    (["-rules.test=good.yaml,differs.yaml"], 1, ["good.yaml: 1 passed", "differs.yaml: 0 passed"]),
    (["-rules.test=misspelt.yaml"], 1, ["misspelt.yaml: line 1: unknown key 'rule_file'"]),
    (["-rules.test=missing.yaml"], 1, ["missing.yaml: line 2: nowhere.yaml: no such file"]),
    (["-rules.test=unnamed.yaml"], 1, ["unnamed.yaml: line 1: a rule file must have a name"]),
    (["-rules.test=broken.yaml"], 1, ["broken.yaml: line 1: wrong.yaml: line 4: could not parse expression"]),
    (["-rules.test=failing.yaml"], 1, ["failing.yaml: test 1: fails.rules.yaml: line 3: rule A of group g fails at 1m: "]),
    (["-rules.test=endless.yaml"], 1, ["endless.yaml: test 1: line 4: the test would evaluate groups more than 1000000 times"]),
    (["-rules.test=no*.yaml"], 1, ["no*.yaml: no such file"]),
    (["-rules.check=rules/*.yaml"], 0, ["rules/one.yaml: doubtful: line 4: group g: rule A: there is no 'for'", "1 groups, 1 rules, 1 doubts"]),
    (["-rules.check=rules/*.yaml,wrong.yaml"], 1, ["wrong.yaml: error: line 4: could not parse expression for alert 'A' in group 'g'"]),
    (["-rules.check=lines.rules.yaml"], 1, ["lines.rules.yaml: error: line 1: group g: rule A: the expression gives lines, not numbers"]),
    (["-rules.check=empty.yaml"], 1, ["empty.yaml: error: line 2: group 0: Groupname must not be empty"]),
    (["-rules.check=good.yaml"], 1, ["good.yaml: error: line 2: unknown key 'rule_files'"]),
    # The page's own.
    (["-rules.test=errors.test.yaml"], 0, ["errors.test.yaml: 1 passed, 0 failed"]),
    (["-rules.check=errors.yaml"], 0, ["errors.yaml: 1 groups, 2 rules, 0 doubts"]),
]


def examples(page):
    """The YAML of the page, by the name of the file that the text before says."""
    with open(page) as f:
        return dict(re.findall(r"`([\w.]+\.yaml)`:\n\n```yaml\n(.*?)```", f.read(), re.S))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("--page", required=True)
    a = p.parse_args()
    server = os.path.abspath(a.server)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="skald-rule-tests-") as folder:
        for name, text in {**FILES, **examples(a.page)}.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        for arguments, code, texts in CALLS:
            run = subprocess.run([server] + arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            missing = [t for t in texts if t not in run.stdout]
            if run.returncode == code and not missing:
                passed += 1
            else:
                failed += 1
                print("FAILED %s: exit code %s, want %s; missing %s in:\n%s" % (" ".join(arguments), run.returncode, code, missing, run.stdout[-1500:]))
        left = [name for name in os.listdir(folder) if "." not in name and name != "rules"]
        failed += bool(left)
        if left:
            print("FAILED: something was stored: %s" % left)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
