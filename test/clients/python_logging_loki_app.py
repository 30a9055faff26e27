"""usage: python_logging_loki_app.py URL VERSION"""
import logging
import sys
import time

import logging_loki

url, version = sys.argv[1:]
handler = logging_loki.LokiHandler(url=url, tags={"application": "py", "version": version}, version=version)
failures = []
handler.handleError = lambda record: failures.append(sys.exc_info()[1])
logger = logging.getLogger("orders")
logger.setLevel(logging.INFO)
logger.addHandler(handler)
logger.info("started %s", "<b>")
time.sleep(0.01)
logger.error("lost %s order", "ümit's")
if failures:
    sys.exit("\n".join(map(repr, failures)))
