/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicator_fake - remembers every light and every tone in the order they came.
 *
 * One thread.
 */
#ifndef FAKE_INDICATOR_FAKE_H
#define FAKE_INDICATOR_FAKE_H

#include <stddef.h>

#include "base/err.h"
#include "port/indicator.h"

struct indicator_fake;

MUST_CHECK enum err indicator_fake_create(struct indicator_fake **out_fake);
void indicator_fake_destroy(struct indicator_fake *fake); /* NULL is fine */

/* The port. Closing it turns the light off and does not free the fake. */
struct indicator indicator_fake_port(struct indicator_fake *fake);

enum indicator_light indicator_fake_light(const struct indicator_fake *fake);
/* Changes of the light, oldest first; the first is INDICATOR_OFF. */
size_t indicator_fake_light_count(const struct indicator_fake *fake);
enum indicator_light indicator_fake_light_at(const struct indicator_fake *fake,
					     size_t index);
size_t indicator_fake_tone_count(const struct indicator_fake *fake,
				 enum indicator_tone tone);

#endif
