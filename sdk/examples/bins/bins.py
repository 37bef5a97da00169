#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""bins - a sample skill: when which bin is collected, from the calendar beside it.

bins.ics is what many towns offer for download; put yours there and approve the skill again.
Read are DTSTART of whole days, SUMMARY, and RRULE with FREQ=WEEKLY or DAILY, INTERVAL and
UNTIL. Nothing else of a calendar is: what is not read is no collection.
"""
import datetime
import os

import behest_skill

HERE = os.path.dirname(os.path.abspath(__file__))
EVENTS_MAX = 2000
DAYS_AHEAD = 400


def unfold(text):
    """Lines of the file; one that begins with a blank goes on with the one before."""
    lines = []
    for line in text.splitlines():
        if line[:1] in (' ', '\t') and lines:
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def to_date(text):
    return datetime.date(int(text[0:4]), int(text[4:6]), int(text[6:8]))


def read_rule(text):
    """(days between, last day) of a repetition that is understood, or None."""
    parts = dict(part.split('=', 1) for part in text.split(';') if '=' in part)
    days = {'DAILY': 1, 'WEEKLY': 7}.get(parts.pop('FREQ', ''))
    interval = int(parts.pop('INTERVAL', '1'))
    until = parts.pop('UNTIL', None)
    parts.pop('WKST', None)
    if not days or interval < 1 or parts:
        return None
    return days * interval, to_date(until) if until else datetime.date.max


def read_events(text):
    """[(first day, days between or 0, last day, summary)]"""
    events, event = [], None
    for line in unfold(text):
        name, _, value = line.partition(':')
        name = name.split(';')[0].upper()
        if line == 'BEGIN:VEVENT':
            event = {}
        elif line == 'END:VEVENT' and event is not None:
            if 'start' in event and event.get('rule', (0, None)) is not None:
                step, last = event.get('rule', (0, event['start']))
                events.append((event['start'], step, last, event.get('what', '')))
            event = None
        elif event is not None and name == 'DTSTART' and value[:8].isdigit():
            event['start'] = to_date(value)
        elif event is not None and name == 'SUMMARY':
            event['what'] = value.replace('\\,', ',').strip().lower()
        elif event is not None and name == 'RRULE':
            event['rule'] = read_rule(value)
        if len(events) >= EVENTS_MAX:
            break
    return events


def falls_on(event, day):
    first, step, last, _ = event
    if day < first or day > last:
        return False
    return day == first if step == 0 else (day - first).days % step == 0


def collected(events, day):
    return sorted({event[3] for event in events if falls_on(event, day)})


def and_join(words):
    return words[0] if len(words) == 1 else ', '.join(words[:-1]) + ' and ' + words[-1]


def day_words(day, today):
    if day == today:
        return 'today'
    if day == today + datetime.timedelta(days=1):
        return 'tomorrow'
    if (day - today).days < 7:
        return 'on ' + day.strftime('%A')
    return 'on ' + day.strftime('%A') + ', ' + day.strftime('%B') + ' ' + str(day.day)


def which(events, slots, today):
    if slots.get('day'):
        day = today + datetime.timedelta(days=slots['day'] == 'tomorrow')
        what = collected(events, day)
        said = day_words(day, today)
        if not what:
            return 'No bin is collected ' + said + '.'
        return and_join(what).capitalize() + (' is' if len(what) == 1 else ' are') + \
            ' collected ' + said + '.'
    for ahead in range(DAYS_AHEAD):
        day = today + datetime.timedelta(days=ahead)
        what = collected(events, day)
        if what:
            return 'Next is ' + and_join(what) + ', ' + day_words(day, today) + '.'
    return 'The calendar has no collection any more.'


def when(events, slots, today):
    for ahead in range(DAYS_AHEAD):
        day = today + datetime.timedelta(days=ahead)
        if slots['bin'] in collected(events, day):
            return 'The ' + slots['bin'] + ' is collected ' + day_words(day, today) + '.'
    return 'The calendar says nothing of the ' + slots['bin'] + '.'


def main():
    with open(os.path.join(HERE, 'bins.ics'), encoding='utf-8') as file:
        events = read_events(file.read())
    behest_skill.run({
        'Which': lambda slots: which(events, slots, datetime.date.today()),
        'When': lambda slots: when(events, slots, datetime.date.today()),
    })


if __name__ == '__main__':
    main()
