#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""verify_log MARK DATABASE [PROOF...] - checks a keeper's journal without any of its code.

Written from RFC 6962 (2.1), RFC 9162 (2.1.3.2, 2.1.4.2), RFC 8032 and C2SP's signed-note,
tlog-checkpoint, tlog-cosignature, tlog-tiles and tlog-proof; what docs/FORMATS.md says of
rows is all it knows of Behest. MARK is keeper.mark, DATABASE keeper.db; each PROOF is a text
in the tlog-proof form about the entry at its index. Prints what it counted as one JSON
object; status 1 and a line on stderr for the first thing that is wrong.
"""
import base64
import hashlib
import json
import sqlite3
import struct
import sys


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def demand(condition, words):
    if not condition:
        print(f'verify_log: {words}', file=sys.stderr)
        sys.exit(1)


# --- Ed25519 (RFC 8032, 5.1) ----------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def decompress(data):
    number = int.from_bytes(data, 'little')
    y, sign = number & (2**255 - 1), number >> 255
    x = recover_x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(key, message, signature):
    point, first = decompress(key), decompress(signature[:32])
    second = int.from_bytes(signature[32:], 'little')
    if len(signature) != 64 or not point or not first or second >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    left = multiply(second, BASE)
    right = add(first, multiply(int.from_bytes(digest, 'little') % L, point))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and \
        (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- the tree (RFC 6962, 2.1) ---------------------------------------------------------------

def leaf(entry):
    return sha256(b'\0', entry)


def node(left, right):
    return sha256(b'\1', left, right)


def split(count):
    """The largest power of two below count."""
    return 1 << (count - 1).bit_length() - 1


def tree_hash(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def path(index, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return path(index, leaves[:k]) + [tree_hash(leaves[k:])]
    return path(index - k, leaves[k:]) + [tree_hash(leaves[:k])]


def subproof(size, leaves, known):
    if size == len(leaves):
        return [] if known else [tree_hash(leaves)]
    k = split(len(leaves))
    if size <= k:
        return subproof(size, leaves[:k], known) + [tree_hash(leaves[k:])]
    return subproof(size - k, leaves[k:], False) + [tree_hash(leaves[:k])]


def includes(entry, index, size, proof, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, hashed = index, size - 1, entry
    for each in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            hashed = node(each, hashed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            hashed = node(hashed, each)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and hashed == root


def goes_on(first, first_root, second, second_root, proof):
    """RFC 9162, 2.1.4.2, for 0 < first <= second."""
    if first == second:
        return not proof and first_root == second_root
    proof = list(proof)
    if not first & (first - 1):
        proof.insert(0, first_root)
    if not proof:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for each in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(each, fr), node(each, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, each)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


# --- notes ----------------------------------------------------------------------------------

class Log:
    def __init__(self, household, key):
        self.household, self.key = household, key
        self.name = 'behest/' + household.hex()

    def key_id(self, name, kind, key):
        return sha256(name.encode(), b'\n', bytes([kind]), key)[:4]

    def read_checkpoint(self, text):
        """Its size and root; the log's signature counts, unknown ones are ignored."""
        body, _, lines = text.rpartition('\n\n')
        body += '\n'
        origin, size, root = body.split('\n')[:3]
        demand(origin == self.name, f'a checkpoint of another log: {origin}')
        demand(str(int(size)) == size, f'an odd size: {size}')
        signed = 0
        for line in lines.splitlines():
            dash, name, blob = line.split(' ')
            blob = base64.b64decode(blob, validate=True)
            demand(dash == '\u2014', 'a signature line without its dash')
            if name == self.name and blob[:4] == self.key_id(name, 1, self.key):
                demand(is_signed(self.key, body.encode(), blob[4:]),
                       f'the signature at {size} does not verify')
                signed += 1
        demand(signed == 1, f'the checkpoint at {size} has {signed} signatures of the log')
        return int(size), base64.b64decode(root, validate=True), body

    def check_cosignature(self, key, size, row):
        demand(len(row) == 105 and row[0] == 1, f'an odd cosignature at {size}')
        root, time, signature = row[1:33], struct.unpack('>q', row[33:41])[0], row[41:]
        text = f'cosignature/v1\ntime {time}\n{self.name}\n{size}\n' \
            f'{base64.b64encode(root).decode()}\n'
        demand(is_signed(key, text.encode(), signature),
               f'the cosignature at {size} does not verify')
        return root


LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'


def read_mark(path_):
    with open(path_, encoding='ascii') as file:
        lines = file.read().split('\n')
    number = 0
    text = lines[2].replace('-', '').upper()
    for letter in text:
        number = number * 32 + LETTERS.index(letter)
    blob = number.to_bytes(35, 'big')
    demand(sha256(blob[:32])[:3] == blob[32:], 'the mark holds no key')
    return Log(bytes.fromhex(lines[1]), blob[:32])


