/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor - the numbers behind "was this a command at all", in one table. Pure.
 *
 * Measured with the embedded recogniser (docs/why/floors.md); another recogniser brings
 * its own scale and its own table.
 */
#include "decide/floor.h"

#include <stddef.h>

#include "base/must.h"

/* Up to that many 10 ms frames of speech, the ratio must be at least: addressed at all,
 * class A, B, C. The shorter the sentence, the less it proves. */
static const struct {
	uint32_t frames_max;
	double addressed;
	double by_class[CLASS_C + 1];
} FLOORS[] = {
	{40, -16, {-14, -12, -12}},
	{80, -16, {-16, -16, -14}},
	{130, -17, {-17, -17, -15}},
	{UINT32_MAX, -18, {-18, -17, -16}},
};

static size_t floor_row(uint32_t speech_frames)
{
	size_t row = 0;

	while (speech_frames > FLOORS[row].frames_max)
		row++;
	return row;
}

double floor_addressed(uint32_t speech_frames)
{
	return FLOORS[floor_row(speech_frames)].addressed;
}

double floor_for_class(enum action_class class_of, uint32_t speech_frames)
{
	must(class_of <= CLASS_C);
	return FLOORS[floor_row(speech_frames)].by_class[class_of];
}
