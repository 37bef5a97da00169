/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host - see the header. Knows no links: who asked is a token.
 *
 * Invariants: a skill has at most one question before it; every question is answered once,
 * by words that were judged or by a reason; a skill whose files changed, that is suspended,
 * or that nobody approved has no process.
 */
#include "skills/host.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/skill_folder.h"
#include "adapter/skill_line.h"
#include "base/file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"
#include "skills/box.h"

enum { HASH_TEXT_BYTES = 2 * SKILL_HASH_BYTES + 1, MARK_BYTES_MAX = 256 };

struct question {
	uint64_t token;
	char intent[SKILL_ID_BYTES];
	char slots[HOST_SLOTS_BYTES];
};

struct skill {
	struct host *host; /* NULL: this place is free */
	bool is_listed;    /* in the list that is being told */
	char name[SKILL_ID_BYTES];
	uint8_t hash[SKILL_HASH_BYTES];
	struct skill_manifest manifest;
	enum host_state state;
	struct box *box;  /* NULL: it does not run */
	uint32_t numbers; /* of questions, in one process */
	bool is_asked;    /* the first of the queue is before it */
	bool is_fetching;
	unsigned fetches;
	uint64_t fetch_token;
	uint64_t timer;
	size_t queue_count;
	struct question queue[HOST_QUEUE_MAX];
	struct skill_record record;
};

struct host {
	struct host_parts parts;
	uint64_t fetch_tokens;
	struct skill skills[SKILLS_MAX];
};

static const char *const STATES[HOST_STATE_COUNT] = {
#define HOST_STATE(name, text) [HOST_##name] = (text),
	HOST_STATES(HOST_STATE)
#undef HOST_STATE
};

const char *host_state_text(enum host_state state)
{
	must(state < HOST_STATE_COUNT);
	return STATES[state];
}

static void go_on(struct skill *skill);

/* --- how it stands ---------------------------------------------------------------------- */

static void tell(struct skill *skill, enum host_state state, const char *why)
{
	const struct host_parts *parts = &skill->host->parts;

	log_line("skills: %s is %s%s%s", skill->name, host_state_text(state),
		 why[0] ? ": it " : "", why);
	parts->told(parts->context, skill->name, state, why);
}

static bool mark_path(const struct skill *skill, char to[FILE_PATH_BYTES])
{
	char folder[FILE_PATH_BYTES];

	return skill_folder_path(skill->host->parts.data, skill->name, skill->hash,
				 folder, NULL) == OK &&
	       str_format(to, FILE_PATH_BYTES, "%s.suspended", folder);
}

/* A suspension outlives this program: the file names the hash that it holds for, and goes
 * with the next approval. */
static bool is_marked(const struct skill *skill)
{
	char path[FILE_PATH_BYTES];
	char hash[HASH_TEXT_BYTES];
	struct buf mark;
	bool marked = false;

	str_to_hex(hash, skill->hash, sizeof(skill->hash));
	if (!mark_path(skill, path) || !file_exists(path))
		return false;
	if (file_read(path, MARK_BYTES_MAX, &mark, NULL) != OK)
		marked = true;
	else
		marked = mark.size == strlen(hash) &&
			 memcmp(mark.bytes, hash, mark.size) == 0;
	buf_finish(&mark);
	return marked;
}

static void write_mark(const struct skill *skill)
{
	char path[FILE_PATH_BYTES];
	char hash[HASH_TEXT_BYTES];
	struct err_note note = {"the path is too long"};

	str_to_hex(hash, skill->hash, sizeof(skill->hash));
	note.text[0] = '\0';
	if (!mark_path(skill, path) || file_write(path, hash, strlen(hash), 0600, &note))
		log_line("skills: a suspension is not kept: %s", note.text);
}

/* --- questions and answers -------------------------------------------------------------- */