# --- the rows -------------------------------------------------------------------------------

def rows_of(database, table):
    return database.execute(f'SELECT household, key, value FROM {table} ORDER BY key').fetchall()


def number(key):
    return struct.unpack('>Q', key)[0]


def read_entries(log, database):
    entries = []
    for household, key, value in rows_of(database, 'journal'):
        demand(household == log.household, 'an entry of another household')
        demand(number(key) == len(entries) + 1, f'entry {len(entries) + 1} is missing')
        entries.append(value)
    return entries


def read_checkpoints(log, database, leaves):
    """Each of them, against the entries; size to root."""
    roots = {}
    for _, key, value in rows_of(database, 'checkpoint'):
        demand(value[0] in (1, 2), 'a checkpoint of an unknown layout')
        length = struct.unpack('>I', value[1:5])[0]
        size, root, _ = log.read_checkpoint(value[5:5 + length].decode())
        demand(size == number(key), f'the checkpoint at {number(key)} says {size}')
        demand(tree_hash(leaves[:size]) == root, f'the root at {size} is another')
        roots[size] = root
    demand(roots and max(roots) == len(leaves), 'the newest checkpoint is not of the end')
    return roots


def check_proofs(leaves, roots):
    """Between the checkpoints, and of some entries in each: made and checked here."""
    sizes = sorted(roots)
    for first, second in zip(sizes, sizes[1:]):
        demand(goes_on(first, roots[first], second, roots[second],
                       subproof(first, leaves[:second], True)),
               f'the tree of {second} does not go on from that of {first}')
    for size in sizes[-3:]:
        for index in {0, size // 2, size - 1}:
            demand(includes(leaves[index], index, size, path(index, leaves[:size]),
                            roots[size]), f'entry {index + 1} is not in the tree of {size}')


def check_tiles(database, leaves):
    seen = {}
    for _, key, value in rows_of(database, 'tile'):
        level, index = struct.unpack('>BQ', key)
        width = 256**level
        demand(len(value) == 8192, 'a tile that is not full')
        for i in range(256):
            start = (index * 256 + i) * width
            demand(start + width <= len(leaves), f'tile {level}/{index} reaches beyond the end')
            demand(tree_hash(leaves[start:start + width]) == value[32 * i:32 * i + 32],
                   f'tile {level}/{index} is wrong at {i}')
        seen[level] = seen.get(level, 0) + 1
    level = 0
    while 256**(level + 1) <= len(leaves):
        demand(seen.get(level) == len(leaves) // 256**(level + 1), f'a tile of level {level} is missing')
        level += 1
    return sum(seen.values())


def check_cosignatures(log, database, roots):
    count = 0
    for _, key, value in rows_of(database, 'cosignature'):
        size, device = number(key[:8]), key[8:]
        root = log.check_cosignature(device, size, value)
        demand(roots.get(size) == root, f'a device cosigned another root at {size}')
        count += 1
    return count


def check_proof_file(log, path_, entries):
    with open(path_, encoding='utf-8', newline='') as file:
        text = file.read()
    head, _, checkpoint = text.partition('\n\n')
    lines = head.split('\n')
    demand(lines[0] == 'c2sp.org/tlog-proof@v1', f'{path_}: not a tlog-proof')
    if lines[1].startswith('extra '):
        del lines[1]
    word, index = lines[1].split(' ')
    demand(word == 'index' and str(int(index)) == index, f'{path_}: no index')
    size, root, _ = log.read_checkpoint(checkpoint)
    proof = [base64.b64decode(line, validate=True) for line in lines[2:]]
    demand(includes(leaf(entries[int(index)]), int(index), size, proof, root),
           f'{path_}: does not prove entry {int(index) + 1}')


def main():
    if len(sys.argv) < 3:
        print('usage: verify_log MARK DATABASE [PROOF...]', file=sys.stderr)
        return 2
    log = read_mark(sys.argv[1])
    database = sqlite3.connect(f'file:{sys.argv[2]}?mode=ro', uri=True)
    entries = read_entries(log, database)
    leaves = [leaf(entry) for entry in entries]
    roots = read_checkpoints(log, database, leaves)
    check_proofs(leaves, roots)
    tiles = check_tiles(database, leaves)
    cosignatures = check_cosignatures(log, database, roots)
    for name in sys.argv[3:]:
        check_proof_file(log, name, entries)
    print(json.dumps({'entries': len(entries), 'checkpoints': len(roots), 'tiles': tiles,
                      'cosignatures': cosignatures, 'proofs': len(sys.argv) - 3,
                      'root': roots[len(leaves)].hex()}))
    return 0


if __name__ == '__main__':
    sys.exit(main())
