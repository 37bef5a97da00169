/* SPDX-License-Identifier: Apache-2.0 */
/*
 * try-music - looks at a music player, and orders one thing of it.
 *
 *   try-music HOST PORT [play KIND NAME | pause | resume | next | previous | volume PERCENT]
 *
 * KIND is artist, album, playlist, genre or search. Shows what the player told within a
 * second. For trying an MPD by hand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/music_mpd.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"

enum { LISTEN_MS = 1000 };

struct trial {
	struct loop *loop;
	enum err err;
};

static void on_done(void *context, uint64_t token, enum err err)
{
	struct trial *trial = context;

	(void)token;
	trial->err = err;
	loop_stop(trial->loop);
}

static void on_changed(void *context)
{
	(void)context;
}

static void on_time(void *context)
{
	loop_stop(context);
}

static const struct {
	const char *word;
	enum music_order order;
	int words; /* behind it */
} ORDERS[] = {
	{"play", MUSIC_PLAY, 2},         {"pause", MUSIC_PAUSE, 0},
	{"resume", MUSIC_RESUME, 0},     {"next", MUSIC_NEXT, 0},
	{"previous", MUSIC_PREVIOUS, 0}, {"volume", MUSIC_VOLUME, 1},
};

static bool read_order(int count, char **words, struct music_command *command)
{
	for (size_t i = 0; i < STR_COUNT(ORDERS); i++) {
		if (!str_equal(words[0], ORDERS[i].word) || count != ORDERS[i].words + 1)
			continue;
		command->order = ORDERS[i].order;
		if (command->order == MUSIC_VOLUME)
			command->percent = atoi(words[1]);
		return command->order != MUSIC_PLAY ||
		       (music_kind_from_text(words[1], &command->kind) &&
			str_copy(command->name, sizeof(command->name), words[2]));
	}
	return false;
}

static void show(struct music *music)
{
	const struct music_state *state = music_state(music);
	const struct music_library *library = music_library(music);

	printf("trouble  %s\n", music_trouble(music)[0] ? music_trouble(music) : "none");
	printf("plays    %s, \"%s\" by \"%s\" on \"%s\"\n",
	       state->play == MUSIC_PLAYING  ? "yes"
	       : state->play == MUSIC_PAUSED ? "paused"
					     : "no",
	       state->title, state->artist, state->station);
	printf("volume   %d\n", state->volume_percent);
	for (size_t i = 0; i < state->output_count; i++)
		printf("output   %s: %s\n", state->outputs[i].name,
		       state->outputs[i].is_on ? "on" : "off");
	for (size_t i = 0; i < library->count; i++)
		printf("%-8s %s\n", music_kind_text(library->names[i].kind),
		       library->names[i].text);
}

static enum err run(struct trial *trial, const struct music_mpd_settings *settings,
		    const struct music_command *command, struct err_note *note)
{
	struct music music = {0};
	enum err err = music_mpd_open(trial->loop, settings,
				      (struct music_listener){trial, on_done, on_changed},
				      &music, note);

	if (!err)
		err = loop_after(trial->loop, LISTEN_MS, on_time, trial->loop, NULL);
	if (!err)
		err = loop_run(trial->loop);
	if (!err && command)
		err = music_command(&music, command, 1);
	if (!err && command)
		err = loop_run(trial->loop);
	if (!err)
		show(&music);
	music_close(&music);
	return err ? err : trial->err;
}

int main(int count, char **words)
{
	struct music_command command = {.order = MUSIC_PLAY};
	struct err_note note = {""};
	struct trial trial = {.err = OK};
	enum err err;

	log_name("try-music");
	if (count < 3 || (count > 3 && !read_order(count - 3, words + 3, &command))) {
		fputs("usage: try-music HOST PORT [play KIND NAME | pause | resume | next "
		      "| previous | volume PERCENT]\n",
		      stderr);
		return 2;
	}
	const struct music_mpd_settings settings = {.host = words[1],
						    .port = (uint16_t)atoi(words[2])};
	err = loop_create(&trial.loop);
	if (!err)
		err = run(&trial, &settings, count > 3 ? &command : NULL, &note);
	loop_destroy(trial.loop);
	if (err)
		log_line("%s", note.text[0] ? note.text : err_words(err));
	return err ? 1 : 0;
}