static void answer(const struct host *host, uint64_t token, enum reason reason,
		   const char *words, enum skill_effect effect)
{
	const struct host_answer told = {token, reason, words, effect};

	if (token != 0)
		host->parts.answered(host->parts.context, &told);
}

/* The first question is over. */
static void end_question(struct skill *skill, enum reason reason, const char *words,
			 enum skill_effect effect)
{
	const uint64_t token = skill->queue[0].token;

	must(skill->queue_count > 0);
	memmove(skill->queue, skill->queue + 1,
		--skill->queue_count * sizeof(skill->queue[0]));
	skill->is_asked = false;
	skill->is_fetching = false;
	loop_cancel(skill->host->parts.loop, skill->timer);
	skill->timer = 0;
	answer(skill->host, token, reason, words, effect);
}

static void end_all(struct skill *skill, enum reason reason)
{
	while (skill->queue_count > 0)
		end_question(skill, reason, "", SKILL_EFFECT_NONE);
}

static void stop(struct skill *skill)
{
	struct box *box = skill->box;

	skill->box = NULL;
	skill->is_asked = false;
	skill->is_fetching = false;
	loop_cancel(skill->host->parts.loop, skill->timer);
	skill->timer = 0;
	box_stop(box);
}

/* --- what it must not do ---------------------------------------------------------------- */

static void suspend(struct skill *skill, const char *why)
{
	skill->state = HOST_SUSPENDED;
	write_mark(skill);
	tell(skill, HOST_SUSPENDED, why);
	end_all(skill, REASON_SKILL_SUSPENDED);
}

static void offend(struct skill *skill, enum skill_offence offence)
{
	const bool was_asked = skill->is_asked;
	const bool is_last = skill_record_add(&skill->record, loop_now_ms());

	stop(skill);
	if (was_asked)
		end_question(skill, REASON_SKILL_FAILED, "", SKILL_EFFECT_NONE);
	tell(skill, HOST_OFFENDED, skill_offence_words(offence));
	if (is_last)
		suspend(skill, skill_offence_words(offence));
	else
		go_on(skill);
}

/* --- pages ------------------------------------------------------------------------------ */

static void on_late(void *context)
{
	struct skill *skill = context;

	skill->timer = 0;
	offend(skill, SKILL_LATE);
}

static void set_timer(struct skill *skill, int64_t wait_ms, loop_timer_fn *fn)
{
	struct loop *loop = skill->host->parts.loop;

	loop_cancel(loop, skill->timer);
	skill->timer = 0;
	if (loop_after(loop, wait_ms, fn, skill, &skill->timer))
		log_line("skills: cannot set a timer");
}

static void tell_page(struct skill *skill, const struct host_page *page)
{
	const uint32_t number = skill->numbers;
	struct buf line;
	enum err err;

	buf_init(&line, SKILL_HOST_LINE_BYTES_MAX);
	skill->is_fetching = false;
	err = page->reason ? skill_line_no_page(number, page->reason, &line)
			   : skill_line_page(number, page->status, page->body, page->size,
					     &line);
	if (!err)
		err = box_write(skill->box, line.bytes, line.size);
	buf_finish(&line);
	if (err)
		offend(skill, SKILL_LATE); /* it does not read */
	else
		set_timer(skill, skill->host->parts.answer_ms, on_late);
}

static void on_page_late(void *context)
{
	struct skill *skill = context;

	skill->timer = 0;
	tell_page(skill, &(struct host_page){.reason = "TIMEOUT"});
}

void host_page(struct host *host, const struct host_page *page)
{
	for (size_t i = 0; i < SKILLS_MAX; i++) {
		struct skill *skill = &host->skills[i];

		if (!skill->host || !skill->is_fetching ||
		    skill->fetch_token != page->token)
			continue;
		tell_page(skill, page);
		return;
	}
}

