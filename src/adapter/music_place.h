/* SPDX-License-Identifier: Apache-2.0 */
/*
 * music_place - where a music player may be: on this machine, and nowhere else.
 *
 * A loopback address, or the path of a unix socket. Names are not resolved: a name can
 * become anything. One thread.
 */
#ifndef ADAPTER_MUSIC_PLACE_H
#define ADAPTER_MUSIC_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

struct music_place {
	struct sockaddr_storage address;
	socklen_t size;
	bool is_tcp;
};

/* host: "127.0.0.1", "::1", "localhost", or "/path". ERR_DENIED: somewhere else. */
MUST_CHECK enum err music_place_find(const char *host, uint16_t port,
				     struct music_place *out_place,
				     struct err_note *note);

/* Begins to connect, without waiting. ERR_CLOSED: nobody is there; ERR_IO. */
MUST_CHECK enum err music_place_dial(const struct music_place *place, int *out_fd,
				     struct err_note *note);
/* What came of it, once the descriptor can be written. */
MUST_CHECK enum err music_place_dialled(int fd, struct err_note *note);

#endif
