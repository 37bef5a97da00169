/* SPDX-License-Identifier: Apache-2.0 */
/* music_duck - one line of fixed size: "ducked RESTORE LOW", three digits each, or none. */
#include "adapter/music_duck.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

enum { LINE_BYTES = 16, RESTORE_AT = 7, LOW_AT = 11, DIGITS = 3 };

static const char BEGIN[] = "ducked ";

static bool read_percent(const char *at, int *out_percent)
{
	char text[DIGITS + 1];
	int64_t percent = 0;

	if (!str_copy_bytes(text, sizeof(text), at, DIGITS) ||
	    !str_to_int(text, 0, 100, &percent))
		return false;
	*out_percent = (int)percent;
	return true;
}

static void read_line(struct music_duck *duck)
{
	char line[LINE_BYTES] = "";
	const ssize_t got = pread(duck->fd, line, sizeof(line), 0);

	duck->is_ducked = got >= LOW_AT + DIGITS && str_starts(line, BEGIN) &&
			  read_percent(line + RESTORE_AT, &duck->restore_percent) &&
			  read_percent(line + LOW_AT, &duck->low_percent);
}

enum err music_duck_open(const char *path, struct music_duck *out_duck,
			 struct err_note *note)
{
	struct music_duck duck = {
		.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600),
	};

	if (duck.fd < 0)
		return err_say(ERR_IO, note, "%s: %s", path, strerror(errno));
	read_line(&duck);
	*out_duck = duck;
	return OK;
}

void music_duck_close(struct music_duck *duck)
{
	if (duck->fd >= 0)
		close(duck->fd);
	duck->fd = -1;
}

static bool write_line(const struct music_duck *duck, const char *line)
{
	const size_t size = strlen(line);

	return duck->fd < 0 || pwrite(duck->fd, line, size, 0) == (ssize_t)size;
}

bool music_duck_set(struct music_duck *duck, int restore_percent, int low_percent)
{
	char line[LINE_BYTES];

	duck->is_ducked = true;
	duck->restore_percent = restore_percent;
	duck->low_percent = low_percent;
	return str_format(line, sizeof(line), "%s%03d %03d\n", BEGIN, restore_percent,
			  low_percent) &&
	       write_line(duck, line);
}

void music_duck_clear(struct music_duck *duck)
{
	duck->is_ducked = false;
	(void)write_line(duck, "as before      \n");
}
