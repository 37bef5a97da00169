/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pages - see the header.
 *
 * Invariant: a transfer is begun only for a host that the keeper named for that very skill;
 * what a page says is passed on unread.
 */
#include "gate/pages.h"

#include <stdlib.h>
#include <string.h>

#include "adapter/link_unix.h"
#include "adapter/skill_line.h"
#include "adapter/transfer.h"
#include "base/file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "domain/day.h"

enum {
	HOUR_MS = 3600 * 1000,
	PIECE_BYTES = 60000,
	HTTPS_PORT = 443,
	HEAD_BYTES_MAX = 16 * 1024
};

/* What one skill may have, and has had lately. */
struct reader {
	char name[SKILL_NAME_BYTES];
	char hosts[SKILL_HOSTS_MAX * (SKILL_HOST_BYTES + 1)]; /* a blank around each */
	uint64_t count;
	int64_t fetched_ms[PAGES_PER_HOUR]; /* of the newest, a ring */
};

struct page {
	struct pages *pages; /* NULL: this place is free */
	struct link *link;   /* NULL: who wanted it is gone */
	uint64_t token;
};

struct pages {
	struct loop *loop;
	uint16_t test_port;
	struct transfers *transfers;
	struct link_server *server;
	size_t reader_count;
	struct reader readers[SKILLS_MAX];
	struct page all[PAGES_AT_ONCE];
};

bool pages_is_set(const struct settings *settings)
{
	return str_equal(settings->skills_fetch, "yes");
}

static bool make_folder(const char *run, char to[FILE_PATH_BYTES])
{
	return file_join(to, FILE_PATH_BYTES, run, "gate");
}

enum err pages_allow(const struct settings *settings, const char *run,
		     struct sandbox_rules *rules, struct err_note *note)
{
	static char folder[FILE_PATH_BYTES]; /* a rule borrows it */
	enum err err;

	if (!make_folder(run, folder))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", run);
	err = file_make_folder(folder, note);
	if (err)
		return err;
	sandbox_allow(rules, folder, true);
	rules->ports[rules->port_count++] = HTTPS_PORT;
	if (settings->skills_test_port != 0)
		rules->ports[rules->port_count++] = (uint16_t)settings->skills_test_port;
	rules->may_resolve = true;
	return OK;
}

/* --- who may have what ------------------------------------------------------------------ */

static struct reader *find_reader(struct pages *pages, const char *name)
{
	for (size_t i = 0; i < pages->reader_count; i++)
		if (str_equal(pages->readers[i].name, name))
			return &pages->readers[i];
	return NULL;
}

/* What is counted of an hour stays with the name. */
static void keep_counts(const struct pages *before, struct reader *reader)
{
	for (size_t i = 0; i < before->reader_count; i++)
		if (str_equal(before->readers[i].name, reader->name)) {
			reader->count = before->readers[i].count;
			memcpy(reader->fetched_ms, before->readers[i].fetched_ms,
			       sizeof(reader->fetched_ms));
		}
}

void pages_hosts(struct pages *pages, const struct wire_skill_hosts *hosts)
{
	static struct pages before; /* for its counts */
	struct reader *reader;

	if (hosts->first) {
		before.reader_count = pages->reader_count;
		memcpy(before.readers, pages->readers, sizeof(before.readers));
		pages->reader_count = 0;
	}
	if (hosts->name[0] == '\0' || pages->reader_count == SKILLS_MAX)
		return;
	reader = &pages->readers[pages->reader_count++];
	*reader = (struct reader){.count = 0};
	must(str_copy(reader->name, sizeof(reader->name), hosts->name));
	if (!str_format(reader->hosts, sizeof(reader->hosts), " %s ", hosts->hosts))
		reader->hosts[0] = '\0';
	keep_counts(&before, reader);
}

/* Is it one of the reader's, to the letter? */
static bool may_have(const struct reader *reader, const char *host)
{
	char words[SKILL_HOST_BYTES + 2];

	return str_format(words, sizeof(words), " %s ", host) &&
	       strstr(reader->hosts, words) != NULL;
}

/* Counts it; true: there were too many within the hour. */
static bool is_too_many(struct reader *reader)
{
	int64_t *oldest_ms = &reader->fetched_ms[reader->count % PAGES_PER_HOUR];
	const int64_t now_ms = loop_now_ms();

	if (reader->count >= PAGES_PER_HOUR && now_ms - *oldest_ms < HOUR_MS)
		return true;
	*oldest_ms = now_ms;
	reader->count++;
	return false;
}

/* --- answers ---------------------------------------------------------------------------- */

static void say_none(struct link *link, uint64_t token, const char *reason)
{
	struct wire_skill_page page = {.token = token, .last = 1};

	must(str_copy(page.reason, sizeof(page.reason), reason));
	if (link_send_skill_page(link, &page))
		log_line("gate: the skills could not be told");
}

static void say_page(struct link *link, uint64_t token, unsigned status,
		     const uint8_t *body, size_t size)
{
	size_t at = 0;

	do {
		const size_t piece = size - at < PIECE_BYTES ? size - at : PIECE_BYTES;
		const struct wire_skill_page page = {.token = token,
						     .last = at + piece == size,
						     .status = status,
						     .bytes = {body + at, piece}};

		if (link_send_skill_page(link, &page)) {
			log_line("gate: the skills could not be told");
			return;
		}
		at += piece;
	} while (at < size);
}

