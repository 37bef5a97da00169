/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mpd_fixture - files, a process, and a client that waits.
 *
 * Invariant: nothing lies outside of the folder, and nothing is listened to but
 * 127.0.0.1.
 */
#include "e2e/mpd_fixture.h"

#include "unit/cmocka_all.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "e2e/loopback.h"
#include "e2e/process.h"
#include "fake/music_contract.h"

#define SERVER "/usr/bin/mpd"

enum {
	RATE = 8000,
	SECONDS = 60,
	STEP_MS = 10,
	ANSWER_BYTES = 64 * 1024,
	CONFIGURATION_BYTES = 8192,
	LONG_BYTES = 6000,
	LOUD = 8000,
};

struct piece {
	const char *file;
	const char *artist;
	const char *album;
	const char *genre;
	const char *title;
	const char *track;
};

static const struct piece FILES[] = {
	{"music/1.flac", MUSIC_CONTRACT_ARTIST, MUSIC_CONTRACT_ALBUM, "Jazz", "First",
	 "1"},
	{"music/2.flac", MUSIC_CONTRACT_ARTIST, MUSIC_CONTRACT_ALBUM, "Jazz", "Second",
	 "2"},
	{"music/3.flac", MUSIC_CONTRACT_ODD_ARTIST, MUSIC_CONTRACT_ODD_ALBUM, "Pop",
	 "Third", "1"},
	{"radio/stream.ogg", "", "", "", "On air", ""},
};

/* folder, port, lines about a password, kind of mixer */
static const char CONFIGURATION[] = "music_directory \"%1$s/music\"\n"
				    "playlist_directory \"%1$s/playlists\"\n"
				    "db_file \"%1$s/database\"\n"
				    "state_file \"%1$s/state\"\n"
				    "log_file \"%1$s/mpd.log\"\n"
				    "bind_to_address \"127.0.0.1\"\n"
				    "bind_to_address \"%1$s/socket\"\n"
				    "port \"%2$u\"\n"
				    "zeroconf_enabled \"no\"\n"
				    "%3$s"
				    "audio_output {\n"
				    "  type \"null\"\n"
				    "  name \"kitchen\"\n"
				    "  mixer_type \"%4$s\"\n"
				    "}\n"
				    "audio_output {\n"
				    "  type \"null\"\n"
				    "  name \"bedroom\"\n"
				    "  mixer_type \"%4$s\"\n"
				    "}\n"
				    "audio_output {\n"
				    "  type \"fifo\"\n"
				    "  name \"reference\"\n"
				    "  path \"%1$s/fifo\"\n"
				    "  format \"16000:16:1\"\n"
				    "  mixer_type \"%4$s\"\n"
				    "}\n";

#define PASSWORD_LINES                                                   \
	"password \"" MPD_FIXTURE_PASSWORD "@read,add,control,admin\"\n" \
	"default_permissions \"\"\n"

bool mpd_fixture_is_here(void)
{
	const bool is_here = file_exists(SERVER);

	if (!is_here)
		(void)puts("skipped: no " SERVER " (tools/setup was not run)");
	return is_here;
}

static void below(char to[FILE_PATH_BYTES], const struct mpd_fixture *fixture,
		  const char *name)
{
	assert_true(file_join(to, FILE_PATH_BYTES, fixture->folder, name));
}

static void make_folder(const struct mpd_fixture *fixture, const char *name)
{
	char path[FILE_PATH_BYTES];

	below(path, fixture, name);
	assert_int_equal(file_make_folder(path, NULL), OK);
}

static void write_text(const char *path, const char *text)
{
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), OK);
}

static void make_sound(const struct mpd_fixture *fixture, const struct piece *piece,
		       size_t tone)
{
	static int16_t sound[RATE * SECONDS];
	char path[FILE_PATH_BYTES];
	const bool is_ogg = str_ends(piece->file, ".ogg");
	SF_INFO info = {
		.samplerate = RATE,
		.channels = 1,
		.format = is_ogg ? SF_FORMAT_OGG | SF_FORMAT_VORBIS
				 : SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
	};

	below(path, fixture, piece->file);
	for (size_t i = 0; i < RATE * SECONDS; i++)
		sound[i] = (int16_t)(LOUD * sin((double)i * 0.2 * (double)(tone + 1)));
	SNDFILE *file = sf_open(path, SFM_WRITE, &info);
	assert_non_null(file);
	(void)sf_set_string(file, SF_STR_ARTIST, piece->artist);
	(void)sf_set_string(file, SF_STR_ALBUM, piece->album);
	(void)sf_set_string(file, SF_STR_GENRE, piece->genre);
	(void)sf_set_string(file, SF_STR_TITLE, piece->title);
	(void)sf_set_string(file, SF_STR_TRACKNUMBER, piece->track);
	assert_int_equal(sf_write_short(file, sound, RATE * SECONDS), RATE * SECONDS);
	assert_int_equal(sf_close(file), 0);
}

/* Of a title that no line of ours holds, and without any name to be learnt. */
static void make_long_title(const struct mpd_fixture *fixture)
{
	static char title[LONG_BYTES] = MPD_FIXTURE_LONG_TITLE;

	memset(title + strlen(title), 'h', sizeof(title) - 1 - strlen(title));
	make_sound(fixture, &(struct piece){"music/4.flac", "", "", "", title, ""},
		   STR_COUNT(FILES));
}

