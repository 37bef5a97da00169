#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_archive - looks at an archive of `behest export` with nothing of ours.

Usage: check_archive.py FILE.zip RECORDINGS. Every file's CRC by zipfile, every WAV by wave,
the lines of JSON, and the journal's proofs by a small verifier of its own, written from RFC
9162 (2.1.3.2) and the C2SP texts tlog-proof and tlog-checkpoint.
"""
import base64
import hashlib
import json
import sys
import wave
import zipfile


def leaf_hash(entry):
    return hashlib.sha256(b'\x00' + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b'\x01' + left + right).digest()


def root_of_path(leaf, index, size, path):
    """The root that the path gives; RFC 9162, 2.1.3.2."""
    assert index < size
    number, last, root = index, size - 1, leaf
    for step in path:
        assert last != 0
        if number & 1 or number == last:
            root = node_hash(step, root)
            while number & 1 == 0 and number != 0:
                number >>= 1
                last >>= 1
        else:
            root = node_hash(root, step)
        number >>= 1
        last >>= 1
    assert last == 0
    return root


def check_proof(text, entry, place, checkpoint):
    head, _, rest = text.partition('\n\n')
    lines = head.split('\n')
    assert lines[0] == 'c2sp.org/tlog-proof@v1', lines[0]
    assert lines[1] == f'index {place - 1}', lines[1]
    assert rest == checkpoint
    note = checkpoint.split('\n')
    size, root = int(note[1]), base64.b64decode(note[2], validate=True)
    path = [base64.b64decode(line, validate=True) for line in lines[2:]]
    assert root_of_path(leaf_hash(entry), place - 1, size, path) == root


def check_sound(archive, row):
    with archive.open(row['file']) as file, wave.open(file) as sound:
        assert sound.getframerate() == 16000
        assert sound.getnchannels() == 1
        assert sound.getsampwidth() == 2
        assert sound.getnframes() * 1000 // 16000 == row['ms']
    assert hashlib.sha256(archive.read(row['file'])).hexdigest() == row['sha256']


def main():
    path, expected = sys.argv[1], int(sys.argv[2])
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        rows = [json.loads(line) for line in archive.read('recordings.jsonl').splitlines()]
        assert len(rows) == expected, len(rows)
        assert sum(name.endswith('.wav') for name in names) == expected
        assert len({row['file'] for row in rows}) == expected
        checkpoint = archive.read('journal/checkpoint').decode()
        for row in rows:
            check_sound(archive, row)
            place = row['journal_place']
            check_proof(archive.read(f'journal/{place}.tlog-proof').decode(),
                        archive.read(f'journal/{place}.entry'), place, checkpoint)
        actions = [json.loads(line) for line in archive.read('actions.jsonl').splitlines()]
        turns = {row['turn'] for row in rows}
        assert all(action['turn'] in turns for action in actions)
        assert sum(action['kind'] == 'recorded' for action in actions) == expected
        page = archive.read('index.html').decode()
        assert page.count('<audio ') == expected
        assert '<script' not in page and 'http' not in page
        for row in rows:
            assert f'src="{row["file"]}"' in page
        about = json.loads(archive.read('about.json'))
        assert about['recordings'] == expected
    print('ok', expected)


main()