static void fetch(struct skill *skill, const char *url)
{
	struct host *host = skill->host;
	char name[SKILL_HOST_BYTES];

	if (++skill->fetches > HOST_FETCHES_MAX) {
		offend(skill, SKILL_TOO_MANY);
		return;
	}
	if (!skill_line_host(url, host->parts.test_port, name, sizeof(name)) ||
	    !(skill_manifest_has_host(&skill->manifest, name) ||
	      (host->parts.test_port != 0 && str_equal(name, "127.0.0.1")))) {
		offend(skill, SKILL_HOST);
		return;
	}
	skill->is_fetching = true;
	skill->fetch_token = ++host->fetch_tokens;
	set_timer(skill, HOST_FETCH_MS, on_page_late);
	if (host->parts.fetch(host->parts.context, skill->fetch_token, skill->name, url))
		tell_page(skill, &(struct host_page){.reason = "NO_WAY"});
}

/* --- what it says ----------------------------------------------------------------------- */

static enum skill_offence judge(const struct skill *skill, const struct skill_line *line)
{
	const struct skill_intent *intent =
		skill_manifest_intent(&skill->manifest, skill->queue[0].intent);

	if (line->effect != SKILL_EFFECT_NONE && !intent->has_effect)
		return SKILL_SOUND;
	return skill_judge_words(line->words, skill->host->parts.wake_word);
}

static void on_idle(void *context)
{
	struct skill *skill = context;

	skill->timer = 0;
	stop(skill);
}

static void take_answer(struct skill *skill, const struct skill_line *line)
{
	const enum skill_offence offence = judge(skill, line);

	if (offence != SKILL_FINE) {
		offend(skill, offence);
		return;
	}
	end_question(skill, REASON_NONE, line->words, line->effect);
	go_on(skill);
	if (skill->box && !skill->is_asked)
		set_timer(skill, HOST_IDLE_MS, on_idle);
}

static void on_line(void *context, const char *bytes, size_t size)
{
	struct skill *skill = context;
	struct skill_line line;
	enum skill_offence offence = skill_line_read(bytes, size, &line);

	if (offence == SKILL_FINE &&
	    (!skill->is_asked || skill->is_fetching || line.ask != skill->numbers))
		offence = SKILL_NOBODY_ASKED;
	if (offence != SKILL_FINE)
		offend(skill, offence);
	else if (line.is_fetch)
		fetch(skill, line.url);
	else
		take_answer(skill, &line);
}

static void on_offended(void *context, enum skill_offence offence)
{
	offend(context, offence);
}

static void on_ended(void *context, int status)
{
	struct skill *skill = context;

	(void)status;
	if (skill->is_asked) {
		offend(skill, SKILL_ENDED);
		return;
	}
	stop(skill);
	go_on(skill);
}

/* --- asking ----------------------------------------------------------------------------- */

static unsigned memory_in_use(const struct host *host)
{
	unsigned memory_mb = 0;

	for (size_t i = 0; i < SKILLS_MAX; i++)
		if (host->skills[i].host && host->skills[i].box)
			memory_mb += host->skills[i].manifest.memory_mb;
	return memory_mb;
}

/* Ends those that nobody asks anything now, as far as it takes. False: all are asked. */
static bool make_room(struct host *host, unsigned memory_mb)
{
	for (size_t i = 0; i < SKILLS_MAX; i++) {
		struct skill *other = &host->skills[i];

		if (memory_in_use(host) + memory_mb <= HOST_MEMORY_MB_MAX)
			return true;
		if (other->host && other->box && !other->is_asked)
			stop(other);
	}
	return memory_in_use(host) + memory_mb <= HOST_MEMORY_MB_MAX;
}

static enum err start(struct skill *skill, struct err_note *note)
{
	const struct box_listener listener = {skill, on_line, on_offended, on_ended};
	struct box_plan plan = {.program = skill->manifest.program,
				.memory_mb = skill->manifest.memory_mb};
	char folder[FILE_PATH_BYTES];
	enum err err = skill_folder_path(skill->host->parts.data, skill->name,
					 skill->hash, folder, note);

