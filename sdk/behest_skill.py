# SPDX-License-Identifier: Apache-2.0
"""behest_skill - all that a skill in Python needs, in one file. Copy it beside your program.

    import behest_skill

    def hello(slots):
        return 'Hello.'

    behest_skill.run({'Hello': hello})

A handler gets the slots that were said and returns the words to say, or (words, effect) with
'cheer', 'drum' or 'laugh' where the manifest says that the intent has an effect. docs/skills.md
says what may be said, and what a skill may use of the machine: one process, one thread, no
network, nothing written. Nothing in here could open a microphone, because there is no such
thing in the protocol.
"""
import json
import sys

_asked = 0


def _write(line):
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + '\n')
    sys.stdout.flush()


def fetch(url):
    """Has the house fetch a page from a host that the manifest names: (status, text).
    Raises OSError with the reason where there is none: 'NO_WAY' where the owner has not
    turned fetching on, as nobody has at first. Have words ready for that."""
    _write({'fetch': _asked, 'url': url})
    line = json.loads(sys.stdin.readline())
    if 'error' in line:
        raise OSError(line['error'])
    return line['status'], line['body']


def run(handlers):
    """Answers questions until the house ends it. handlers: by intent. What a handler raises
    ends the program, and that is an offence."""
    global _asked
    for text in sys.stdin:
        line = json.loads(text)
        _asked = line['ask']
        said = handlers[line['intent']](line['slots'])
        words, effect = said if isinstance(said, tuple) else (said, None)
        answer = {'answer': _asked, 'say': words}
        if effect:
            answer['effect'] = effect
        _write(answer)
