"""Logs from Python to a netconsole receiver, a traceback included: python log_handler.py HOST [PORT]"""

import logging
import sys

import netcon

handler = netcon.LogHandler(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 6666, userdata={"app": "demo"})
logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(name)s: %(message)s")
log = logging.getLogger("demo")

log.info("started")
try:
    print(1 / int("0"))
except ZeroDivisionError:
    log.exception("no result")
