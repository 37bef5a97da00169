/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indicator_terminal - see the header. One write(2) per change of the light.
 */
#include "adapter/indicator_terminal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"
#include "base/str.h"

enum { LIGHTS = INDICATOR_DEAF + 1, LINE_BYTES = 160, ROOM_BYTES = 64 };

static const struct {
	const char *word;
	const char *colour; /* of a terminal */
	const char *words;
} LOOKS[LIGHTS] = {
	[INDICATOR_OFF] = {"off", "90", "not running"},
	[INDICATOR_MUTED] = {"muted", "31", "no microphone is open"},
	[INDICATOR_WAITING] = {"waiting", "90", "listening for its name only"},
	[INDICATOR_HELD] = {"held", "33",
			    "listening for its name only; something is held and can be "
			    "called off"},
	[INDICATOR_MESSAGES] =
		{"messages", "36",
		 "listening for its name only; there are messages for you"},
	[INDICATOR_LISTENING] = {"listening", "1;36", "the microphone is leased"},
	[INDICATOR_THINKING] = {"thinking", "34", "the lease is over"},
	[INDICATOR_SPEAKING] = {"speaking", "32", "saying its answer"},
	[INDICATOR_RECORDING] = {"recording", "1;35", "recording a message"},
	[INDICATOR_RINGING] = {"ringing", "1;33",
			       "something is due; \"stop\" silences it"},
	[INDICATOR_DONE] = {"done", "32", "it was done; these are quiet hours"},
	[INDICATOR_REFUSED] = {"refused", "33", "it was not done; these are quiet hours"},
	[INDICATOR_DEAF] = {"deaf", "1;31", "cannot hear you"},
};

struct indicator_terminal {
	int fd; /* -1: no light */
	bool colour;
	int shown; /* a light, or -1 */
	char room[ROOM_BYTES];
};

const char *indicator_light_word(enum indicator_light light)
{
	must((size_t)light < LIGHTS);
	return LOOKS[light].word;
}

static void terminal_show(void *self, enum indicator_light light)
{
	struct indicator_terminal *indicator = self;
	char line[LINE_BYTES];
	bool whole = false;

	must((size_t)light < LIGHTS);
	if (indicator->fd < 0 || indicator->shown == (int)light)
		return;
	indicator->shown = (int)light;
	if (indicator->colour)
		whole = str_format(line, sizeof(line), "%s: \033[%sm%s\033[0m (%s)\n",
				   indicator->room, LOOKS[light].colour,
				   LOOKS[light].word, LOOKS[light].words);
	else
		whole = str_format(line, sizeof(line), "%s: light=%s (%s)\n",
				   indicator->room, LOOKS[light].word,
				   LOOKS[light].words);
	must(whole);
	/* A light that cannot be shown is no reason to stop. */
	if (write(indicator->fd, line, strlen(line)) < 0)
		indicator->shown = -1;
}

static void terminal_sound(void *self, enum indicator_tone tone)
{
	(void)self;
	(void)tone;
}

static void terminal_close(void *self)
{
	terminal_show(self, INDICATOR_OFF);
	free(self);
}

static const struct indicator_ops OPS = {terminal_show, terminal_sound, terminal_close};

enum err indicator_terminal_create(int fd, const char *room,
				   struct indicator *out_indicator)
{
	struct indicator_terminal *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_MEMORY;
	made->fd = fd;
	made->colour = fd >= 0 && isatty(fd) == 1;
	made->shown = -1;
	if (!str_copy(made->room, sizeof(made->room), room)) {
		free(made);
		return ERR_LIMIT;
	}
	*out_indicator = (struct indicator){&OPS, made};
	return OK;
}

enum err indicator_none_create(struct indicator *out_indicator)
{
	return indicator_terminal_create(-1, "", out_indicator);
}
