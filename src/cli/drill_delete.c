/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 9, deletion: recordings are made, deleted, and looked for afterwards, against a real
 * keeper on a folder of its own. One is deleted, then those of a day, then everything; and
 * the keeper is killed in the middle of that, again and again. And a backup of the day before
 * is restored, with the key table of the newest.
 *
 * A recording is looked for byte by byte: its id stands before each of its rows. The rule:
 * what was called deleted plays no more, and its id is in no file of the keeper's. The naive
 * counterpart takes it off the list, as the speakers of that day did.
 */
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/drill.h"
#include "cli/new_owner.h"
#include "domain/erasure.h"

enum {
	SAMPLES = 4000,
	WORDS_MAX = 16,
	NEXT_BACKUP_MS = 1100, /* its name is of another second */
	MANY = 40,
	KILLS = 4,
	START_MS = 15000,
	SWEEP_MS = 30000,
	OPEN_FILES = 8,
	FILE_BYTES_MAX = 64 * 1024 * 1024,
};

static const char *const NEEDS[] = {"outcomes", NULL};
static const char PASSPHRASE[] = "the drill's own passphrase";

struct stage {
	const struct drill_card *card;
	struct drill_result *result;
	struct paths paths;
	char folder[64];
	pid_t keeper;
	uint64_t turns;
	struct link_client *owner; /* signed in, while the keeper runs */
};

/* --- the keeper ------------------------------------------------------------------------- */

static enum err start(struct stage *stage, struct err_note *note)
{
	char program[FILE_PATH_BYTES];
	enum err err = paths_program("behest-keeper", program, sizeof(program), note);
	const pid_t parent = getpid();

	if (err)
		return err;
	stage->keeper = fork();
	if (stage->keeper < 0)
		return err_say(ERR_IO, note, "no process could be made");
	if (stage->keeper == 0) {
		/* It ends with us, and says nothing into a drill. */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() == parent && freopen("/dev/null", "w", stderr))
			(void)execl(program, program, "--data", stage->folder,
				    (char *)NULL);
		_exit(127);
	}
	return OK;
}

static void stop(struct stage *stage, int number)
{
	link_client_close(stage->owner);
	stage->owner = NULL;
	if (stage->keeper <= 0)
		return;
	(void)kill(stage->keeper, number);
	(void)waitpid(stage->keeper, NULL, 0);
	stage->keeper = 0;
}

/* Once it greets. */
static enum err meet(struct stage *stage, struct link_client **out_client,
		     struct err_note *note)
{
	const int64_t until_ms = loop_now_ms() + START_MS;
	enum err err = client_keeper(&stage->paths, out_client, note);

	while (err && loop_now_ms() < until_ms) {
		(void)poll(NULL, 0, 20);
		err = client_keeper(&stage->paths, out_client, note);
	}
	if (!err)
		note->text[0] = '\0'; /* of the tries before it */
	return err;
}

static enum err with_passphrase(struct stage *stage,
				enum err (*use)(struct stage *stage,
						const struct secret *passphrase,
						struct err_note *note),
				struct err_note *note)
{
	struct secret *passphrase = NULL;
	enum err err = secret_copy(PASSPHRASE, sizeof(PASSPHRASE), &passphrase);

	if (!err)
		err = use(stage, passphrase, note);
	secret_destroy(passphrase);
	return err;
}

static enum err unlock(struct stage *stage, const struct secret *passphrase,
		       struct err_note *note)
{
	enum err err = meet(stage, &stage->owner, note);

	return err ? err : client_unlock(stage->owner, "somebody", passphrase, note);
}

static enum err make_owner(struct stage *stage, const struct secret *passphrase,
			   struct err_note *note)
{
	const struct wire_room_set room = {.room = "room",
					   .capabilities = MAY_ALL,
					   .is_private = 1};
	char recovery[NEW_OWNER_RECOVERY_BYTES];
	struct link_client *client = NULL;
	struct buf code;
	enum err err = meet(stage, &client, note);

