/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ears - opens what hears a name: our own runtime with the name's head, and the verifier
 * for what it doubts; where either is missing, PocketSphinx's keyphrase search. Beside the
 * runtime's name "stop" can be heard, which PocketSphinx is not asked for.
 *
 * One place for the room and for everything that listens to files as the room does.
 */
#ifndef ADAPTER_EARS_H
#define ADAPTER_EARS_H

#include "base/err.h"
#include "port/verifier.h"
#include "port/wake.h"

enum { EARS_WHY_BYTES = 256 };

struct ears_settings {
	const char *engine; /* "net", "pocketsphinx" or "none" */
	const char *word;   /* the name, lower case */
	const char *model;  /* a head of one's own; "" the one that comes along */
	bool stop;          /* also "stop", for a room that sounds */
	bool music;         /* also the name in music that plays */
};

struct embedding_net;
struct head;

struct ears {
	struct wake wake;     /* ops NULL: engine none */
	struct wake own;      /* the same for what we play ourselves; ops NULL: none */
	struct wake stop;     /* "stop" in what wake is fed; ops NULL: not heard */
	struct wake own_stop; /* and in what own is fed; there when stop is */
	struct wake music;    /* the name in that music; ops NULL: none */
	struct verifier verifier; /* ops NULL: doubts are rejections */
	/* "", or why the name is not heard as the settings say; for the log */
	char why[EARS_WHY_BYTES];
	struct embedding_net *net; /* what wake and own share */
	struct head *head;
	struct head *stop_head;
};

/* Note: which file or word is missing. A head that was named but cannot be used is an
 * error; one that does not come along is not. The ears are closed by the caller, also
 * after a failure. */
MUST_CHECK enum err ears_open(const struct ears_settings *settings, struct ears *out_ears,
			      struct err_note *note);
void ears_close(struct ears *ears);

#endif
