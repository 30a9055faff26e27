"""k6: a script of ten users who push JSON and query; every status and every figure is checked in the script as well."""
import os

from workshop import HERE, equal, lines, output_of


def run(server, shop):
    program = shop.go("go.k6.io/k6", "v1.8.1")
    script = os.path.join(HERE, "k6_script.js")
    output_of([program, "run", "--quiet", "--no-usage-report", "-e", "URL=" + server.url, script], "k6", 120)
    found = lines(server, '{job="k6"}')
    want = ["level=info msg=\"request\" vu=%d iteration=%d" % (vu, i) for vu in range(1, 11) for i in range(20)]
    equal(sorted(want), sorted(found), "lines")