	buf_init(&code, 0);
	if (!err)
		err = file_read(stage->paths.code, 64, &code, note);
	if (!err) {
		str_trim((char *)code.bytes);
		err = new_owner_create(client, (const char *)code.bytes, "somebody",
				       passphrase, recovery, note);
		explicit_bzero(recovery, sizeof(recovery));
	}
	buf_finish(&code);
	link_client_close(client);
	if (!err)
		err = unlock(stage, passphrase, note);
	if (!err)
		err = link_client_send_room_set(stage->owner, &room, note);
	return err ? err : client_expect_done(stage->owner, note);
}

static enum err start_again(struct stage *stage, struct err_note *note)
{
	enum err err = start(stage, note);

	return err ? err : with_passphrase(stage, unlock, note);
}

/* --- recordings ------------------------------------------------------------------------- */

static enum err open_hub(struct stage *stage, struct link_client **out_hub,
			 struct err_note *note)
{
	char path[FILE_PATH_BYTES];

	must(file_join(path, sizeof(path), stage->paths.run, "keeper/hub.sock"));
	return link_client_open(path, WIRE_LINK_HUB_KEEPER, WIRE_PARTY_HUB, "drill",
				CLIENT_GREET_MS, out_hub, note);
}

static enum err record_one(struct stage *stage, struct link_client *hub,
			   struct record_id *out_record, struct err_note *note)
{
	static int16_t samples[SAMPLES];
	const uint64_t number = ++stage->turns;
	const struct wire_seal_begin begin = {
		.token = number,
		.turn = (uint64_t)time(NULL) * 1000 << 16 | (number & 0xffff),
		.at_ms = (int64_t)time(NULL) * 1000,
		.room = "room",
		.transcript = "what nobody needs to know",
		.samples = SAMPLES,
	};
	const struct wire_seal_sound piece = {
		.token = number,
		.pcm = wire_from_samples((struct audio_span){samples, SAMPLES})};
	const struct wire_message *message = NULL;
	enum err err = link_client_send_seal_begin(hub, &begin, note);

	if (!err)
		err = link_client_send_seal_sound(hub, &piece, note);
	if (!err)
		err = link_client_send_seal_end(hub,
						&(struct wire_seal_end){.token = number},
						note);
	do
		err = err ? err : link_client_wait(hub, CLIENT_ANSWER_MS, &message, note);
	while (!err && message->type != WIRE_done);
	if (!err && message->done.err)
		err = err_say((enum err)message->done.err, note,
			      "nothing was recorded: %s",
			      err_words((enum err)message->done.err));
	if (!err)
		memcpy(out_record->bytes, message->done.record.bytes, ID_BYTES);
	return err;
}

static enum err record_some(struct stage *stage, struct record_id *out_records,
			    size_t count, struct err_note *note)
{
	struct link_client *hub = NULL;
	enum err err = open_hub(stage, &hub, note);

	for (size_t i = 0; !err && i < count; i++)
		err = record_one(stage, hub, &out_records[i], note);
	link_client_close(hub);
	return err;
}

static enum err erase(struct stage *stage, const struct wire_erase_ask *ask,
		      bool *out_all, struct err_note *note)
{
	const struct wire_message *message = NULL;
	enum err err = link_client_send_erase_ask(stage->owner, ask, note);

	*out_all = false;
	if (!err)
		err = client_expect(stage->owner, WIRE_erase_found, &message, note);
	if (!err)
		err = link_client_send_erase_do(
			stage->owner,
			&(struct wire_erase_do){.count = message->erase_found.count},
			note);
	while (!err) {
		err = link_client_wait(stage->owner, CLIENT_ANSWER_MS, &message, note);
		if (err || message->type == WIRE_end)
			break;
	}
	*out_all = !err && message->end.err == OK;
	return err;
}

/* --- looking for them ------------------------------------------------------------------- */

/* Of the walk below, which passes nothing on. */
static const struct record_id *sought;
static bool was_found;

static int look_into(const char *path, const struct stat *about, int kind, struct FTW *at)
{
	struct buf bytes;

	(void)about;
	(void)at;
	if (kind != FTW_F)
		return 0;
	if (file_read(path, FILE_BYTES_MAX, &bytes, NULL) == OK)
		was_found |=
			memmem(bytes.bytes, bytes.size, sought->bytes, ID_BYTES) != NULL;
	else
		was_found |= file_exists(path); /* what cannot be read may hold it */
	buf_finish(&bytes);
	return was_found;
}

