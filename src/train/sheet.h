/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sheet - what must be said about a head: its data, how it was made, how well it hears.
 *
 * The same training gives the same bytes: no dates, no paths, no names of machines.
 */
#ifndef TRAIN_SHEET_H
#define TRAIN_SHEET_H

#include "base/buf.h"
#include "train/train.h"

enum { SHEET_BYTES_MAX = 256 * 1024 };

/* Markdown for people. */
MUST_CHECK enum err sheet_write(const struct train_settings *settings,
				const struct trained *trained, struct buf *to);
/* The same figures as one JSON object on one line. */
MUST_CHECK enum err sheet_write_json(const struct train_settings *settings,
				     const struct trained *trained, struct buf *to);
/* A few lines for who just waited for it. */
MUST_CHECK enum err sheet_write_short(const struct train_settings *settings,
				      const struct trained *trained, const char *path,
				      struct buf *to);

#endif