void mpd_fixture_begin(struct mpd_fixture *fixture, const char *folder, unsigned with)
{
	static const char *const FOLDERS[] = {"music", "playlists", "radio"};
	char text[CONFIGURATION_BYTES];
	char path[FILE_PATH_BYTES];

	*fixture = (struct mpd_fixture){.wants_password =
						(with & MPD_FIXTURE_WITH_PASSWORD) != 0};
	assert_true(file_join(fixture->folder, FILE_PATH_BYTES, folder, "mpd"));
	for (size_t i = 0; i < STR_COUNT(FOLDERS); i++)
		make_folder(fixture, FOLDERS[i]);
	for (size_t i = 0; i < STR_COUNT(FILES); i++)
		make_sound(fixture, &FILES[i], i);
	below(fixture->configuration, fixture, "mpd.conf");
	below(fixture->log, fixture, "output");
	below(fixture->fifo, fixture, "fifo");
	below(path, fixture, "playlists/morning.m3u");
	write_text(path, "3.flac\n1.flac\n");
	if (with & MPD_FIXTURE_WITH_LONG_TITLE)
		make_long_title(fixture);
	fixture->port = loopback_free_port();
	assert_true(fixture->port != 0);
	assert_true(str_format(text, sizeof(text), CONFIGURATION, fixture->folder,
			       fixture->port,
			       fixture->wants_password ? PASSWORD_LINES : "",
			       with & MPD_FIXTURE_WITH_OWN_MIXERS ? "null" : "software"));
	write_text(fixture->configuration, text);
}

static void wait_listening(uint16_t port)
{
	for (int ms = 0; ms < MPD_FIXTURE_WAIT_MS; ms += STEP_MS) {
		if (loopback_is_listening(port))
			return;
		(void)poll(NULL, 0, STEP_MS);
	}
	fail_msg("nobody listens on port %u", port);
}

void mpd_fixture_start(struct mpd_fixture *fixture)
{
	const char *const words[] = {SERVER, "--no-daemon", fixture->configuration, NULL};

	fixture->pid = process_start(words, fixture->log);
	wait_listening(fixture->port);
}

void mpd_fixture_signal(struct mpd_fixture *fixture, int number)
{
	if (fixture->pid == 0)
		return;
	if (number == SIGTERM || number == SIGKILL) {
		(void)kill(fixture->pid, SIGCONT);
		(void)process_end(&fixture->pid, number);
	} else {
		assert_int_equal(kill(fixture->pid, number), 0);
	}
}

void mpd_fixture_start_radio(struct mpd_fixture *fixture)
{
	const uint16_t port = loopback_free_port();
	char number[8];
	char path[FILE_PATH_BYTES];

	below(path, fixture, "radio");
	assert_true(str_format(number, sizeof(number), "%u", port));
	const char *const words[] = {
		"/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1",
		"--directory",      path, number,        NULL};
	fixture->radio_pid = process_start(words, fixture->log);
	wait_listening(port);
	assert_true(str_format(fixture->radio_url, sizeof(fixture->radio_url),
			       "http://127.0.0.1:%u/stream.ogg", port));
}

void mpd_fixture_end(struct mpd_fixture *fixture)
{
	mpd_fixture_signal(fixture, SIGKILL);
	if (fixture->radio_pid)
		(void)process_end(&fixture->radio_pid, SIGKILL);
}

/* ---- asking it ---- */

static int dial(const struct mpd_fixture *fixture)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(fixture->port),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
	};
	const union {
		const struct sockaddr_in *in;
		const struct sockaddr *any;
	} to = {.in = &address};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, to.any, sizeof(address)), 0);
	return fd;
}

static bool is_whole(const char *answer)
{
	return str_ends(answer, "\nOK\n") || strstr(answer, "\nACK ") ||
	       str_starts(answer, "OK\n") || str_starts(answer, "ACK ");
}

/* Up to the greeting's line end, or the end of an answer. */
static void hear(int fd, char to[ANSWER_BYTES], bool is_greeting)
{
	size_t size = 0;

	to[0] = '\0';
	while (!(is_greeting ? strchr(to, '\n') != NULL : is_whole(to))) {
		const ssize_t got = read(fd, to + size, ANSWER_BYTES - 1 - size);

		assert_true(got > 0);
		size += (size_t)got;
		to[size] = '\0';
	}
}

static void tell(int fd, const char *line, char to[ANSWER_BYTES])
{
	assert_true(dprintf(fd, "%s\n", line) > 0);
	hear(fd, to, false);
}

const char *mpd_fixture_ask(const struct mpd_fixture *fixture, const char *line)
{
	static char answer[ANSWER_BYTES];
	const int fd = dial(fixture);

	hear(fd, answer, true);
	if (fixture->wants_password)
		tell(fd, "password \"" MPD_FIXTURE_PASSWORD "\"", answer);
	tell(fd, line, answer);
	close(fd);
	return answer;
}

int mpd_fixture_number(const struct mpd_fixture *fixture, const char *line,
		       const char *name)
{
	char sought[64];

	assert_true(str_format(sought, sizeof(sought), "%s: ", name));
	const char *at = strstr(mpd_fixture_ask(fixture, line), sought);
	return at ? (int)strtol(at + strlen(sought), NULL, 10) : -1;
}
