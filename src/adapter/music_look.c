/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_look - a table of questions.
 *
 * Invariant: status is never left out, for nothing is known of a player without it.
 */
#include "adapter/music_look.h"

#include "base/must.h"
#include "base/str.h"

static const struct {
	enum music_question question;
	enum music_kind kind;
	const char *command;
	const char *argument;
	const char *subsystems[3]; /* that bring it up */
} LOOKS[] = {
	{MUSIC_ASKS_STATUS, 0, "status", NULL, {"player", "mixer", "playlist"}},
	{MUSIC_ASKS_SONG, 0, "currentsong", NULL, {"player", NULL, NULL}},
	{MUSIC_ASKS_OUTPUTS, 0, "outputs", NULL, {"output", NULL, NULL}},
	{MUSIC_ASKS_NAMES, MUSIC_ARTIST, "list", "artist", {"database", NULL, NULL}},
	{MUSIC_ASKS_NAMES, MUSIC_ALBUM, "list", "album", {"database", NULL, NULL}},
	{MUSIC_ASKS_NAMES, MUSIC_GENRE, "list", "genre", {"database", NULL, NULL}},
	{MUSIC_ASKS_NAMES,
	 MUSIC_PLAYLIST,
	 "listplaylists",
	 NULL,
	 {"stored_playlist", "database", NULL}},
};

enum {
	STATUS = 1 << 0,
	SONG = 1 << 1,
	OUTPUTS = 1 << 2,
	ALL = (1 << (int)STR_COUNT(LOOKS)) - 1,
};

void music_looks_want_all(struct music_looks *looks)
{
	looks->wanted = ALL & ~looks->shunned;
}

void music_looks_want_play(struct music_looks *looks)
{
	looks->wanted |= (STATUS | SONG | OUTPUTS) & ~looks->shunned;
}

void music_looks_changed(struct music_looks *looks, const char *subsystem)
{
	for (unsigned i = 0; i < STR_COUNT(LOOKS); i++)
		for (size_t k = 0; k < STR_COUNT(LOOKS[i].subsystems); k++) {
			if (!LOOKS[i].subsystems[k] ||
			    !str_equal(LOOKS[i].subsystems[k], subsystem))
				continue;
			looks->wanted |= 1U << i;
			looks->shunned &= ~(1U << i);
		}
}

bool music_looks_wanted(const struct music_looks *looks)
{
	return looks->wanted != 0;
}

/* Of all tags those that are read: any of the others may be longer than a line. */
static bool ask_song(struct music_connection *connection)
{
	return music_connection_say(connection, "command_list_begin", NULL) &&
	       music_connection_say(connection, "tagtypes", "clear", NULL) &&
	       music_connection_say(connection, "tagtypes", "enable", "Artist", "Title",
				    "Name", NULL) &&
	       music_connection_say(connection, "currentsong", NULL) &&
	       music_connection_say(connection, "command_list_end", NULL);
}

bool music_looks_ask(struct music_looks *looks, struct music_reply *reply,
		     struct music_connection *connection)
{
	unsigned look = 0;

	must(looks->wanted != 0);
	while (!(looks->wanted & 1U << look))
		look++;
	looks->asked = look;
	looks->wanted &= ~(1U << look);
	music_reply_begin(reply, LOOKS[look].question, LOOKS[look].kind);
	return LOOKS[look].question == MUSIC_ASKS_SONG
		       ? ask_song(connection)
		       : music_connection_say(connection, LOOKS[look].command,
					      LOOKS[look].argument, NULL);
}

bool music_looks_watch(struct music_connection *connection)
{
	/* Of what else there is (stickers, messages, neighbours) nothing is read. */
	return music_connection_say(connection, "idle", "player", "mixer", "output",
				    "database", "playlist", "stored_playlist", NULL);
}

void music_looks_shun(struct music_looks *looks)
{
	looks->shunned |= 1U << looks->asked & ~(unsigned)STATUS;
}
