/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the kernel's list of sound devices. Lines it does not know are skipped. */
#include "cli/sound_cards.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { LINE_BYTES = 256, FILE_BYTES_MAX = 64 * 1024, NUMBER_MAX = 99 };

static bool parse_line(char *line, struct sound_card *card)
{
	char *name = strchr(line, ':');
	char *dash = strchr(line, '-');
	int64_t number;
	int64_t device;
	char *end;

	if (!name || !dash || dash > name)
		return false;
	*name = '\0';
	*dash = '\0';
	if (!str_to_int(line, 0, NUMBER_MAX, &number) ||
	    !str_to_int(dash + 1, 0, NUMBER_MAX, &device))
		return false;
	name++;
	card->plays = strstr(name, ": playback") != NULL;
	card->records = strstr(name, ": capture") != NULL;
	end = strstr(name, " :");
	if (end)
		*end = '\0';
	str_trim(name);
	if (!str_copy(card->name, sizeof(card->name), name))
		return false;
	return str_format(card->device, sizeof(card->device), "plughw:%d,%d", (int)number,
			  (int)device);
}

void sound_cards_parse(const char *text, struct sound_cards *out_cards)
{
	memset(out_cards, 0, sizeof(*out_cards));
	while (*text && out_cards->count < SOUND_CARDS_MAX) {
		size_t size = strcspn(text, "\n");
		char line[LINE_BYTES];

		if (str_copy_bytes(line, sizeof(line), text, size) &&
		    parse_line(line, &out_cards->cards[out_cards->count]))
			out_cards->count++;
		text += size + (text[size] == '\n');
	}
}

void sound_cards_find(const char *path, struct sound_cards *out_cards)
{
	char text[FILE_BYTES_MAX];
	FILE *file = fopen(path, "re");
	size_t got = 0;

	memset(out_cards, 0, sizeof(*out_cards));
	if (!file)
		return;
	got = fread(text, 1, sizeof(text) - 1,
		    file); /* proc files have no size to ask for */
	text[got] = '\0';
	fclose(file);
	sound_cards_parse(text, out_cards);
}