static bool is_below(const char *folder, const struct record_id *record)
{
	sought = record;
	was_found = false;
	(void)nftw(folder, look_into, OPEN_FILES, FTW_PHYS);
	sought = NULL;
	return was_found;
}

static bool is_in_a_file(const struct stage *stage, const struct record_id *record)
{
	char folder[FILE_PATH_BYTES];

	must(file_join(folder, sizeof(folder), stage->folder, "keeper"));
	return is_below(folder, record);
}

/* Whether anything of it can still be heard. */
static bool plays(struct stage *stage, const struct record_id *record)
{
	struct wire_play_get get = {.unused = 0};
	const struct wire_message *message = NULL;
	struct err_note note;
	bool is_heard = false;

	memcpy(get.record.bytes, record->bytes, ID_BYTES);
	if (link_client_send_play_get(stage->owner, &get, &note) != OK)
		return false;
	while (link_client_wait(stage->owner, CLIENT_ANSWER_MS, &message, &note) == OK) {
		is_heard |= message->type == WIRE_play_sound;
		if (message->type == WIRE_end)
			break;
	}
	return is_heard;
}

static const char *what_is_left(struct stage *stage, const struct record_id *record)
{
	if (plays(stage, record))
		return "it plays";
	return is_in_a_file(stage, record) ? "its bytes are there" : "gone";
}

/* The same of several: the worst. */
static const char *what_is_left_of(struct stage *stage, const struct record_id *records,
				   size_t count)
{
	const char *worst = "gone";

	for (size_t i = 0; i < count && str_equal(worst, "gone"); i++)
		worst = what_is_left(stage, &records[i]);
	return worst;
}

/* --- the cases -------------------------------------------------------------------------- */

static enum err count(struct stage *stage, const char *which, const char *got,
		      struct err_note *note)
{
	if (!str_equal(got, "gone"))
		drill_break(stage->result, got);
	return drill_count_done(stage->result, stage->card, which, got, note);
}

static struct wire_erase_ask ask_of(const struct record_id *record)
{
	struct wire_erase_ask ask = {.what = ERASURE_RECORD};

	memcpy(ask.record.bytes, record->bytes, ID_BYTES);
	return ask;
}

static const struct wire_erase_ask RANGE = {.what = ERASURE_RANGE,
					    .from_ms = INT64_MIN,
					    .to_ms = INT64_MAX};

static enum err delete_one(struct stage *stage, struct err_note *note)
{
	struct record_id records[2];
	struct wire_erase_ask ask;
	const char *got = "refused";
	bool is_done = false;
	enum err err = record_some(stage, records, 2, note);

	if (err)
		return err;
	/* Off the list, and nothing more: that is what is looked for. */
	stage->result->bites = is_in_a_file(stage, &records[0]);
	ask = ask_of(&records[0]);
	err = erase(stage, &ask, &is_done, note);
	if (!err && is_done)
		got = what_is_left(stage, &records[0]);
	if (!err && !plays(stage, &records[1]))
		got = "another one is gone";
	return err ? err : count(stage, "one", got, note);
}

static enum err delete_some(struct stage *stage, struct err_note *note)
{
	struct record_id records[MANY];
	const char *got = "refused";
	bool is_done = false;
	enum err err = record_some(stage, records, MANY, note);

	if (!err)
		err = erase(stage, &RANGE, &is_done, note);
	if (!err && is_done)
		got = what_is_left_of(stage, records, MANY);
	return err ? err : count(stage, "today", got, note);
}

/* At once nothing plays; its bytes go while the keeper sweeps. */
static enum err delete_all(struct stage *stage, struct err_note *note)
{
	const struct wire_erase_ask ask = {.what = ERASURE_ALL};
	const int64_t until_ms = loop_now_ms() + SWEEP_MS;
	struct record_id records[MANY];
	const char *got = "refused";
	bool is_done = false;
	enum err err = record_some(stage, records, MANY, note);

	if (!err)
		err = erase(stage, &ask, &is_done, note);
	if (!err && is_done)
		got = what_is_left_of(stage, records, MANY);
	while (str_equal(got, "its bytes are there") && loop_now_ms() < until_ms) {
		(void)poll(NULL, 0, 100);
		got = what_is_left_of(stage, records, MANY);
	}
	return err ? err : count(stage, "everything", got, note);
}

