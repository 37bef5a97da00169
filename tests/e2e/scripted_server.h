/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scripted_server - a server for one connection that does what a script says, for what a
 * real server cannot be made to do.
 *
 * Reads lines, over TLS or not, on a thread of its own; listens on a free port of
 * 127.0.0.1. Knows no protocol.
 */
#ifndef E2E_SCRIPTED_SERVER_H
#define E2E_SCRIPTED_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum script_then {
	SCRIPT_GO_ON,
	SCRIPT_DROP,  /* hangs up */
	SCRIPT_STALL, /* says nothing more, and stays until scripted_server_end */
	SCRIPT_FLOOD, /* says the same again for as long as anybody listens */
};

/* The first row whose `on` the line begins with is done. Without a row nothing is said. */
struct script_row {
	const char *on;  /* NULL: at once, when the connection is there */
	bool is_whole;   /* the line is `on` and nothing more */
	const char *say; /* NULL: nothing */
	size_t say_size; /* 0: a text */
	enum script_then then;
};

struct script {
	const struct script_row *rows; /* up to one with neither `on` nor `say` */
	const char *certificate;       /* NULL: no TLS */
	const char *key;
};

/* The rows of a server of HTTP: what it says once it has the headers. */
#define ANSWER(words, after)                                                        \
	{                                                                           \
		{                                                                   \
			.on = "", .is_whole = true, .say = (words), .then = (after) \
		}                                                                   \
	}

struct scripted_server;

/* Fails the test when it cannot. The script is borrowed until the end. */
struct scripted_server *scripted_server_begin(const struct script *script);
void scripted_server_end(struct scripted_server *server); /* NULL is fine */

/* True once it was told to, and from then on. */
bool scripted_server_is_stalling(const struct scripted_server *server);

uint16_t scripted_server_port(const struct scripted_server *server);

#endif
