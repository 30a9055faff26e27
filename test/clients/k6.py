"""k6: a script of ten users who push JSON and query; every status and every figure is checked in the script as well."""
import os

from workshop import HERE, equal, lines, output_of


def run(server, shop):
    program = shop.go("go.k6.io/k6", "v1.8.1")
    script = os.path.join(HERE, "k6_script.js")
    output_of([program, "run", "--quiet", "--no-usage-report", "-e", "URL=" + server.url, script], "k6", 120)
    found = lines(server, '{job="k6"}')
    equal(200, len(found), "lines")
    equal(200, len(set(found)), "lines that differ")
