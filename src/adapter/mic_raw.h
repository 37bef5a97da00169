/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mic_raw - raw sound from standard input or a named pipe as a microphone.
 *
 * 16 kHz, mono, signed 16 bit, little-endian, no header: `arecord -t raw -r 16000 -f S16_LE`
 * or `ffmpeg ... -f s16le -`. It comes out at the pace of real time, however fast it was
 * written.
 *
 * The two differ in what silence means. Standard input is over when it ends, and nothing
 * comes while nothing is written. A named pipe is a line that stays: while nobody writes
 * it hears silence, as a microphone does, and any program may speak into it, one after
 * the other. That is how `behest up --tour` and tests speak into the very path that a
 * microphone uses.
 */
#ifndef ADAPTER_MIC_RAW_H
#define ADAPTER_MIC_RAW_H

#include "port/mic.h"

/* How long a pipe may be quiet before silence is heard: a writer may be late. */
enum { MIC_RAW_PATIENCE_MS = 60 };

/* Standard input. Closing does not close it. */
MUST_CHECK enum err mic_raw_create_stdin(struct mic *out_mic);

/* A named pipe; made here (mode 0600) when it is not there. Anything else at path is
 * refused by open. What was written before open is not heard. */
MUST_CHECK enum err mic_raw_create_pipe(const char *path, struct mic *out_mic);

#endif
