"""What every route of the table must refuse: a route that is added there is asked it too."""
from route_table import EVERY, TABLE

from hostile.rows import TENANT, Row

HUGE = {"Content-Length": "10000000000"}
NO_LENGTH = {"Content-Length": "-1"}


def rows():
    for target, methods, tenant, _ in TABLE:
        path = target.split("?")[0]
        methods = methods.split() if isinstance(methods, str) else list(methods)
        first, auth = methods[0], {"X-Scope-OrgID": TENANT}
        yield Row("a body that is too large", 413, "request body too large", first, path, dict(auth, **HUGE))
        yield Row("a length that is none", 400, "", first, path, dict(auth, **NO_LENGTH))
        if methods != list(EVERY):
            yield Row("a method that nobody has", 405, None, "BREW", path, auth)
        if tenant:
            yield Row("no tenant", 401, "no org id", first, path)
            yield Row("a tenant of bars", 401 if "limits" in path else 400, "", first, path, {"X-Scope-OrgID": "a|../x"})
