#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""verify_receipt RECEIPT - checks the receipt of a household's end without any of our code.

Written from C2SP's signed-note and tlog-proof and RFC 6962, with what docs/FORMATS.md says of
a receipt: the key is the verifier key that it names itself, so what this says is that all of
it is of that key. Prints it; status 1 and a line on stderr for the first thing that is wrong.
"""
import base64
import sys

from verify_log import Log, demand, includes, is_signed


def main():
    with open(sys.argv[1], encoding='utf-8', newline='') as file:
        text = file.read()
    note, _, proofs = text.partition('\nentry ')
    body, _, line = note.rpartition('\n\n')
    body += '\n'
    lines = dict(each.split(' ', 1) for each in body.partition('\n\n')[0].splitlines())
    name, key_id, blob = lines['vkey'].split('+', 2)
    blob = base64.b64decode(blob, validate=True)
    demand(blob[0] == 1 and len(blob) == 33, 'a key of another kind')
    log = Log(bytes.fromhex(lines['household']), blob[1:])
    demand(name == f'{log.name}/receipt', 'a key of another name')
    demand(log.key_id(name, 1, log.key).hex() == key_id, 'the key is not what its id says')
    dash, signer, signature = line.strip().split(' ')
    signature = base64.b64decode(signature, validate=True)
    demand(dash == '\u2014' and signer == name and signature[:4].hex() == key_id,
           'somebody else signed it')
    demand(is_signed(log.key, body.encode(), signature[4:]), 'the signature does not verify')
    first, _, proof = proofs.partition('\n')
    place, leaf = first.split(' ')
    demand(place == lines['ended'], 'the proof is of another entry')
    head, _, checkpoint = proof.partition('\n\n')
    head = head.split('\n')
    demand(head[0] == 'c2sp.org/tlog-proof@v1' and head[1] == f'index {int(place) - 1}',
           'that is no proof of the entry')
    size, root, _ = log.read_checkpoint(checkpoint)
    demand(size == int(place), 'the journal goes on behind its end')
    hashes = [base64.b64decode(each, validate=True) for each in head[2:]]
    demand(includes(base64.b64decode(leaf), int(place) - 1, size, hashes, root),
           'the entry is not in the journal')
    print(lines['vkey'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