static bool is_redirect(unsigned status)
{
	return status >= 300 && status < 400;
}

static void on_fetched(void *context, const struct transfer_result *result)
{
	static const char *const REASONS[TRANSFER_END_COUNT] = {
		[TRANSFER_DONE] = "DONE",           [TRANSFER_DROPPED] = "DROPPED",
		[TRANSFER_FAILED] = "FAILED",       [TRANSFER_LONG] = "LONG",
		[TRANSFER_NO_TLS] = "NO_TLS",       [TRANSFER_STOPPED] = "STOPPED",
		[TRANSFER_TIMEOUT] = "TIMEOUT",     [TRANSFER_UNREACHED] = "UNREACHED",
		[TRANSFER_UNTRUSTED] = "UNTRUSTED",
	};
	struct page *page = context;
	struct link *link = page->link;
	const uint64_t token = page->token;
	const size_t size = result->reply_size - result->body_at;

	memset(page, 0, sizeof(*page));
	if (!link)
		return;
	if (result->end != TRANSFER_DONE)
		say_none(link, token, REASONS[result->end]);
	else if (is_redirect(result->status))
		say_none(link, token, "REDIRECT");
	else if (size > PAGES_BYTES_MAX)
		say_none(link, token, "LONG");
	else
		say_page(link, token, result->status,
			 (const uint8_t *)result->reply + result->body_at, size);
}

/* --- asking ----------------------------------------------------------------------------- */

static struct page *free_page(struct pages *pages)
{
	for (size_t i = 0; i < PAGES_AT_ONCE; i++)
		if (!pages->all[i].pages)
			return &pages->all[i];
	return NULL;
}

static const char *begin(struct pages *pages, struct link *link,
			 const struct wire_skill_fetch *fetch)
{
	const bool is_test = str_starts(fetch->url, "http://");
	const struct transfer_request request = {
		.url = fetch->url,
		.protocol = is_test ? "http" : "https",
		.is_public_only = !is_test,
		.reply_max = PAGES_BYTES_MAX + HEAD_BYTES_MAX,
		.connect_ms = PAGES_CONNECT_MS,
		.whole_ms = PAGES_WHOLE_MS,
	};
	struct page *page = free_page(pages);

	if (!page)
		return "BUSY";
	*page = (struct page){.pages = pages, .link = link, .token = fetch->token};
	if (transfer_start(pages->transfers, &request, on_fetched, page) == OK)
		return NULL;
	memset(page, 0, sizeof(*page));
	return "FAILED";
}

/* NULL: it is under way. */
static const char *judge(struct pages *pages, struct link *link,
			 const struct wire_skill_fetch *fetch)
{
	struct reader *reader = find_reader(pages, fetch->skill);
	char host[SKILL_HOST_BYTES];

	if (!reader ||
	    !skill_line_host(fetch->url, pages->test_port, host, sizeof(host)) ||
	    !may_have(reader, host))
		return "HOST";
	if (is_too_many(reader))
		return "TOO_MANY";
	return begin(pages, link, fetch);
}

static void on_opened(void *context, struct link *link)
{
	(void)context;
	(void)link;
	log_line("gate: the skills are connected");
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct pages *pages = context;
	const char *refused;

	/* The table of rights lets nothing else through. */
	if (message->type != WIRE_skill_fetch)
		return;
	refused = judge(pages, link, &message->skill_fetch);
	if (!refused)
		return;
	log_line("gate: a page for a skill is not fetched: %s", refused);
	say_none(link, message->skill_fetch.token, refused);
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct pages *pages = context;

	(void)err;
	log_line("gate: the skills are gone why=\"%s\"", why);
	for (size_t i = 0; i < PAGES_AT_ONCE; i++)
		if (pages->all[i].link == link)
			pages->all[i].link = NULL;
}

enum err pages_open(struct loop *loop, const struct settings *settings, const char *run,
		    struct pages **out_pages, struct err_note *note)
{
	struct pages *pages = calloc(1, sizeof(*pages));
	const struct link_listener listener = {pages, on_opened, on_message, on_closed};
	char folder[FILE_PATH_BYTES];
	char path[FILE_PATH_BYTES];
	enum err err;

	if (!pages)
		return ERR_MEMORY;
	pages->loop = loop;
	pages->test_port = (uint16_t)settings->skills_test_port;
	err = transfers_open(loop, PAGES_AT_ONCE, &pages->transfers);
	if (!err && (!make_folder(run, folder) ||
		     !file_join(path, sizeof(path), folder, "skills.sock")))
		err = err_say(ERR_LIMIT, note, "%s: the path is too long", run);
	if (!err)
		err = link_listen(loop, path, WIRE_LINK_SKILLS_GATE, WIRE_PARTY_GATE,
				  "gate", &listener, &pages->server, note);
	if (err)
		pages_close(pages);
	else
		*out_pages = pages;
	return err;
}

void pages_close(struct pages *pages)
{
	if (!pages)
		return;
	link_server_destroy(pages->server);
	for (size_t i = 0; i < PAGES_AT_ONCE; i++)
		pages->all[i].link = NULL;
	transfers_close(pages->transfers);
	free(pages);
}
