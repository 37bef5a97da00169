/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest-skills - runs the programs of others that an owner approved, each in a box of its
 * own, and hands their words to the hub.
 *
 * It has no key, no sound, no recording, no link to the keeper and no network: pages come
 * through the gate, from hosts that the owner saw. What it is told of a request is an
 * intent of the skill's own sentences and its slots.
 */
#include <string.h>
#include <sys/stat.h>

#include "adapter/link_unix.h"
#include "adapter/sandbox_linux.h"
#include "adapter/settings_file.h"
#include "adapter/skill_line.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/must.h"
#include "base/program.h"
#include "base/seal.h"
#include "base/str.h"
#include "skills/box.h"
#include "skills/host.h"

enum { RETRY_MS = 250, RETRY_MAX_MS = 8000 };

/* A link that is made again whenever it is lost. */
struct peer {
	struct skills *skills;
	const char *name;
	enum wire_link kind;
	char socket[FILE_PATH_BYTES];
	struct link *link; /* NULL while the other is away */
	bool is_open;
	int64_t retry_ms;
};

struct skills {
	struct loop *loop;
	struct settings settings;
	struct host *host;
	struct peer hub;
	struct peer gate;
	struct err_note unsafe;
	uint64_t page_token; /* of the page that is coming; 0: none */
	struct buf page;
};

static const char USAGE[] =
	"usage: behest-skills --data DIR [--run DIR] [--check]\n"
	"Runs the skills that an owner approved, each in a box. Usually started by\n"
	"`behest up`. --check: only say whether a box can be shut on this machine. Reads\n"
	"DIR/behest.conf; see behest-skills(8).\n";

static void connect_peer(void *context);

static void try_later(struct peer *peer)
{
	if (loop_after(peer->skills->loop, peer->retry_ms, connect_peer, peer, NULL))
		log_line("skills: cannot set a timer");
	peer->retry_ms =
		peer->retry_ms * 2 < RETRY_MAX_MS ? peer->retry_ms * 2 : RETRY_MAX_MS;
}

/* --- pages ------------------------------------------------------------------------------ */

/* One page at a time: another's pieces in between are of nobody. */
static void take_page(struct skills *skills, const struct wire_skill_page *page)
{
	struct host_page whole = {.token = page->token, .status = page->status};

	if (skills->page_token != page->token)
		buf_clear(&skills->page);
	skills->page_token = page->token;
	if (page->reason[0])
		whole.reason = page->reason;
	else if (buf_add(&skills->page, page->bytes.bytes, page->bytes.size))
		whole.reason = "LONG";
	if (!page->last && !whole.reason)
		return;
	whole.body = skills->page.bytes ? (const void *)skills->page.bytes : "";
	whole.size = skills->page.size;
	skills->page_token = 0;
	host_page(skills->host, &whole);
	buf_clear(&skills->page);
}

static enum err fetch(void *context, uint64_t token, const char *skill, const char *url)
{
	struct skills *skills = context;
	struct wire_skill_fetch fetch = {.token = token};

	if (!skills->gate.is_open)
		return ERR_CLOSED;
	if (!str_copy(fetch.skill, sizeof(fetch.skill), skill) ||
	    !str_copy(fetch.url, sizeof(fetch.url), url))
		return ERR_LIMIT;
	return link_send_skill_fetch(skills->gate.link, &fetch);
}

/* --- the hub ---------------------------------------------------------------------------- */

static void answered(void *context, const struct host_answer *answer)
{
	struct skills *skills = context;
	struct wire_skill_answer told = {.token = answer->token};

	must(str_copy(told.reason, sizeof(told.reason), reason_code(answer->reason)));
	must(str_copy(told.effect, sizeof(told.effect),
		      skill_effect_text(answer->effect)));
	must(str_copy(told.words, sizeof(told.words), answer->words));
	if (skills->hub.is_open && link_send_skill_answer(skills->hub.link, &told))
		log_line("skills: the hub could not be told");
	seal_wipe(&told, sizeof(told));
}

static void told(void *context, const char *skill, enum host_state state, const char *why)
{
	struct skills *skills = context;
	struct wire_skill_told told = {.unused = 0};

	must(str_copy(told.name, sizeof(told.name), skill));
	must(str_copy(told.state, sizeof(told.state), host_state_text(state)));
	must(str_copy(told.why, sizeof(told.why), why));
	if (skills->hub.is_open && link_send_skill_told(skills->hub.link, &told))
		log_line("skills: the hub could not be told");
}

static void take_allowed(struct skills *skills, const struct wire_skill_allow *allow)
{
	static const uint8_t NONE[SKILL_HASH_BYTES];

	host_allow(skills->host, allow->first, allow->last, allow->name,
		   allow->hash.size == SKILL_HASH_BYTES ? allow->hash.bytes : NONE);
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct peer *peer = context;
	struct skills *skills = peer->skills;
	const struct wire_skill_ask *ask = &message->skill_ask;

	(void)link;
	/* The table of rights lets nothing else through. */
	if (message->type == WIRE_skill_allow)
		take_allowed(skills, &message->skill_allow);
	else if (message->type == WIRE_skill_page)
		take_page(skills, &message->skill_page);
	else if (message->type == WIRE_skill_ask)
		host_ask(skills->host, &(struct host_question){ask->token, ask->skill,
							       ask->intent, ask->slots});
}

