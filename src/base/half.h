/* SPDX-License-Identifier: Apache-2.0 */
/*
 * half - IEEE 754 binary16, in which the weights of our networks' files are kept. Pure.
 */
#ifndef BASE_HALF_H
#define BASE_HALF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pack.h"

enum { HALF_BYTES = 2 };

/* To the nearest, ties to even; beyond +-65504, or not a number: infinite. */
uint16_t half_of(float value);
float half_to_float(uint16_t half);
/* There and back: what a file will give. */
float half_round(float value);

/* High byte first. false: a number that no half float holds (put), or one that is not
 * finite (take); *out_at is then its index. */
bool half_put(struct pack *pack, const float *values, size_t count, size_t *out_at);
bool half_take(struct unpack *unpack, float *out_values, size_t count, size_t *out_at);

#endif
