"""python-logging-loki: JSON as it is and in the legacy shape; anything but a 204 raises in the application."""
from workshop import entries, equal


def run(server, shop):
    for version, path in (("1", "/loki/api/v1/push"), ("0", "/api/prom/push")):
        shop.python("python_logging_loki_app.py", ("python-logging-loki==0.3.1",), [server.url + path, version])
        found = entries(server, '{application="py", version="%s"}' % version)
        equal([("info", "started <b>"), ("error", "lost ümit's order")], [(labels["severity"], line) for labels, line, _ in found], path)
        equal("orders", found[0][0]["logger"], "the logger's name")
