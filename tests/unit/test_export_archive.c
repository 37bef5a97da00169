/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_export_archive - the command line's side of an export, against a keeper that says what
 * it should, and what no keeper of ours says: then there is no archive, and the line says why.
 */
#include "unit/cmocka_all.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"
#include "cli/export_archive.h"
#include "cli/export_stream.h"

enum {
	ROUND_MS = 1000,
	PIECE_BYTES = 60000,
	PIECES = 6, /* together more than is taken without saying so */
	ARCHIVE_BYTES_MAX = 1024 * 1024,
};

/* What it says once it is asked for an archive. */
struct said {
	enum wire_type type;
	const void *fields;
};

struct keeper {
	char folder[64];
	char path[FILE_PATH_BYTES];
	struct loop *loop;
	struct link_server *server;
	const struct said *script;
	size_t count;
	bool ends_at_once;  /* before it is asked anything */
	bool ends_behind;   /* what it said */
	size_t taken_bytes; /* of its data, as it was told */
	size_t taken_times;
	bool is_over;
};

static void say_all(struct keeper *keeper, struct link *link)
{
	for (size_t i = 0; i < keeper->count; i++)
		assert_int_equal(link_send(link, keeper->script[i].type,
					   keeper->script[i].fields),
				 OK);
}

static void on_opened(void *context, struct link *link)
{
	struct keeper *keeper = context;

	if (!keeper->ends_at_once)
		return;
	keeper->is_over = true;
	link_close(link);
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct keeper *keeper = context;

	if (message->type == WIRE_export_more) {
		keeper->taken_bytes += message->export_more.bytes;
		keeper->taken_times++;
		return;
	}
	assert_int_equal(message->type, WIRE_export_begin);
	say_all(keeper, link);
	if (keeper->ends_behind) {
		keeper->is_over = true;
		link_close(link);
	}
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct keeper *keeper = context;

	(void)link;
	(void)err;
	(void)why;
	keeper->is_over = true;
}

static void *serve(void *context)
{
	struct keeper *keeper = context;

	while (!keeper->is_over)
		assert_int_equal(loop_run_once(keeper->loop, ROUND_MS), OK);
	return NULL;
}

/* --- an export -------------------------------------------------------------------------- */

struct outcome {
	enum err err;
	struct export_made made;
	struct err_note note;
	struct buf archive;
};

static enum err add_bytes(void *context, const void *bytes, size_t size)
{
	return buf_add(context, bytes, size);
}

/* most: bytes that the target takes. */
static void make_export(struct keeper *keeper, const struct export_request *request,
			size_t most, struct outcome *to)
{
	const struct sink target = {&to->archive, add_bytes};
	const struct link_listener listener = {keeper, on_opened, on_message, on_closed};
	struct link_client *client = NULL;
	pthread_t thread;

	memset(to, 0, sizeof(*to));
	buf_init(&to->archive, most);
	assert_true(str_copy(keeper->folder, sizeof(keeper->folder),
			     "/tmp/behest-made-XXXXXX"));
	assert_non_null(mkdtemp(keeper->folder));
	assert_true(
		file_join(keeper->path, sizeof(keeper->path), keeper->folder, "socket"));
	assert_int_equal(loop_create(&keeper->loop), OK);
	assert_int_equal(link_listen(keeper->loop, keeper->path, WIRE_LINK_OWNER_KEEPER,
				     WIRE_PARTY_KEEPER, "house", &listener,
				     &keeper->server, NULL),
			 OK);
	assert_int_equal(pthread_create(&thread, NULL, serve, keeper), 0);
	assert_int_equal(link_client_open(keeper->path, WIRE_LINK_OWNER_KEEPER,
					  WIRE_PARTY_OWNER, "x", -1, &client, &to->note),
			 OK);
	if (keeper->ends_at_once) /* and has ended, then */
		assert_int_equal(pthread_join(thread, NULL), 0);
	to->err = export_archive_write(client, request, &target, &to->made, &to->note);
	link_client_close(client);
	if (!keeper->ends_at_once)
		assert_int_equal(pthread_join(thread, NULL), 0);
	link_server_destroy(keeper->server);
	loop_destroy(keeper->loop);
	assert_int_equal(rmdir(keeper->folder), 0);
}

static void expect_none(struct keeper *keeper, enum err err, const char *words)
{
	const struct export_request plain = {.by_room = false};
	struct outcome outcome;

	make_export(keeper, &plain, ARCHIVE_BYTES_MAX, &outcome);
	assert_int_equal(outcome.err, err);
	if (!strstr(outcome.note.text, words))
		fail_msg("no \"%s\" in: %s", words, outcome.note.text);
	buf_finish(&outcome.archive);
}

/* --- what it says ----------------------------------------------------------------------- */

