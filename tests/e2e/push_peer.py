#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""push_peer PORT FILE [CERTIFICATE KEY] - a web server out of Python's library that takes
notices: answers 200, and writes each request it got to FILE. Listens on 127.0.0.1."""
import http.server
import pathlib
import ssl
import sys


class Notices(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        pathlib.Path(sys.argv[2]).write_bytes(
            f'{self.requestline}\n{self.headers}'.encode() + body)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id":"1"}')

    def log_message(self, *words):
        pass


server = http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Notices)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
