/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mpd_fixture - a real MPD with a library of its own, on a free loopback port.
 *
 * Makes tagged sound files in its folder (those of fake/music_contract.h, a playlist
 * "morning", and one file that stands for a station), two null outputs "kitchen" and
 * "bedroom", and a fifo. Only the process that was started here gets a signal. One thread.
 */
#ifndef E2E_MPD_FIXTURE_H
#define E2E_MPD_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/file.h"

enum { MPD_FIXTURE_WAIT_MS = 20000 };

/* What is unlike most players; bits. */
enum {
	MPD_FIXTURE_WITH_PASSWORD = 1,
	MPD_FIXTURE_WITH_OWN_MIXERS = 2, /* of each output, as sound cards have them */
	MPD_FIXTURE_WITH_LONG_TITLE =
		4, /* of a piece, which begins with the words below */
};

#define MPD_FIXTURE_PASSWORD "open sesame"
#define MPD_FIXTURE_LONG_TITLE "Hold your breat"

struct mpd_fixture {
	char folder[FILE_PATH_BYTES]; /* the caller's; below it lies all that is here */
	char configuration[FILE_PATH_BYTES];
	char log[FILE_PATH_BYTES];
	char fifo[FILE_PATH_BYTES]; /* 16 kHz, mono */
	char radio_url[64];         /* of the station, while it is started */
	uint16_t port;
	bool wants_password;
	pid_t pid; /* 0: not running */
	pid_t radio_pid;
};

/* False, with a line on stdout: no mpd here, and the test is to be skipped. */
bool mpd_fixture_is_here(void);

/* Writes all files below folder; starts nothing. Fails the test when it cannot. */
void mpd_fixture_begin(struct mpd_fixture *fixture, const char *folder, unsigned with);
/* Starts it, and waits until it listens. */
void mpd_fixture_start(struct mpd_fixture *fixture);
/* Sends the signal; after SIGTERM and SIGKILL waits for its end. */
void mpd_fixture_signal(struct mpd_fixture *fixture, int number);
/* A web server for the station. */
void mpd_fixture_start_radio(struct mpd_fixture *fixture);
void mpd_fixture_end(struct mpd_fixture *fixture);

/* Asks it with one line on a connection of its own; the answer's text until "OK" or "ACK",
 * valid until the next call. */
const char *mpd_fixture_ask(const struct mpd_fixture *fixture, const char *line);
/* The number behind "name: " of the answer to a question; -1: none. */
int mpd_fixture_number(const struct mpd_fixture *fixture, const char *line,
		       const char *name);

#endif
