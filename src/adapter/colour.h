/* SPDX-License-Identifier: Apache-2.0 */
/*
 * colour - colour names as lamps understand them.
 *
 * The names are those of CSS Color Module Level 4, blanks and case ignored ("dark red").
 * Pure.
 */
#ifndef ADAPTER_COLOUR_H
#define ADAPTER_COLOUR_H

#include <stdbool.h>
#include <stdint.h>

struct colour {
	uint8_t red;
	uint8_t green;
	uint8_t blue;
};

/* False when the name is none. */
bool colour_from_name(const char *name, struct colour *out_colour);

/* The whites, by how warm they are, in mireds (a million over kelvin): "warmwhite" is that
 * of a lamp with a filament, "coolwhite" that of daylight. False when the name is none. */
bool colour_to_mireds(const char *name, double *out_mireds);

/* Hue 0..360 degrees and saturation 0..100 percent. */
void colour_to_hs(struct colour colour, double *out_hue, double *out_saturation);

/* CIE 1931 x and y, from sRGB with its D65 white; black gives the white point. */
void colour_to_xy(struct colour colour, double *out_x, double *out_y);

#endif
