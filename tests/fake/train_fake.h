/* SPDX-License-Identifier: Apache-2.0 */
/*
 * train_fake - sound files and an ear for tests of training: both are made, neither exists.
 *
 * A path decides the sound: "name-7" is a rising tone (the name), "wrong-7" a falling one,
 * "other-7" tones and noise, "odd-7" as short as a name, "quiet-7" almost nothing,
 * "broken-7" cannot be read. The ear tells how strong some tones are.
 */
#ifndef TESTS_FAKE_TRAIN_FAKE_H
#define TESTS_FAKE_TRAIN_FAKE_H

#include "train/outside.h"

enum { TRAIN_FAKE_LINES_BYTES = 16384 };

struct train_fake {
	char lines[TRAIN_FAKE_LINES_BYTES]; /* everything that was said */
	size_t stages;
};

struct outside train_fake_outside(struct train_fake *fake, size_t jobs);

#endif
