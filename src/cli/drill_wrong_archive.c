/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drill 5, the wrong archive: two people of a house ask for their data at the same time. One
 * has 1,700 recordings, the other none. Somebody who runs the house, and has its database,
 * files the rows of the one under the name of the other, and exchanges what opens them.
 *
 * Acted out against a real keeper on a folder of its own. The rule: not one sample of the one
 * is ever in what the other gets. The naive counterpart puts in an archive what has the
 * customer's number in front, as a program or a clerk of 2018 did; in the same house, with the
 * same rows, it hands out 1,700 recordings of somebody else.
 */
#include <string.h>

#include "base/must.h"
#include "base/str.h"
#include "cli/drill.h"
#include "cli/export_archive.h"
#include "cli/operator_rows.h"

enum {
	RECORDINGS = 1700,
	FEW = 20, /* where the number does not matter */
	SAMPLES = 1600,
	MARK = 8, /* samples that come again and again, and nowhere else */
	ARCHIVE_BYTES_MAX = 256 * 1024 * 1024,
	GOT_BYTES = 64,
};

static const char VICTIM[] = KEEPER_ALONE_FIRST; /* who has recordings */
static const char OTHER[] = "mona";              /* and who has none */

static const char *const NEEDS[] = {"outcomes", NULL};

static void fill(int16_t samples[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		samples[i] = (int16_t)(9241 + 677 * (int)(i % MARK));
}

/* --- what somebody gets ----------------------------------------------------------------- */

static enum err keep_bytes(void *context, const void *bytes, size_t size)
{
	return buf_add(context, bytes, size);
}

/* Whether a stretch of the victim's sound is in it; an archive is not compressed. */
static bool has_sound(const struct buf *archive)
{
	int16_t mark[MARK];

	fill(mark, MARK);
	return archive->size > 0 &&
	       memmem(archive->bytes, archive->size, mark, sizeof(mark));
}

struct got {
	char words[GOT_BYTES]; /* as the card states it */
	bool has_sound;        /* of the victim's, whole archive or not */
};

/* name asks for everything that is theirs. */
static enum err ask(struct keeper_alone *keeper, const char *name, struct got *got,
		    struct err_note *note)
{
	const struct export_request request = {.by_room = true};
	struct export_made made = {.recordings = 0};
	struct link_client *client = NULL;
	struct err_note why = {""};
	struct buf archive;
	enum err err;

	buf_init(&archive, ARCHIVE_BYTES_MAX);
	*got = (struct got){.has_sound = false};
	err = keeper_alone_sign_in(keeper, name, &client, &why);
	if (err == ERR_DENIED) {
		must(str_copy(got->words, sizeof(got->words), "NOT_SIGNED_IN"));
		return OK;
	}
	if (!err)
		err = export_archive_write(client, &request,
					   &(struct sink){&archive, keep_bytes}, &made,
					   &why);
	link_client_close(client);
	got->has_sound = has_sound(&archive);
	buf_finish(&archive);
	if (err && !made.reason[0])
		return err_say(err, note, "%s", why.text);
	must(err ? str_copy(got->words, sizeof(got->words), made.reason)
		 : str_format(got->words, sizeof(got->words), "%u recordings",
			      (unsigned)made.recordings));
	return OK;
}

/* --- what the operator does ------------------------------------------------------------- */

typedef enum err act_fn(const struct keeper_alone *keeper, struct err_note *note);

static enum err file_as(const struct keeper_alone *keeper, struct err_note *note)
{
	static const char *const tables[] = {"record", "salt", "epoch"};
	enum err err = OK;

	for (size_t i = 0; !err && i < STR_COUNT(tables); i++)
		err = operator_rows_file_as(keeper, tables[i], VICTIM, OTHER, note);
	return err;
}

static enum err file_all_as(const struct keeper_alone *keeper, struct err_note *note)
{
	enum err err = file_as(keeper, note);

	return err ? err : operator_rows_file_as(keeper, "kek", VICTIM, OTHER, note);
}

static enum err exchange_passphrases(const struct keeper_alone *keeper,
				     struct err_note *note)
{
	return operator_rows_exchange(keeper, "wrap", VICTIM, OTHER, note);
}

static enum err exchange_owners(const struct keeper_alone *keeper, struct err_note *note)
{
	return operator_rows_exchange(keeper, "owner", VICTIM, OTHER, note);
}

static enum err exchange_keys(const struct keeper_alone *keeper, struct err_note *note)
{
	enum err err = file_as(keeper, note);

	return err ? err : operator_rows_exchange(keeper, "kek", VICTIM, OTHER, note);
}

/* Does it, while the keeper sleeps. *out_naive: as many recordings somebody would find who
 * goes by the number in front. */
static enum err tamper(struct keeper_alone *keeper, act_fn *act, size_t *out_naive,
		       struct err_note *note)
{
	size_t count = 0;
	enum err err = keeper_alone_stop(keeper, note);

	if (!err)
		err = act(keeper, note);
	if (!err)
		err = operator_rows_count(keeper, "record", OTHER, &count, note);
	*out_naive = count / 2; /* sound and words */
	return err;
}

/* --- the acts --------------------------------------------------------------------------- */

static enum err begin(struct keeper_alone *keeper, size_t count, struct err_note *note)
{
	int16_t samples[SAMPLES];
	const struct keeper_alone_recording recording = {
		.room = VICTIM,
		.words = "what is the weather",
		.sound = {samples, SAMPLES},
	};
	enum err err = keeper_alone_open(keeper, NULL, false, note);

	fill(samples, SAMPLES);
	if (!err)
		err = keeper_alone_add_owner(keeper, VICTIM, note);
	if (!err)
		err = keeper_alone_add_owner(keeper, OTHER, note);
	return err ? err : keeper_alone_record(keeper, &recording, count, note);
}

static enum err count_one(struct keeper_alone *keeper, const struct drill_card *card,
			  const char *name, const char *which,
			  struct drill_result *result, struct err_note *note)
{
	struct got got;
	enum err err = ask(keeper, name, &got, note);

	if (err)
		return err;
	if (got.has_sound && !str_equal(name, VICTIM))
		drill_break(result, "somebody got what another one had said");
	return drill_count_done(result, card, which, got.words, note);
}

static const struct {
	const char *which;
	act_fn *act;
} ACTS[] = {
	{"rows-and-keys-filed-as-theirs", file_all_as},
	{"passphrases-exchanged", exchange_passphrases},
	{"owners-exchanged", exchange_owners},
	{"keys-exchanged", exchange_keys},
};

/* One that is not begun again answers for the whole house: nobody is let in. */
static enum err act_out(const struct drill_card *card, size_t which,
			struct drill_result *result, struct err_note *note)
{
	struct keeper_alone keeper;
	size_t naive = 0;
	enum err err = begin(&keeper, FEW, note);

	if (!err)
		err = tamper(&keeper, ACTS[which].act, &naive, note);
	if (!err && keeper_alone_start(&keeper, NULL, NULL) != OK)
		err = drill_count_done(result, card, ACTS[which].which,
				       "the keeper does not start", note);
	else if (!err)
		err = count_one(&keeper, card, OTHER, ACTS[which].which, result, note);
	keeper_alone_close(&keeper);
	return err;
}

/* As it happened. */
static enum err act_out_1700(const struct drill_card *card, struct drill_result *result,
			     struct err_note *note)
{
	struct keeper_alone keeper;
	size_t naive = 0;
	enum err err = begin(&keeper, RECORDINGS, note);

	if (!err)
		err = count_one(&keeper, card, OTHER, "without-recordings", result, note);
	if (!err)
		err = count_one(&keeper, card, VICTIM, "with-recordings", result, note);
	if (!err)
		err = tamper(&keeper, file_as, &naive, note);
	if (!err)
		err = keeper_alone_start(&keeper, NULL, note);
	if (!err)
		err = count_one(&keeper, card, OTHER, "rows-filed-as-theirs", result,
				note);
	/* Nobody's archive is made before somebody has looked. */
	if (!err)
		err = count_one(&keeper, card, OTHER, "asks-again", result, note);
	if (!err)
		err = count_one(&keeper, card, VICTIM, "asks-meanwhile", result, note);
	keeper_alone_close(&keeper);
	result->bites = naive == RECORDINGS;
	return err;
}

static enum err run(const struct drill_card *card, struct drill_result *result,
		    struct err_note *note)
{
	enum err err = act_out_1700(card, result, note);

	for (size_t i = 0; !err && i < STR_COUNT(ACTS); i++)
		err = act_out(card, i, result, note);
	return err;
}

const struct drill drill_wrong_archive = {
	.name = "wrong-archive",
	.needs = NEEDS,
	.run = run,
};
