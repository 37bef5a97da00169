#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""order_peer PORT FILE - a shop that takes orders: a web server out of Python's library that
writes the id of each it got as a line of FILE, waits a moment, and answers 200. Listens on
127.0.0.1."""
import http.server
import sys
import time

MOMENT_S = 0.03


class Orders(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        with open(sys.argv[2], 'a', encoding='ascii') as got:
            got.write(self.headers['Behest-Id'] + '\n')
        time.sleep(MOMENT_S)
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *words):
        pass


class Shop(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # whoever asked was killed


Shop(('127.0.0.1', int(sys.argv[1])), Orders).serve_forever()
