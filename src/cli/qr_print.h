/* SPDX-License-Identifier: Apache-2.0 */
/*
 * qr_print - a QR code as letters, for a person who points a camera at the terminal.
 *
 * In goes a square of modules, out go lines of text with a quiet zone of 4 modules on every
 * side. With colours it is black on white whatever the terminal's own are. Without, dark
 * modules are ink: right on paper and light terminals; on a dark one the picture is the
 * negative, which not every reader takes. Lines are not wrapped: a narrower terminal breaks
 * the picture. What the stream buffers is not wiped.
 */
#ifndef CLI_QR_PRINT_H
#define CLI_QR_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "adapter/qr_code.h"
#include "base/err.h"

enum { QR_PRINT_QUIET = 4 }; /* modules, as the standard wants it */

struct qr_print_form {
	bool blocks; /* half blocks of UTF-8, two modules a letter; else "##", one a pair */
	bool colours; /* escape codes may be written */
};

/* What suits the stream and the environment. */
struct qr_print_form qr_print_form(FILE *to);

/* Letters in a line of the picture. */
size_t qr_print_columns(const struct qr_code *code, struct qr_print_form form);

/* Writes and flushes it. ERR_IO. */
MUST_CHECK enum err qr_print(const struct qr_code *code, struct qr_print_form form,
			     FILE *to);

#endif
