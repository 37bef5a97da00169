#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""weather_peer PORT FILE - answers as Open-Meteo documents its forecast, out of Python's web
server, and writes each question it got as a line of FILE. Listens on 127.0.0.1. The weather
is always the same: twelve degrees now, and rain tomorrow."""
import http.server
import json
import sys
import time
import urllib.parse

UNITS = {'temperature': '°C', 'precipitation_probability': '%', 'precipitation': 'mm',
         'weather_code': 'wmo code', 'wind': 'km/h', 'sunshine': 's', 'time': 'unixtime'}
NOW = {'temperature_2m': 12.3, 'precipitation': 0.0, 'weather_code': 2, 'wind_speed_10m': 9.4,
       'precipitation_probability': 5}
DAY = {'weather_code': [3, 61, 0, 0, 0, 0, 0], 'temperature_2m_max': [13.4] * 7,
       'temperature_2m_min': [4.6] * 7, 'precipitation_sum': [0.0, 7.5, 0, 0, 0, 0, 0],
       'precipitation_probability_max': [5, 90, 0, 0, 0, 0, None],
       'wind_speed_10m_max': [20.0] * 7, 'sunshine_duration': [7200.0] * 7}


def unit(name):
    return next(words for key, words in sorted(UNITS.items(), reverse=True)
                if name.startswith(key))


def answer(query):
    now = int(time.time())
    hour = now - now % 3600
    midnight = now - now % 86400
    fields = {part: query[part][0].split(',') for part in ('current', 'hourly', 'daily')}
    hours = int(query['forecast_hours'][0])
    days = int(query['forecast_days'][0])
    told = {'latitude': float(query['latitude'][0]), 'longitude': float(query['longitude'][0]),
            'generationtime_ms': 0.1, 'utc_offset_seconds': 0, 'timezone': 'GMT',
            'timezone_abbreviation': 'GMT', 'elevation': 38.0}
    for part, names in fields.items():
        told[part + '_units'] = {name: unit(name) for name in names + ['time']}
    told['current'] = {'time': now - now % 900, 'interval': 900}
    told['current'].update({name: NOW[name] for name in fields['current']})
    told['hourly'] = {'time': [hour + 3600 * i for i in range(hours)]}
    told['hourly'].update({name: [NOW[name]] * hours for name in fields['hourly']})
    told['daily'] = {'time': [midnight + 86400 * i for i in range(days)]}
    told['daily'].update({name: DAY[name][:days] for name in fields['daily']})
    return told


class Weather(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        place = urllib.parse.urlparse(self.path)
        with open(sys.argv[2], 'a', encoding='utf-8') as got:
            got.write(f'{self.requestline}\n')
        body = json.dumps(answer(urllib.parse.parse_qs(place.query)),
                          ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json; charset=utf-8')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Weather).serve_forever()