/* --- links ------------------------------------------------------------------------------ */

static void on_opened(void *context, struct link *link)
{
	struct peer *peer = context;

	(void)link;
	peer->is_open = true;
	peer->retry_ms = RETRY_MS;
	log_line("skills: connected to the %s", peer->name);
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct peer *peer = context;

	(void)link;
	(void)err;
	if (peer->is_open)
		log_line("skills: the %s is gone why=\"%s\"", peer->name, why);
	peer->is_open = false;
	peer->link = NULL;
	if (peer == &peer->skills->hub)
		host_forget_asked(peer->skills->host);
	try_later(peer);
}

static void connect_peer(void *context)
{
	struct peer *peer = context;
	const struct link_listener listener = {peer, on_opened, on_message, on_closed};

	if (link_connect(peer->skills->loop, peer->socket, peer->kind, WIRE_PARTY_SKILLS,
			 "skills", &listener, &peer->link, NULL))
		try_later(peer);
}

static enum err prepare_peer(struct skills *skills, const struct program *program,
			     const char *folder, struct peer *peer, struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	peer->skills = skills;
	peer->retry_ms = RETRY_MS;
	peer->name = folder;
	if (!file_join(path, sizeof(path), program->run, folder) ||
	    !file_join(peer->socket, sizeof(peer->socket), path, "skills.sock"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", program->run);
	return OK;
}

/* --- the program ------------------------------------------------------------------------ */

static enum err open_host(struct skills *skills, const struct program *program)
{
	const struct host_parts parts = {
		.loop = skills->loop,
		.data = program->data,
		.wake_word = skills->settings.wake_word,
		.answer_ms = skills->settings.skills_answer_ms,
		.test_port = (uint16_t)skills->settings.skills_test_port,
		.unsafe = skills->unsafe.text[0] ? skills->unsafe.text : NULL,
		.context = skills,
		.answered = answered,
		.told = told,
		.fetch = fetch,
	};

	return host_create(&parts, &skills->host);
}

/* No skill runs where none can be shut in; the house is up all the same. */
static void try_box(struct skills *skills)
{
	if (box_try(&skills->unsafe) == OK)
		return;
	log_line("skills: none runs, because none can be shut in on this machine: %s",
		 skills->unsafe.text);
}

static enum err begin(struct skills *skills, const struct program *program,
		      struct err_note *note)
{
	char config[FILE_PATH_BYTES];
	enum err err = seal_init();

	skills->hub.kind = WIRE_LINK_SKILLS_HUB;
	skills->gate.kind = WIRE_LINK_SKILLS_GATE;
	buf_init(&skills->page, SKILL_BODY_BYTES_MAX);
	if (!err && !file_join(config, sizeof(config), program->data, "behest.conf"))
		err = err_say(ERR_LIMIT, note, "%s: the path is too long", program->data);
	if (!err)
		err = settings_file_read(config, false, &skills->settings, note);
	if (!err)
		err = prepare_peer(skills, program, "hub", &skills->hub, note);
	if (!err)
		err = prepare_peer(skills, program, "gate", &skills->gate, note);
	if (!err)
		err = sandbox_leave_network(note);
	if (!err)
		try_box(skills);
	if (!err)
		err = loop_create(&skills->loop);
	if (!err)
		err = loop_stop_on_signals(skills->loop);
	return err ? err : open_host(skills, program);
}

static int check(void)
{
	struct err_note note = {""};

	if (box_try(&note) == OK)
		return PROGRAM_DONE;
	log_line("%s", note.text);
	return PROGRAM_FAILED;
}

int main(int count, char **words)
{
	static struct program_option options[] = {{.name = "check", .is_flag = true}};
	static struct program program = {.name = "behest-skills",
					 .usage = USAGE,
					 .options = options,
					 .option_count = STR_COUNT(options)};
	static struct skills skills;
	struct err_note note = {""};
	int status = PROGRAM_FAILED;
	enum err err;

	log_name(program.name);
	(void)umask(0077);
	if (!program_read(&program, count, words, &status))
		return status;
	if (options[0].value)
		return check();
	err = begin(&skills, &program, &note);
	if (!err) {
		log_line("skills: ready");
		connect_peer(&skills.hub);
		if (str_equal(skills.settings.skills_fetch, "yes"))
			connect_peer(&skills.gate);
		err = loop_run(skills.loop);
	}
	if (err)
		log_line("skills: %s", note.text[0] ? note.text : err_words(err));
	host_destroy(skills.host);
	link_close(skills.hub.link);
	link_close(skills.gate.link);
	buf_finish(&skills.page);
	loop_destroy(skills.loop);
	return err ? PROGRAM_FAILED : PROGRAM_DONE;
}