static const struct wire_export_plan PLAN = {.recordings = 2,
					     .left_out = 1,
					     .bytes = 1000};
static const struct wire_export_over OVER = {.event = 77};

/* A stream of one small file. */
static struct wire_export_data small_file(uint8_t bytes[PIECE_BYTES])
{
	struct pack pack;

	pack_init(&pack, bytes, PIECE_BYTES);
	pack_u8(&pack, 1);
	pack_text(&pack, "a/b");
	pack_i64(&pack, 1000);
	pack_u64(&pack, 3);
	pack_u32(&pack, 3);
	pack_bytes(&pack, "abc", 3);
	pack_u32(&pack, 0);
	pack_u8(&pack, 0);
	return (struct wire_export_data){.bytes = {bytes, pack.size}};
}

static void what_the_keeper_sends_is_an_archive(void **state)
{
	uint8_t bytes[PIECE_BYTES];
	const struct wire_export_data data = small_file(bytes);
	const struct said script[] = {{WIRE_export_plan, &PLAN},
				      {WIRE_export_data, &data},
				      {WIRE_export_over, &OVER}};
	const struct export_request plain = {.by_room = true};
	struct keeper keeper = {.script = script, .count = STR_COUNT(script)};
	struct outcome outcome;

	(void)state;
	make_export(&keeper, &plain, ARCHIVE_BYTES_MAX, &outcome);
	assert_int_equal(outcome.err, OK);
	assert_int_equal(outcome.made.recordings, 2);
	assert_int_equal(outcome.made.left_out, 1);
	assert_int_equal(outcome.made.bytes, outcome.archive.size);
	assert_int_equal(outcome.made.event, 77);
	assert_string_equal(outcome.made.reason, "");
	assert_memory_equal(outcome.archive.bytes, "PK", 2);
	assert_int_equal(keeper.taken_times, 0); /* it may send that much unasked */
	buf_finish(&outcome.archive);
}

/* It sends no more than was taken, so it has to be told; also when it said it would be less. */
static void what_was_taken_is_told_to_the_keeper(void **state)
{
	static uint8_t bytes[PIECES][PIECE_BYTES];
	struct wire_export_data data[PIECES];
	struct said script[PIECES + 2] = {{WIRE_export_plan, &PLAN}};
	struct keeper keeper = {.script = script, .count = STR_COUNT(script)};
	const struct export_request plain = {.by_room = false};
	struct outcome outcome;
	size_t sent = 0;

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		struct pack pack;
		size_t fill;

		pack_init(&pack, bytes[i], PIECE_BYTES);
		if (i == 0) {
			pack_u8(&pack, 1);
			pack_text(&pack, "a");
			pack_i64(&pack, 1000);
			pack_u64(&pack, EXPORT_STREAM_SIZE_UNKNOWN);
		}
		fill = PIECE_BYTES - pack.size - 3 * sizeof(uint32_t);
		pack_u32(&pack, (uint32_t)fill);
		memset(bytes[i] + pack.size, 'x', fill);
		pack.size += fill;
		if (i == PIECES - 1) {
			pack_u32(&pack, 0);
			pack_u8(&pack, 0);
		}
		sent += pack.size;
		data[i] = (struct wire_export_data){.bytes = {bytes[i], pack.size}};
		script[i + 1] = (struct said){WIRE_export_data, &data[i]};
	}
	script[PIECES + 1] = (struct said){WIRE_export_over, &OVER};
	make_export(&keeper, &plain, ARCHIVE_BYTES_MAX, &outcome);
	assert_int_equal(outcome.err, OK);
	assert_int_equal(keeper.taken_times, 1);
	assert_true(keeper.taken_bytes >= 256 * 1024 && keeper.taken_bytes <= sent);
	buf_finish(&outcome.archive);
}

/* --- what it does not say --------------------------------------------------------------- */

static void what_comes_out_of_turn_is_no_archive(void **state)
{
	uint8_t bytes[PIECE_BYTES];
	const struct wire_export_data data = small_file(bytes);
	const struct wire_export_data half = {.bytes = {bytes, data.bytes.size - 1}};
	const struct wire_done done = {.token = 1};
	const struct {
		struct said script[4];
		size_t count;
		const char *words;
	} wrong[] = {
		{{{WIRE_export_data, &data}}, 1, "sent files unannounced"},
		{{{WIRE_export_over, &OVER}}, 1, "archive is not whole"},
		{{{WIRE_export_plan, &PLAN}, {WIRE_export_over, &OVER}},
		 2,
		 "archive is not whole"},
		{{{WIRE_export_plan, &PLAN},
		  {WIRE_export_data, &half},
		  {WIRE_export_over, &OVER}},
		 3,
		 "archive is not whole"},
		{{{WIRE_export_plan, &PLAN},
		  {WIRE_export_data, &data},
		  {WIRE_export_data, &data}},
		 3,
		 ""},
		{{{WIRE_export_plan, &PLAN}, {WIRE_export_plan, &PLAN}},
		 2,
		 "an unexpected answer: export_plan"},
		{{{WIRE_done, &done}}, 1, "an unexpected answer: done"},
	};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(wrong); i++) {
		struct keeper keeper = {.script = wrong[i].script,
					.count = wrong[i].count};

		expect_none(&keeper, ERR_FORMAT, wrong[i].words);
	}
}

