"""Serves Keystone's own application on a free port of loopback. Run as: python -I serve.py (its file of settings is
$OS_KEYSTONE_CONFIG_FILES). The first line it writes is the port.

`-I` keeps this folder out of the search for modules: `keystone` is the real one, not the file beside this.
"""

import wsgiref.simple_server

# The port is taken before the slow part: whoever connects meanwhile waits in the queue, and no other can take it.
server = wsgiref.simple_server.make_server("127.0.0.1", 0, None)
print(server.server_port, flush=True)

from keystone.server import wsgi  # noqa: E402

server.set_app(wsgi.initialize_public_application())
server.serve_forever()
