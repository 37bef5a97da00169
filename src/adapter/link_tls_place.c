/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link_tls_place - reads addresses and asks the system's resolver; opens no connection.
 *
 * In the background glibc's getaddrinfo_a does the work in a thread of its own, and a timer
 * looks whether it is over. A question that nobody waits for any more keeps its memory until
 * then: the resolver writes into it.
 */
#include "adapter/link_tls_place.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { PORT_MAX = 65535, LOOK_MS = 10 };

/* An address, taken apart. */
struct parts {
	char copy[LINK_TLS_WORDS_BYTES];
	char *host;
	char *port;
	int64_t number;
};

/* Cuts "HOST:PORT" or "[ADDRESS]:PORT" in place. */
static bool cut_words(char *words, char **out_host, char **out_port)
{
	char *colon = strrchr(words, ':');

	if (!colon || colon == words)
		return false;
	*colon = '\0';
	*out_port = colon + 1;
	*out_host = words;
	if (words[0] == '[') {
		if (colon[-1] != ']')
			return false;
		colon[-1] = '\0';
		*out_host = words + 1;
	} else if (strchr(words, ':')) {
		return false; /* an IPv6 address wants brackets */
	}
	return (*out_host)[0] != '\0';
}

static enum err take_apart(const char *words, bool to_listen, struct parts *parts,
			   struct err_note *note)
{
	if (!str_copy(parts->copy, sizeof(parts->copy), words) ||
	    !cut_words(parts->copy, &parts->host, &parts->port) ||
	    !str_to_int(parts->port, to_listen ? 0 : 1, PORT_MAX, &parts->number))
		return err_say(ERR_FORMAT, note,
			       "\"%.80s\": expected %s:PORT or [IPV6]:PORT", words,
			       to_listen ? "ADDRESS" : "HOST");
	return OK;
}

static void keep_addresses(const struct addrinfo *found, struct link_tls_place *place)
{
	for (; found && place->count < LINK_TLS_ADDRESSES_MAX; found = found->ai_next) {
		memcpy(&place->addresses[place->count], found->ai_addr,
		       found->ai_addrlen);
		place->sizes[place->count] = found->ai_addrlen;
		place->count++;
	}
}

enum err link_tls_resolve(const char *words, bool to_listen,
			  struct link_tls_place *out_place, struct err_note *note)
{
	struct link_tls_place place = {.count = 0};
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = to_listen ? AI_PASSIVE | AI_NUMERICHOST : 0,
	};
	struct addrinfo *found = NULL;
	struct parts parts;
	enum err err = take_apart(words, to_listen, &parts, note);

	if (err)
		return err;
	int failed = getaddrinfo(parts.host, parts.port, &hints, &found);
	if (failed != 0)
		return err_say(ERR_MISSING, note, "%s: %s", parts.host,
			       gai_strerror(failed));
	(void)str_copy(place.words, sizeof(place.words), words);
	place.port = (uint16_t)parts.number;
	keep_addresses(found, &place);
	freeaddrinfo(found);
	*out_place = place;
	return OK;
}

/* --- in the background ------------------------------------------------------------------ */

struct link_tls_search {
	struct loop *loop;
	uint64_t timer;
	link_tls_found_fn *done; /* NULL: nobody waits any more */
	void *context;
	struct parts parts;
	char words[LINK_TLS_WORDS_BYTES];
	struct addrinfo hints;
	struct gaicb request;
};

static void free_search(struct link_tls_search *search)
{
	if (search->request.ar_result)
		freeaddrinfo(search->request.ar_result);
	free(search);
}

static void look(void *context)
{
	struct link_tls_search *search = context;
	struct link_tls_place place = {.port = (uint16_t)search->parts.number};
	const int state = gai_error(&search->request);

	if (state == EAI_INPROGRESS &&
	    loop_after(search->loop, LOOK_MS, look, search, &search->timer) == OK)
		return;
	if (state == EAI_INPROGRESS && gai_cancel(&search->request) == EAI_NOTCANCELED) {
		if (search->done)
			search->done(search->context, ERR_LIMIT, NULL);
		return; /* the resolver still writes into it: better lost than reused */
	}
	(void)str_copy(place.words, sizeof(place.words), search->words);
	if (state == 0)
		keep_addresses(search->request.ar_result, &place);
	if (search->done)
		search->done(search->context, place.count > 0 ? OK : ERR_MISSING,
			     place.count > 0 ? &place : NULL);
	free_search(search);
}

enum err link_tls_search(struct loop *loop, const char *words, link_tls_found_fn *done,
			 void *context, struct link_tls_search **out_search,
			 struct err_note *note)
{
	struct link_tls_search *search = calloc(1, sizeof(*search));
	struct gaicb *requests[1];
	enum err err;

	if (!search)
		return ERR_MEMORY;
	search->loop = loop;
	search->done = done;
	search->context = context;
	search->hints.ai_socktype = SOCK_STREAM;
	(void)str_copy(search->words, sizeof(search->words), words);
	err = take_apart(words, false, &search->parts, note);
	if (!err) {
		search->request.ar_name = search->parts.host;
		search->request.ar_service = search->parts.port;
		search->request.ar_request = &search->hints;
		requests[0] = &search->request;
		if (getaddrinfo_a(GAI_NOWAIT, requests, 1, NULL) != 0)
			err = ERR_IO;
	}
	if (err) {
		free(search);
		return err;
	}
	err = loop_after(loop, 0, look, search, &search->timer);
	if (err) {
		/* Nobody looks after it any more; freed only where that is safe. */
		if (gai_cancel(&search->request) != EAI_NOTCANCELED)
			free_search(search);
		return err;
	}
	*out_search = search;
	return OK;
}

void link_tls_search_cancel(struct link_tls_search *search)
{
	if (!search)
		return;
	search->done = NULL;
	if (gai_cancel(&search->request) == EAI_NOTCANCELED)
		return; /* look() frees it when the resolver is done */
	loop_cancel(search->loop, search->timer);
	free_search(search);
}