	plan.folder = folder;
	skill->numbers = 0;
	if (!err && !make_room(skill->host, skill->manifest.memory_mb))
		err = err_say(ERR_BUSY, note, "others are asked, and there is no memory");
	return err ? err
		   : box_start(skill->host->parts.loop, &plan, &listener, &skill->box,
			       note);
}

static enum err put_question(struct skill *skill)
{
	const struct question *question = &skill->queue[0];
	struct buf line;
	enum err err;

	buf_init(&line, SKILL_HOST_LINE_BYTES_MAX);
	err = skill_line_ask(++skill->numbers, question->intent, question->slots, &line);
	if (!err)
		err = box_write(skill->box, line.bytes, line.size);
	buf_finish(&line);
	return err;
}

/* Are the files those that were approved? */
static bool is_same(struct skill *skill)
{
	char folder[FILE_PATH_BYTES];
	struct err_note note = {""};
	enum err err = skill_folder_path(skill->host->parts.data, skill->name,
					 skill->hash, folder, &note);

	if (!err)
		err = skill_folder_check(folder, skill->hash, &skill->manifest, &note);
	if (!err && !str_equal(skill->manifest.name, skill->name))
		err = ERR_AUTH;
	if (!err)
		return true;
	log_line("skills: %s: %s", skill->name, note.text);
	return false;
}

/* Why it cannot be asked now; NONE: it can. */
static enum reason stands_against(struct skill *skill)
{
	if (skill->state == HOST_UNSAFE)
		return REASON_SKILL_FAILED;
	/* An owner who approves the same files again lifts it. */
	if (skill->state == HOST_SUSPENDED && is_marked(skill))
		return REASON_SKILL_SUSPENDED;
	if (skill->state == HOST_SUSPENDED)
		tell(skill, HOST_READY, "");
	if (is_same(skill)) {
		skill->state = HOST_READY;
		return REASON_NONE;
	}
	if (skill->state != HOST_CHANGED)
		tell(skill, HOST_CHANGED, "has other files than were approved");
	skill->state = HOST_CHANGED;
	stop(skill);
	return REASON_SKILL_CHANGED;
}

/* Asks what waits, if nothing is before it. */
static void go_on(struct skill *skill)
{
	struct err_note note = {""};

	while (skill->queue_count > 0 && !skill->is_asked) {
		enum reason reason = stands_against(skill);

		if (reason == REASON_NONE &&
		    !skill_manifest_intent(&skill->manifest, skill->queue[0].intent))
			reason = REASON_NO_ACTION;
		if (reason == REASON_NONE &&
		    ((!skill->box && start(skill, &note)) || put_question(skill))) {
			log_line("skills: %s: %s", skill->name, note.text);
			reason = REASON_SKILL_FAILED;
		}
		if (reason != REASON_NONE) {
			end_question(skill, reason, "", SKILL_EFFECT_NONE);
			continue;
		}
		skill->is_asked = true;
		skill->fetches = 0;
		box_asked(skill->box);
		set_timer(skill, skill->host->parts.answer_ms, on_late);
	}
}

static struct skill *find(struct host *host, const char *name)
{
	for (size_t i = 0; i < SKILLS_MAX; i++)
		if (host->skills[i].host && str_equal(host->skills[i].name, name))
			return &host->skills[i];
	return NULL;
}

void host_ask(struct host *host, const struct host_question *asked)
{
	struct skill *skill = find(host, asked->skill);
	struct question question = {.token = asked->token};

	if (!skill ||
	    !str_copy(question.intent, sizeof(question.intent), asked->intent) ||
	    !str_copy(question.slots, sizeof(question.slots), asked->slots)) {
		answer(host, asked->token, REASON_NO_ACTION, "", SKILL_EFFECT_NONE);
		return;
	}
	if (skill->queue_count == HOST_QUEUE_MAX) {
		answer(host, asked->token, REASON_SKILL_FAILED, "", SKILL_EFFECT_NONE);
		return;
	}
	skill->queue[skill->queue_count++] = question;
	go_on(skill);
}