/* Killed somewhere in it: after it has started again each is whole or gone, and what is left
 * is deleted as if nothing had been. */
static enum err delete_killed(struct stage *stage, int after_ms, struct err_note *note)
{
	struct record_id records[MANY];
	const struct wire_message *message = NULL;
	const char *got = "refused";
	bool is_done = false;
	enum err err = record_some(stage, records, MANY, note);

	if (!err)
		err = link_client_send_erase_ask(stage->owner, &RANGE, note);
	if (!err)
		err = client_expect(stage->owner, WIRE_erase_found, &message, note);
	if (!err)
		err = link_client_send_erase_do(
			stage->owner,
			&(struct wire_erase_do){.count = message->erase_found.count},
			note);
	if (err)
		return err;
	(void)poll(NULL, 0, after_ms);
	stop(stage, SIGKILL);
	err = start_again(stage, note);
	for (size_t i = 0; !err && i < MANY; i++)
		if (!plays(stage, &records[i]) && is_in_a_file(stage, &records[i]))
			got = "half of one is there";
	if (!err)
		err = erase(stage, &RANGE, &is_done, note);
	if (!err && is_done && str_equal(got, "refused"))
		got = what_is_left_of(stage, records, MANY);
	return err ? err : count(stage, "killed", got, note);
}

static int remove_one(const char *path, const struct stat *about, int kind,
		      struct FTW *at)
{
	(void)about;
	(void)at;
	(void)(kind == FTW_DP ? rmdir(path) : unlink(path));
	return 0;
}

/* --- a backup of yesterday -------------------------------------------------------------- */

/* Our own command line, which says nothing into a drill. */
static enum err run_behest(const struct stage *stage, const char *const *words,
			   struct err_note *note)
{
	const char *all[WORDS_MAX + 8];
	char program[FILE_PATH_BYTES];
	char passphrase[FILE_PATH_BYTES];
	size_t count = 1;
	int status = -1;
	pid_t child;
	enum err err = paths_program("behest", program, sizeof(program), note);

	if (err)
		return err;
	must(str_format(passphrase, sizeof(passphrase), "%s.passphrase", stage->folder));
	all[0] = program;
	for (size_t i = 0; words[i]; i++)
		all[count++] = words[i];
	all[count++] = "--owner";
	all[count++] = "somebody";
	all[count++] = "--passphrase-file";
	all[count++] = passphrase;
	all[count] = NULL;
	child = fork();
	if (child < 0)
		return err_say(ERR_IO, note, "no process could be made");
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) &&
		    freopen("/dev/null", "w", stdout))
			(void)execv(program, (char *const *)(uintptr_t)all);
		_exit(127);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		return err_say(ERR_IO, note, "behest %s did not go well", words[0]);
	return OK;
}

static enum err back_up(const struct stage *stage, const char *to, struct err_note *note)
{
	return run_behest(stage,
			  (const char *const[]){"backup", to, "--keep-old", "--data",
						stage->folder, NULL},
			  note);
}

static int by_name(const void *one, const void *other)
{
	return strcmp(one, other);
}

/* The oldest ciphertext that lies there: their names are times. */
static enum err find_oldest(const char *folder, char to[FILE_PATH_BYTES],
			    struct err_note *note)
{
	char names[8][NAME_MAX + 1];
	const struct dirent *entry;
	size_t count = 0;
	DIR *entries = opendir(folder);

	while (entries && (entry = readdir(entries)) && count < STR_COUNT(names))
		if (str_starts(entry->d_name, "ciphertext-"))
			must(str_copy(names[count++], sizeof(names[0]), entry->d_name));
	if (entries)
		(void)closedir(entries);
	if (count < 2)
		return err_say(ERR_MISSING, note, "no backup was made");
	qsort(names, count, sizeof(names[0]), by_name);
	return file_join(to, FILE_PATH_BYTES, folder, names[0]) ? OK : ERR_LIMIT;
}