/* Before the first byte or behind many: what the target got is nothing. */
static void a_keeper_that_stops_is_quoted(void **state)
{
	static const struct {
		uint32_t said;
		enum err err;
	} errors[] = {{ERR_AUTH, ERR_DENIED}, {ERR_IO, ERR_IO}, {4711, ERR_FORMAT}};
	const struct export_request plain = {.by_room = false};

	(void)state;
	for (size_t i = 0; i < STR_COUNT(errors); i++) {
		const struct wire_export_over over = {.err = errors[i].said,
						      .reason = "ROW_MISSING",
						      .words = "one of them is gone"};
		const struct said script[] = {{WIRE_export_plan, &PLAN},
					      {WIRE_export_over, &over}};
		struct keeper keeper = {.script = script, .count = STR_COUNT(script)};
		struct outcome outcome;

		make_export(&keeper, &plain, ARCHIVE_BYTES_MAX, &outcome);
		assert_int_equal(outcome.err, errors[i].err);
		assert_string_equal(outcome.made.reason, "ROW_MISSING");
		assert_non_null(strstr(outcome.note.text, "no archive was made "
							  "(ROW_MISSING): one of them"));
		buf_finish(&outcome.archive);
	}
}

static void a_refusal_is_quoted(void **state)
{
	const struct wire_refused refused = {.err = ERR_DENIED,
					     .reason = "EXPORT_FROZEN",
					     .words = "an incident is open"};
	const struct said script[] = {{WIRE_refused, &refused}};
	const struct export_request plain = {.by_room = false};
	struct keeper keeper = {.script = script, .count = STR_COUNT(script)};
	struct outcome outcome;

	(void)state;
	make_export(&keeper, &plain, ARCHIVE_BYTES_MAX, &outcome);
	assert_int_equal(outcome.err, ERR_DENIED);
	assert_string_equal(outcome.made.reason, "EXPORT_FROZEN");
	assert_string_equal(outcome.note.text, "an incident is open");
	assert_int_equal(outcome.archive.size, 0);
	buf_finish(&outcome.archive);
}

static void a_keeper_that_is_gone_is_said(void **state)
{
	const struct said script[] = {{WIRE_export_plan, &PLAN}};
	struct keeper behind = {.script = script,
				.count = STR_COUNT(script),
				.ends_behind = true};
	struct keeper before = {.ends_at_once = true};

	(void)state;
	expect_none(&behind, ERR_CLOSED, "");
	expect_none(&before, ERR_CLOSED, "");
}

/* --- where it goes ---------------------------------------------------------------------- */

/* In front of age as well, which begins before the archive does. */
static void a_target_that_is_full_ends_it(void **state)
{
	static const char KEY[] =
		"age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
	uint8_t bytes[PIECE_BYTES];
	const struct wire_export_data data = small_file(bytes);
	const struct said script[] = {{WIRE_export_plan, &PLAN},
				      {WIRE_export_data, &data},
				      {WIRE_export_over, &OVER}};
	struct export_request request = {.recipient_count = 1};

	(void)state;
	assert_int_equal(age_recipient_read(KEY, &request.recipients[0], NULL), OK);
	for (size_t with = 0; with < 2; with++) {
		struct keeper keeper = {.script = script, .count = STR_COUNT(script)};
		struct outcome outcome;

		request.recipient_count = with;
		make_export(&keeper, &request, 0, &outcome);
		assert_int_equal(outcome.err, ERR_LIMIT);
		assert_int_equal(outcome.archive.size, 0);
		buf_finish(&outcome.archive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_keeper_sends_is_an_archive),
		cmocka_unit_test(what_was_taken_is_told_to_the_keeper),
		cmocka_unit_test(what_comes_out_of_turn_is_no_archive),
		cmocka_unit_test(a_keeper_that_stops_is_quoted),
		cmocka_unit_test(a_refusal_is_quoted),
		cmocka_unit_test(a_keeper_that_is_gone_is_said),
		cmocka_unit_test(a_target_that_is_full_ends_it),
	};

	if (seal_init() != OK)
		return 1;
	return cmocka_run_group_tests_name("export_archive", tests, NULL, NULL);
}