void host_forget_asked(struct host *host)
{
	for (size_t i = 0; i < SKILLS_MAX; i++)
		for (size_t q = 0; q < host->skills[i].queue_count; q++)
			host->skills[i].queue[q].token = 0;
}

/* --- which there are -------------------------------------------------------------------- */

static void leave(struct skill *skill)
{
	stop(skill);
	end_all(skill, REASON_NO_ACTION);
	memset(skill, 0, sizeof(*skill));
}

/* In its place, or a free one; another hash is another skill. */
static struct skill *place_for(struct host *host, const char *name,
			       const uint8_t hash[SKILL_HASH_BYTES])
{
	struct skill *skill = find(host, name);

	if (skill && memcmp(skill->hash, hash, SKILL_HASH_BYTES) == 0)
		return skill;
	if (skill)
		leave(skill);
	for (size_t i = 0; i < SKILLS_MAX; i++)
		if (!host->skills[i].host)
			return &host->skills[i];
	return NULL;
}

static void admit(struct host *host, struct skill *skill, const char *name,
		  const uint8_t hash[SKILL_HASH_BYTES])
{
	skill->host = host;
	must(str_copy(skill->name, sizeof(skill->name), name));
	memcpy(skill->hash, hash, SKILL_HASH_BYTES);
	if (host->parts.unsafe) {
		skill->state = HOST_UNSAFE;
		tell(skill, HOST_UNSAFE, "cannot be shut in on this machine");
	} else if (is_marked(skill)) {
		skill->state = HOST_SUSPENDED;
		tell(skill, HOST_SUSPENDED, "was suspended before");
	} else if (is_same(skill)) {
		tell(skill, HOST_READY, "");
	} else {
		skill->state = HOST_CHANGED;
		tell(skill, HOST_CHANGED, "has other files than were approved");
	}
}

/* An owner who approves the same files again puts them there again, and lifts a
 * suspension. */
static void look_again(struct skill *skill)
{
	if ((skill->state != HOST_CHANGED || !is_same(skill)) &&
	    (skill->state != HOST_SUSPENDED || is_marked(skill)))
		return;
	skill->state = HOST_READY;
	tell(skill, HOST_READY, "");
}

void host_allow(struct host *host, bool first, bool last, const char *name,
		const uint8_t hash[SKILL_HASH_BYTES])
{
	struct skill *skill = NULL;

	for (size_t i = 0; first && i < SKILLS_MAX; i++)
		host->skills[i].is_listed = false;
	if (skill_is_name(name))
		skill = place_for(host, name, hash);
	if (skill && !skill->host)
		admit(host, skill, name, hash);
	else if (skill)
		look_again(skill);
	if (skill)
		skill->is_listed = true;
	for (size_t i = 0; last && i < SKILLS_MAX; i++)
		if (host->skills[i].host && !host->skills[i].is_listed)
			leave(&host->skills[i]);
}

bool host_wants_pages(const struct host *host)
{
	for (size_t i = 0; i < SKILLS_MAX; i++)
		if (host->skills[i].host && (host->skills[i].manifest.host_count > 0 ||
					     host->parts.test_port != 0))
			return true;
	return false;
}

enum err host_create(const struct host_parts *parts, struct host **out_host)
{
	struct host *host = calloc(1, sizeof(*host));

	if (!host)
		return ERR_MEMORY;
	host->parts = *parts;
	*out_host = host;
	return OK;
}

void host_destroy(struct host *host)
{
	if (!host)
		return;
	for (size_t i = 0; i < SKILLS_MAX; i++)
		if (host->skills[i].host)
			leave(&host->skills[i]);
	free(host);
}
