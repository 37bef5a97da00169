/* SPDX-License-Identifier: Apache-2.0 */
/* lone_keeper - see the header. */
#include "e2e/lone_keeper.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/str.h"
#include "domain/audio.h"
#include "e2e/process.h"
#include "folder.h"

enum { STEP_MS = 1, CODE_BYTES = 64, LOG_BYTES_MAX = 1 << 20 };

static const char PASSPHRASE[] = "correct horse battery";

static const int16_t *sound(void)
{
	static int16_t samples[LONE_KEEPER_SAMPLES];

	for (size_t i = 0; i < LONE_KEEPER_SAMPLES; i++)
		samples[i] = (int16_t)(i * 37);
	return samples;
}

/* --- the program ------------------------------------------------------------------------ */

void lone_keeper_start(struct lone_keeper *keeper)
{
	const char *const words[] = {process_program("behest-keeper"), "--data",
				     keeper->data, NULL};

	keeper->pid = process_start(words, keeper->log);
}

void lone_keeper_kill(struct lone_keeper *keeper)
{
	const int status = process_end(&keeper->pid, SIGKILL);

	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void fail_with_log(const struct lone_keeper *keeper)
{
	struct buf log;

	if (file_read(keeper->log, LOG_BYTES_MAX, &log, NULL) == OK)
		print_message("%s\n", (const char *)log.bytes);
	fail_msg("the keeper ended by itself");
}

static struct link_client *link_to(struct lone_keeper *keeper, const char *socket,
				   enum wire_link kind, enum wire_party party)
{
	const int64_t began_ms = loop_now_ms();
	struct link_client *client = NULL;
	char path[FILE_PATH_BYTES];
	int status = 0;

	assert_true(file_join(path, sizeof(path), keeper->data, socket));
	while (link_client_open(path, kind, party, "test", LONE_KEEPER_ANSWER_MS, &client,
				NULL) != OK) {
		if (process_is_over(&keeper->pid, &status))
			fail_with_log(keeper);
		assert_true(loop_now_ms() - began_ms < LONE_KEEPER_ANSWER_MS);
		(void)poll(NULL, 0, STEP_MS);
	}
	return client;
}

struct link_client *lone_keeper_hub(struct lone_keeper *keeper)
{
	const int64_t began_ms = loop_now_ms();
	struct link_client *client = link_to(keeper, "run/keeper/hub.sock",
					     WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB);
	const int64_t took_ms = loop_now_ms() - began_ms;

	keeper->starts++;
	keeper->start_ms_sum += took_ms;
	if (took_ms > keeper->start_ms_max)
		keeper->start_ms_max = took_ms;
	return client;
}

struct link_client *lone_keeper_owner(struct lone_keeper *keeper)
{
	return link_to(keeper, "run/keeper/owner.sock", WIRE_LINK_OWNER_KEEPER,
		       WIRE_PARTY_OWNER);
}

const struct wire_message *lone_keeper_ask(struct link_client *client,
					   enum wire_type type, const void *fields)
{
	const struct wire_message *message = NULL;

	assert_int_equal(link_client_send(client, type, fields, NULL), OK);
	assert_int_equal(link_client_wait(client, LONE_KEEPER_ANSWER_MS, &message, NULL),
			 OK);
	return message;
}

bool lone_keeper_unlock(struct link_client *client, const char *passphrase)
{
	struct wire_unlock unlock = {.owner = "alice"};
	const struct wire_message *answer;

	assert_true(str_copy(unlock.passphrase, sizeof(unlock.passphrase), passphrase));
	answer = lone_keeper_ask(client, WIRE_unlock, &unlock);
	assert_true(answer->type == WIRE_unlocked || answer->type == WIRE_refused);
	return answer->type == WIRE_unlocked;
}

struct link_client *lone_keeper_sign_in(struct lone_keeper *keeper)
{
	struct link_client *client = lone_keeper_owner(keeper);

	assert_true(lone_keeper_unlock(client, keeper->passphrase));
	return client;
}

/* --- a house ---------------------------------------------------------------------------- */

static void make_owner(struct lone_keeper *keeper)
{
	struct link_client *client = lone_keeper_owner(keeper);
	struct wire_owner_create create = {.name = "alice"};
	char path[FILE_PATH_BYTES];
	struct buf code;

	assert_true(file_join(path, sizeof(path), keeper->data, "keeper/owner.code"));
	assert_int_equal(file_read(path, CODE_BYTES, &code, NULL), OK);
	assert_true(str_copy_bytes(create.code, sizeof(create.code), (char *)code.bytes,
				   code.size));
	str_trim(create.code);
	buf_finish(&code);
	assert_true(str_copy(create.passphrase, sizeof(create.passphrase),
			     keeper->passphrase));
	assert_int_equal(lone_keeper_ask(client, WIRE_owner_create, &create)->type,
			 WIRE_owner_created);
	link_client_close(client);
}

void lone_keeper_begin(struct lone_keeper *keeper, const char *folder)
{
	const struct wire_room_set room = {.room = "kitchen",
					   .capabilities = MAY_ALL,
					   .is_private = 1};
	const struct wire_message *message;
	struct link_client *client;

	memset(keeper, 0, sizeof(*keeper));
	assert_true(str_copy(keeper->passphrase, sizeof(keeper->passphrase), PASSPHRASE));
	assert_true(str_copy(keeper->data, sizeof(keeper->data),
			     folder ? folder : "/tmp/behest-lone-XXXXXX"));
	assert_true(folder || mkdtemp(keeper->data));
	assert_true(str_format(keeper->log, sizeof(keeper->log), "%s.log", keeper->data));
	lone_keeper_start(keeper);
	make_owner(keeper);
	client = lone_keeper_sign_in(keeper);
	message = lone_keeper_ask(client, WIRE_room_set, &room);
	assert_int_equal(message->type, WIRE_done);
	assert_int_equal(message->done.err, OK);
	link_client_close(client);
}

void lone_keeper_end(struct lone_keeper *keeper)
{
	if (keeper->pid != 0)
		assert_int_equal(process_end(&keeper->pid, SIGTERM), 0);
	(void)folder_remove(keeper->data);
	(void)unlink(keeper->log);
}

/* --- recordings ------------------------------------------------------------------------- */

void lone_keeper_send_recording(struct link_client *client, uint64_t token, uint64_t turn)
{
	const struct wire_seal_begin begin = {.token = token,
					      .turn = turn,
					      .room = "kitchen",
					      .transcript = "turn the lantern on",
					      .samples = LONE_KEEPER_SAMPLES};
	const struct wire_seal_sound piece = {
		.token = token,
		.pcm = wire_from_samples(
			(struct audio_span){sound(), LONE_KEEPER_SAMPLES})};

	assert_int_equal(link_client_send_seal_begin(client, &begin, NULL), OK);
	assert_int_equal(link_client_send_seal_sound(client, &piece, NULL), OK);
	assert_int_equal(link_client_send_seal_end(
				 client, &(struct wire_seal_end){.token = token}, NULL),
			 OK);
}

enum err lone_keeper_take_done(struct link_client *client, uint64_t token,
			       struct record_id *out_record)
{
	const struct wire_message *message = NULL;

	do
		assert_int_equal(link_client_wait(client, LONE_KEEPER_ANSWER_MS, &message,
						  NULL),
				 OK);
	while (message->type != WIRE_done || message->done.token != token);
	if (out_record)
		memcpy(out_record->bytes, message->done.record.bytes, ID_BYTES);
	return (enum err)message->done.err;
}

bool lone_keeper_plays(struct link_client *client, struct record_id record)
{
	static int16_t heard[LONE_KEEPER_SAMPLES];
	const struct wire_message *message;
	struct wire_play_get get = {0};

	memcpy(get.record.bytes, record.bytes, ID_BYTES);
	message = lone_keeper_ask(client, WIRE_play_get, &get);
	if (message->type == WIRE_end) {
		assert_int_equal(message->end.err, ERR_MISSING);
		return false;
	}
	assert_int_equal(message->type, WIRE_play_sound);
	assert_int_equal(wire_to_samples(message->play_sound.pcm, heard,
					 LONE_KEEPER_SAMPLES),
			 LONE_KEEPER_SAMPLES);
	assert_memory_equal(heard, sound(), sizeof(heard));
	assert_int_equal(link_client_wait(client, LONE_KEEPER_ANSWER_MS, &message, NULL),
			 OK);
	assert_int_equal(message->type, WIRE_end);
	return true;
}

void lone_keeper_expect_sound(struct link_client *client, struct record_id record)
{
	assert_true(lone_keeper_plays(client, record));
}

void lone_keeper_expect_whole_journal(struct link_client *client)
{
	const struct wire_verify_get verify = {.unused = 0};
	const struct wire_message *message =
		lone_keeper_ask(client, WIRE_verify_get, &verify);

	while (message->type == WIRE_verify_progress)
		assert_int_equal(link_client_wait(client, LONE_KEEPER_ANSWER_MS, &message,
						  NULL),
				 OK);
	assert_int_equal(message->type, WIRE_verified);
	if (!message->verified.whole)
		fail_msg("the journal: %s", message->verified.trouble);
}
