/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the kernel's list of sound devices. Lines it does not know are skipped. */
#include "cli/sound_cards.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { LINE_BYTES = 256, FILE_BYTES_MAX = 64 * 1024 };

static bool parse_line(char *line, struct sound_card *card)
{
	unsigned number;
	unsigned device;
	char *name = strchr(line, ':');
	char *end;

	if (!name || sscanf(line, "%2u-%2u", &number, &device) != 2)
		return false;
	card->plays = strstr(line, ": playback") != NULL;
	card->records = strstr(line, ": capture") != NULL;
	name++;
	end = strstr(name, " :");
	if (end)
		*end = '\0';
	str_trim(name);
	if (!str_copy(card->name, sizeof(card->name), name))
		return false;
	return str_format(card->device, sizeof(card->device), "plughw:%u,%u", number,
			  device);
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