/* In the house that was made of it: the first was deleted since, the second was not. */
static const char *what_came_back(struct stage *restored,
				  const struct record_id records[2])
{
	const char *got = what_is_left(restored, &records[0]);

	return plays(restored, &records[1]) ? got : "another one is gone";
}

static enum err look_at_restored(const struct stage *stage, const char *folder,
				 const struct record_id records[2], const char **out_got,
				 struct err_note *note)
{
	struct stage restored = {.card = stage->card, .result = stage->result};
	enum err err = OK;

	must(str_copy(restored.folder, sizeof(restored.folder), folder));
	err = paths_find(restored.folder, &restored.paths, note);
	if (!err)
		err = start_again(&restored, note);
	if (!err)
		*out_got = what_came_back(&restored, records);
	stop(&restored, SIGTERM);
	return err;
}

/* Yesterday's ciphertext, with the key table that was made after the deletion. */
static enum err restore_yesterdays(struct stage *stage, const char *backup,
				   const struct record_id records[2],
				   const char **out_got, struct err_note *note)
{
	char restored[sizeof(stage->folder)];
	char ciphertext[FILE_PATH_BYTES];
	enum err err = find_oldest(backup, ciphertext, note);

	must(str_format(restored, sizeof(restored), "%s.again", stage->folder));
	if (!err)
		err = run_behest(stage,
				 (const char *const[]){"restore", backup, "--ciphertext",
						       ciphertext, "--data", restored,
						       NULL},
				 note);
	if (!err)
		err = look_at_restored(stage, restored, records, out_got, note);
	(void)nftw(restored, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	return err;
}

static enum err delete_and_restore(struct stage *stage, const char *backup,
				   const char **out_got, struct err_note *note)
{
	struct record_id records[2];
	struct wire_erase_ask ask;
	bool is_done = false;
	enum err err = record_some(stage, records, 2, note);

	if (!err)
		err = back_up(stage, backup, note);
	if (err)
		return err;
	/* Whoever keeps backups and nothing else has it for ever. */
	stage->result->bites = stage->result->bites && is_below(backup, &records[0]);
	ask = ask_of(&records[0]);
	err = erase(stage, &ask, &is_done, note);
	(void)poll(NULL, 0, NEXT_BACKUP_MS);
	if (!err && is_done)
		err = back_up(stage, backup, note);
	if (!err && is_done)
		err = restore_yesterdays(stage, backup, records, out_got, note);
	return err;
}

static enum err delete_backed_up(struct stage *stage, struct err_note *note)
{
	char passphrase[FILE_PATH_BYTES];
	char backup[FILE_PATH_BYTES];
	const char *got = "refused";
	enum err err;

	must(str_format(passphrase, sizeof(passphrase), "%s.passphrase", stage->folder));
	must(str_format(backup, sizeof(backup), "%s.backup", stage->folder));
	err = file_write(passphrase, PASSPHRASE, strlen(PASSPHRASE), 0600, note);
	if (!err)
		err = file_make_folder(backup, note);
	if (!err)
		err = delete_and_restore(stage, backup, &got, note);
	(void)unlink(passphrase);
	(void)nftw(backup, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	return err ? err : count(stage, "backup", got, note);
}

static enum err act_out(struct stage *stage, struct err_note *note)
{
	enum err err = start(stage, note);

	if (!err)
		err = with_passphrase(stage, make_owner, note);
	if (!err)
		err = delete_one(stage, note);
	if (!err)
		err = delete_some(stage, note);
	if (!err)
		err = delete_all(stage, note);
	if (!err)
		err = delete_backed_up(stage, note);
	for (int i = 0; !err && i < KILLS; i++)
		err = delete_killed(stage, 2 + 7 * i, note);
	return err;
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	struct stage stage = {.card = card,
			      .result = result,
			      .folder = "/tmp/behest-drill-XXXXXX"};
	enum err err;

	if (!mkdtemp(stage.folder))
		return err_say(ERR_IO, note, "no folder could be made in /tmp");
	err = paths_find(stage.folder, &stage.paths, note);
	if (!err)
		err = act_out(&stage, note);
	stop(&stage, SIGTERM);
	(void)nftw(stage.folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	return err;
}

const struct drill drill_delete = {.name = "delete", .needs = NEEDS, .run = run};
