/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head_file - the bytes of a head (docs/FORMATS.md), written by the trainer and read by
 * the runtime: one description for both.
 *
 * Weights are kept as half floats; what was calibrated must have been scored with weights
 * that went through half_round (base/half.h).
 */
#ifndef LISTEN_HEAD_FILE_H
#define LISTEN_HEAD_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "listen/head.h"

enum { HEAD_FILE_BYTES_MAX = 4 * 1024 * 1024 };

/* The numbers of one net, in this order. Hidden layers end in max(x, 0).
 *   first   [HEAD_INPUTS][hidden]  oldest embedding first
 *   first bias    [hidden]
 *   second        [hidden][hidden] from the first layer's unit (row) to the second's
 *   second bias   [hidden]
 *   last          [hidden]
 *   last bias     [1] */
struct head_file {
	struct head_info info;
	float *weights; /* owned: info.nets nets one behind the other */
};

/* Lower case letters, digits, ' and -, with one space between words. */
bool head_file_name_is_right(const char *name);

/* How many numbers one net has. hidden <= HEAD_HIDDEN_MAX. */
size_t head_file_net_size(uint32_t hidden);

/* ERR_RANGE: info outside its limits, or a weight that no half float holds; ERR_MEMORY.
 * Initialises out_buf; the caller finishes it, also after failure. */
MUST_CHECK enum err head_file_encode(const struct head_file *file, struct buf *out_buf);

/* name is for the note: where, and what was expected. ERR_FORMAT, ERR_VERSION,
 * ERR_MEMORY. The caller finishes *out_file after success. */
MUST_CHECK enum err head_file_decode(const char *name, const uint8_t *bytes, size_t size,
				     struct head_file *out_file, struct err_note *note);
void head_file_finish(struct head_file *file); /* NULL is fine */

#endif
