#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""read_mail MAIL SOUND - reads a mail as any program would, with Python's parser.

Prints its headers and text, one a line; writes what is attached, where something is, to SOUND.
"""
import email
import email.policy
import pathlib
import sys

mail = email.message_from_bytes(pathlib.Path(sys.argv[1]).read_bytes(),
                                policy=email.policy.default)
for name in ('From', 'To', 'Subject', 'Date', 'Message-ID', 'Auto-Submitted'):
    values = mail.get_all(name, [])
    print(f'{name}: {" AND ".join(str(value) for value in values)}')
attached = list(mail.iter_attachments())
print(f'attached: {[(part.get_content_type(), part.get_filename()) for part in attached]}')
if attached:
    pathlib.Path(sys.argv[2]).write_bytes(attached[0].get_content())
print(f'text: {mail.get_body(("plain",)).get_content()!r}')
