/* SPDX-License-Identifier: Apache-2.0 */
/* test_vault - owners, epochs and recordings: what opens, for whom, and until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/seal.h"
#include "base/str.h"
#include "fake/clock_fake.h"
#include "fake/old_wrap.h"
#include "fake/rand_fake.h"
#include "vault/epoch.h"
#include "vault/kek.h"
#include "vault/owner.h"
#include "vault/recording.h"
#include "vault/wrap.h"

static const struct household_id HOUSE = {{0x40}};
static const struct household_id OTHER_HOUSE = {{0x41}};
static const uint8_t KEEPER_SEED[SEAL_SIGN_SEED_BYTES] = {0x11};
static const uint8_t FORGER_SEED[SEAL_SIGN_SEED_BYTES] = {0x12};
static const struct owner_cost CHEAP = {.memory_kib = 64, .passes = 1};
static const char PASSPHRASE[] = "correct horse";

static struct clock_fake the_clock;
static struct rand_fake the_rand;
static struct clock clock_port;
static struct rand rand_port;
static uint8_t keeper_public[SEAL_SIGN_PUBLIC_BYTES];

static void make_owner(const char *name, struct owner_made *made)
{
	const struct owner_request request = {
		.household = HOUSE,
		.name = name,
		.passphrase = PASSPHRASE,
		.cost = CHEAP,
		.created_ms = 1000,
		.keeper_seed = KEEPER_SEED,
	};

	assert_int_equal(owner_create(&request, &rand_port, made), OK);
}

static enum err unlock_with(const struct owner_made *made, enum owner_wrap which,
			    const char *words, struct owner_view **out_view)
{
	return owner_unlock(&made->owner, which, made->wraps[which - 1], OWNER_WRAP_BYTES,
			    words, &clock_port, out_view);
}

static struct owner_view *sign_in(const struct owner_made *made)
{
	struct owner_view *view = NULL;

	assert_int_equal(unlock_with(made, OWNER_WRAP_PASSPHRASE, PASSPHRASE, &view), OK);
	return view;
}

static void an_owner_signs_in_with_passphrase_or_recovery_code(void **state)
{
	struct owner_made made;
	struct owner_view *view = NULL;
	char typed[OWNER_RECOVERY_TEXT_BYTES];

	(void)state;
	make_owner("alice", &made);
	view = sign_in(&made);
	assert_true(owner_view_is_open(view));
	assert_string_equal(owner_view_name(view), "alice");
	assert_memory_equal(owner_view_id(view).bytes, made.owner.id.bytes, ID_BYTES);
	owner_view_destroy(view);
	memcpy(typed, made.recovery, sizeof(typed));
	for (char *at = typed; *at; at++)
		*at = *at == '-' ? ' ' : (char)tolower((unsigned char)*at);
	assert_true(owner_is_recovery_code(typed));
	assert_int_equal(unlock_with(&made, OWNER_WRAP_RECOVERY, typed, &view), OK);
	owner_view_destroy(view);
	owner_made_wipe(&made);
}

static void wrong_words_and_wraps_let_nobody_in(void **state)
{
	struct owner_made alice;
	struct owner_made bob;
	struct owner_view *view = NULL;

	(void)state;
	make_owner("alice", &alice);
	make_owner("bob", &bob);
	assert_int_equal(unlock_with(&alice, OWNER_WRAP_PASSPHRASE, "correct horsf",
				     &view),
			 ERR_AUTH);
	assert_int_equal(unlock_with(&alice, OWNER_WRAP_PASSPHRASE, "", &view), ERR_AUTH);
	assert_int_equal(unlock_with(&alice, OWNER_WRAP_RECOVERY, bob.recovery, &view),
			 ERR_AUTH);
	assert_int_equal(unlock_with(&alice, OWNER_WRAP_RECOVERY, PASSPHRASE, &view),
			 ERR_AUTH);
	/* Another owner's wrap, and a wrap of the other kind, though the words are right. */
	assert_int_equal(owner_unlock(&alice.owner, OWNER_WRAP_PASSPHRASE, bob.wraps[0],
				      OWNER_WRAP_BYTES, PASSPHRASE, &clock_port, &view),
			 ERR_AUTH);
	assert_int_equal(owner_unlock(&alice.owner, OWNER_WRAP_RECOVERY, alice.wraps[0],
				      OWNER_WRAP_BYTES, PASSPHRASE, &clock_port, &view),
			 ERR_AUTH);
	assert_null(view);
}

static void every_bit_of_a_wrap_counts(void **state)
{
	struct owner_made made;
	struct owner_wrap_about about;
	struct owner_wrap_row row = {1, NULL, OWNER_WRAP_BYTES};

	(void)state;
	make_owner("alice", &made);
	row.bytes = made.wraps[0];
	assert_int_equal(owner_wrap_read(&made.owner, &row, &about), OK);
	assert_int_equal(about.kind, OWNER_WRAP_PASSPHRASE);
	assert_int_equal(about.created_ms, 1000);
	for (size_t bit = 0; bit < OWNER_WRAP_BYTES * 8; bit++) {
		made.wraps[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(owner_wrap_read(&made.owner, &row, &about), OK);
		made.wraps[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (row.size = 0; row.size < OWNER_WRAP_BYTES; row.size++)
		assert_int_not_equal(owner_wrap_read(&made.owner, &row, &about), OK);
	row.number = 2;
	assert_int_equal(owner_wrap_read(&made.owner, &row, &about), ERR_AUTH);
	row.size = 0;
	assert_false(owner_wrap_is_old(&row));
}

/* --- further wraps ---------------------------------------------------------------------- */

static struct owner_wrap_request further(uint8_t number, const char *name,
					 const char *words)
{
	return (struct owner_wrap_request){.kind = OWNER_WRAP_PASSPHRASE,
					   .number = number,
					   .name = name,
					   .words = words,
					   .cost = CHEAP,
					   .created_ms = 2000,
					   .keeper_seed = KEEPER_SEED};
}

/* Of rows 1 and 3; says which it was. */
static enum err unlock_any(const struct owner_made *made, const uint8_t *third,
			   const char *words, uint8_t *out_number)
{
	const struct owner_wrap_row rows[] = {
		{1, made->wraps[0], OWNER_WRAP_BYTES},
		{2, made->wraps[1], OWNER_WRAP_BYTES},
		{3, third, OWNER_WRAP_BYTES},
	};
	struct owner_view *view = NULL;
	enum err err = owner_unlock_any(&made->owner, rows, STR_COUNT(rows), words,
					&clock_port, &view, out_number);

	assert_true((err == OK) == (view != NULL));
	owner_view_destroy(view);
	return err;
}

static void a_further_passphrase_opens_the_same(void **state)
{
	struct owner_made made;
	struct owner_view *view;
	struct owner_wrap_row first = {1, NULL, OWNER_WRAP_BYTES};
	struct owner_wrap_about like;
	struct owner_wrap_request request = further(3, "travel", "battery staple");
	uint8_t third[OWNER_WRAP_BYTES];
	uint8_t number = 0;

	(void)state;
	make_owner("alice", &made);
	view = sign_in(&made);
	first.bytes = made.wraps[0];
	assert_int_equal(owner_wrap_read(&made.owner, &first, &like), OK);
	request.like = &like;
	assert_int_equal(owner_wrap_make(view, &made.owner, &request, &rand_port, third),
			 OK);
	assert_int_equal(unlock_any(&made, third, "battery staple", &number), OK);
	assert_int_equal(number, 3);
	assert_int_equal(unlock_any(&made, third, PASSPHRASE, &number), OK);
	assert_int_equal(number, 1);
	assert_int_equal(unlock_any(&made, third, made.recovery, &number), OK);
	assert_int_equal(number, 2);
	assert_int_equal(unlock_any(&made, third, "battery stapl", &number), ERR_AUTH);
	/* Another cost, or another salt, would have it stretched twice: it is not. */
	like.cost.memory_kib *= 2;
	assert_int_equal(owner_wrap_make(view, &made.owner, &request, &rand_port, third),
			 OK);
	assert_int_equal(unlock_any(&made, third, "battery staple", &number), ERR_AUTH);
	like.cost.memory_kib /= 2;
	like.cost.passes++;
	assert_int_equal(owner_wrap_make(view, &made.owner, &request, &rand_port, third),
			 OK);
	assert_int_equal(unlock_any(&made, third, "battery staple", &number), ERR_AUTH);
	request.like = NULL;
	assert_int_equal(owner_wrap_make(view, &made.owner, &request, &rand_port, third),
			 OK);
	assert_int_equal(unlock_any(&made, third, "battery staple", &number), ERR_AUTH);
	owner_view_destroy(view);
	owner_made_wipe(&made);
}

static void further_wraps_have_limits(void **state)
{
	struct owner_made alice;
	struct owner_made bob;
	struct owner_view *view;
	struct owner_wrap_request request = further(3, "travel", "short");
	char long_name[OWNER_WRAP_NAME_BYTES + 1];
	uint8_t row[OWNER_WRAP_BYTES];

	(void)state;
	make_owner("alice", &alice);
	make_owner("bob", &bob);
	view = sign_in(&alice);
	assert_int_equal(owner_wrap_make(view, &alice.owner, &request, &rand_port, row),
			 ERR_RANGE);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[OWNER_WRAP_NAME_BYTES] = '\0';
	request = further(3, long_name, PASSPHRASE);
	assert_int_equal(owner_wrap_make(view, &alice.owner, &request, &rand_port, row),
			 ERR_RANGE);
	request = further(0, "travel", PASSPHRASE);
	assert_int_equal(owner_wrap_make(view, &alice.owner, &request, &rand_port, row),
			 ERR_RANGE);
	request = further(3, "travel", PASSPHRASE);
	assert_int_equal(owner_wrap_make(view, &bob.owner, &request, &rand_port, row),
			 ERR_AUTH);
	clock_fake_pass(&the_clock, OWNER_IDLE_MS);
	assert_int_equal(owner_wrap_make(view, &alice.owner, &request, &rand_port, row),
			 ERR_DENIED);
	owner_view_destroy(view);
}

/* The keeper signs what it likes, and the words are right: the keys inside are not those
 * whose public halves are the owner's. */
static void other_keys_under_the_same_words_are_refused(void **state)
{
	struct owner_wrap_request request = further(3, "travel", PASSPHRASE);
	struct owner_made made;
	struct owner_view *view = NULL;
	struct secret *bundle = NULL;
	uint8_t right[WRAP_BUNDLE_BYTES];
	uint8_t row[OWNER_WRAP_BYTES];
	const struct owner_wrap_row rows[] = {{3, row, sizeof(row)}};
	const struct owner_wrap_row first = {1, made.wraps[0], OWNER_WRAP_BYTES};
	uint8_t number = 0;

	(void)state;
	make_owner("alice", &made);
	assert_int_equal(secret_create(WRAP_BUNDLE_BYTES, &bundle), OK);
	assert_int_equal(wrap_open(&made.owner, OWNER_WRAP_PASSPHRASE, &first, 1,
				   PASSPHRASE, bundle, &number),
			 OK);
	memcpy(right, secret_view(bundle), sizeof(right));
	for (size_t at = 0; at <= WRAP_BUNDLE_BYTES; at += SEAL_BOX_SECRET_BYTES) {
		const bool is_right = at == WRAP_BUNDLE_BYTES;

		memcpy(secret_bytes(bundle), right, sizeof(right));
		if (!is_right)
			secret_bytes(bundle)[at + 1] ^= 1;
		assert_int_equal(wrap_make(&made.owner, &request, &rand_port, bundle,
					   row),
				 OK);
		assert_int_equal(owner_unlock_any(&made.owner, rows, 1, PASSPHRASE,
						  &clock_port, &view, &number),
				 is_right ? OK : ERR_AUTH);
	}
	owner_view_destroy(view);
	secret_destroy(bundle);
	owner_made_wipe(&made);
}

/* More rows than an owner may have: the first ones count. */
static void no_more_wraps_are_tried_than_there_may_be(void **state)
{
	struct owner_made made;
	struct owner_wrap_row rows[OWNER_WRAPS_MAX + 1];
	struct owner_view *view = NULL;
	uint8_t number = 0;

	(void)state;
	make_owner("alice", &made);
	for (size_t i = 0; i < STR_COUNT(rows); i++)
		rows[i] = (struct owner_wrap_row){1, made.wraps[0], OWNER_WRAP_BYTES};
	assert_int_equal(owner_unlock_any(&made.owner, rows, STR_COUNT(rows), "none such",
					  &clock_port, &view, &number),
			 ERR_AUTH);
	assert_int_equal(owner_unlock_any(&made.owner, rows, STR_COUNT(rows), PASSPHRASE,
					  &clock_port, &view, &number),
			 OK);
	owner_view_destroy(view);
	owner_made_wipe(&made);
}

static void a_wrap_of_before_still_opens(void **state)
{
	enum { COST_AT = 18, COST_END = 26 };
	struct owner_made made;
	struct owner_view *view = NULL;
	struct owner_wrap_about about;
	uint8_t old[OWNER_WRAP_OLD_BYTES];
	const struct owner_wrap_row row = {1, old, sizeof(old)};

	(void)state;
	make_owner("alice", &made);
	old_wrap_of(&made.owner, made.wraps[0], PASSPHRASE, old);
	assert_int_equal(owner_wrap_read(&made.owner, &row, &about), OK);
	assert_true(owner_wrap_is_old(&row));
	assert_int_equal(about.created_ms, 0);
	assert_string_equal(about.name, "");
	for (size_t bit = 16; bit < sizeof(old) * 8; bit++) {
		/* The cost would only be paid: its high bits ask for gigabytes. */
		if (bit / 8 >= COST_AT && bit / 8 < COST_END)
			continue;
		old[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(owner_unlock(&made.owner, OWNER_WRAP_PASSPHRASE, old,
					      sizeof(old), PASSPHRASE, &clock_port,
					      &view),
				 ERR_AUTH);
		old[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(owner_unlock(&made.owner, OWNER_WRAP_PASSPHRASE, old,
				      sizeof(old), PASSPHRASE, &clock_port, &view),
			 OK);
	owner_view_destroy(view);
	old[COST_AT] = 0xff;
	assert_int_equal(owner_wrap_read(&made.owner, &row, &about), ERR_FORMAT);
	old[COST_AT] = 0;
	old[1] = 3;
	assert_int_equal(owner_wrap_read(&made.owner, &row, &about), ERR_FORMAT);
}

static void names_and_passphrases_have_limits(void **state)
{
	struct owner_request request = {.household = HOUSE,
					.name = "",
					.passphrase = PASSPHRASE,
					.cost = CHEAP,
					.keeper_seed = KEEPER_SEED};
	char long_name[NAME_BYTES + 1];
	char long_words[OWNER_PASSPHRASE_BYTES_MAX + 2];
	struct owner_made made;

	(void)state;
	assert_int_equal(owner_create(&request, &rand_port, &made), ERR_RANGE);
	memset(long_name, 'x', NAME_BYTES);
	long_name[NAME_BYTES] = '\0';
	request.name = long_name;
	assert_int_equal(owner_create(&request, &rand_port, &made), ERR_RANGE);
	request.name = "alice";
	request.passphrase = "seven b";
	assert_int_equal(owner_create(&request, &rand_port, &made), ERR_RANGE);
	memset(long_words, 'x', sizeof(long_words) - 1);
	long_words[sizeof(long_words) - 1] = '\0';
	assert_false(owner_passphrase_fits(long_words));
	assert_true(owner_passphrase_fits(long_words + 1));
}

static void an_owners_row_is_the_keepers_word(void **state)
{
	struct owner_made made;
	struct owner owner;
	uint8_t forger_public[SEAL_SIGN_PUBLIC_BYTES];

	(void)state;
	make_owner("alice", &made);
	assert_int_equal(owner_read(HOUSE, keeper_public, made.row, made.row_size,
				    &owner),
			 OK);
	assert_string_equal(owner.name, "alice");
	assert_memory_equal(owner.box_public, made.owner.box_public,
			    SEAL_BOX_PUBLIC_BYTES);
	assert_int_equal(owner_read(OTHER_HOUSE, keeper_public, made.row, made.row_size,
				    &owner),
			 ERR_AUTH);
	seal_sign_pair(FORGER_SEED, forger_public);
	assert_int_equal(owner_read(HOUSE, forger_public, made.row, made.row_size,
				    &owner),
			 ERR_AUTH);
	for (size_t bit = 0; bit < made.row_size * 8; bit++) {
		made.row[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(owner_read(HOUSE, keeper_public, made.row,
						made.row_size, &owner),
				     OK);
		made.row[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t size = 0; size < made.row_size; size++)
		assert_int_not_equal(owner_read(HOUSE, keeper_public, made.row, size,
						&owner),
				     OK);
	assert_int_equal(owner_read(HOUSE, keeper_public, made.row,
				    OWNER_ROW_BYTES_MAX + 1, &owner),
			 ERR_FORMAT);
}

/* Whether a code is one still when that letter is written for each of those. */
static bool letter_reads_as(char letter, char as)
{
	struct owner_made made;
	bool has_any = false;

	while (!has_any) {
		make_owner("alice", &made);
		for (char *at = made.recovery; *at; at++) {
			if (*at != as)
				continue;
			*at = letter;
			has_any = true;
		}
	}
	return owner_is_recovery_code(made.recovery);
}

static void recovery_codes_notice_slips(void **state)
{
	struct owner_made made;
	char longer[OWNER_RECOVERY_TEXT_BYTES + 1];

	(void)state;
	make_owner("alice", &made);
	assert_int_equal(strlen(made.recovery), OWNER_RECOVERY_TEXT_BYTES - 1);
	assert_true(owner_is_recovery_code(made.recovery));
	assert_false(owner_is_recovery_code(""));
	assert_false(owner_is_recovery_code(PASSPHRASE));
	assert_true(str_format(longer, sizeof(longer), "%s0", made.recovery));
	assert_false(owner_is_recovery_code(longer));
	/* Letters that look like others, and such as no code has. */
	assert_true(letter_reads_as('O', '0') && letter_reads_as('o', '0'));
	assert_true(letter_reads_as('I', '1') && letter_reads_as('l', '1'));
	assert_false(letter_reads_as('O', '1') || letter_reads_as('I', '0'));
	for (const char *at = "Uu!.\xc3"; *at; at++) {
		made.recovery[0] = *at;
		assert_false(owner_is_recovery_code(made.recovery));
	}
	make_owner("alice", &made);
	made.recovery[OWNER_RECOVERY_TEXT_BYTES - 2] ^= 1; /* in the check itself */
	assert_false(owner_is_recovery_code(made.recovery));
}

static void an_idle_key_dies(void **state)
{
	struct owner_made made;
	struct owner_view *view;
	uint8_t signature[SEAL_SIGNATURE_BYTES];

	(void)state;
	make_owner("alice", &made);
	view = sign_in(&made);
	clock_fake_pass(&the_clock, OWNER_IDLE_MS - 1);
	assert_true(owner_view_is_open(view)); /* asking is not using */
	assert_int_equal(owner_view_sign(view, "x", "y", 1, signature), OK);
	assert_int_equal(seal_verify_labelled(made.owner.sign_public, "x", "y", 1,
					      signature),
			 OK);
	clock_fake_pass(&the_clock, OWNER_IDLE_MS - 1);
	assert_true(owner_view_is_open(view));
	assert_int_equal(owner_view_left_ms(view), 1);
	clock_fake_pass(&the_clock, 1);
	assert_false(owner_view_is_open(view));
	assert_int_equal(owner_view_sign(view, "x", "y", 1, signature), ERR_DENIED);
	clock_fake_pass(&the_clock, -OWNER_IDLE_MS); /* and does not come back */
	assert_false(owner_view_is_open(view));
	assert_int_equal(owner_view_left_ms(view), 0);
	owner_view_destroy(view);
	assert_false(owner_view_is_open(NULL));
}

/* --- epochs and recordings -------------------------------------------------------------- */

enum { SOUND_BYTES = 3 * RECORDING_CHUNK_BYTES + 100 };

struct sealed {
	struct owner_made made;
	struct kek kek;
	uint8_t kek_row[KEK_ROW_BYTES];
	struct epoch *epoch;
	uint8_t epoch_row[EPOCH_ROW_BYTES];
	struct record_id record;
	struct recording_writer *writer;
	struct recording_rows rows;
	uint8_t *row; /* a copy that may be changed */
	uint8_t salt[RECORDING_SALT_ROW_BYTES];
};

static void fill_pattern(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
}

static void seal_one(const char *owner, size_t size, struct sealed *sealed)
{
	struct recording_about about = {.household = HOUSE,
					.kind = RECORDING_SOUND,
					.turn = {77},
					.room = {"kitchen"},
					.at_ms = 123456,
					.size = size};
	uint8_t *plain = malloc(size + 1);
	size_t row_size;

	assert_non_null(plain);
	memset(sealed, 0, sizeof(*sealed));
	make_owner(owner, &sealed->made);
	assert_int_equal(kek_create(&sealed->made.owner, 1, 1000, KEEPER_SEED, &rand_port,
				    sealed->kek_row, &sealed->kek),
			 OK);
	assert_int_equal(epoch_create(&sealed->kek, KEEPER_SEED, &rand_port, &clock_port,
				      sealed->epoch_row, &sealed->epoch),
			 OK);
	rand_fill(&rand_port, sealed->record.bytes, ID_BYTES);
	about.owner = sealed->made.owner.id;
	about.record = sealed->record;
	about.epoch = epoch_id_of(sealed->epoch);
	assert_int_equal(recording_begin(&about, sealed->epoch, &rand_port,
					 &sealed->writer),
			 OK);
	fill_pattern(plain, size);
	for (size_t at = 0; at < size;) { /* in uneven pieces */
		size_t part = at % 5000 + 1 < size - at ? at % 5000 + 1 : size - at;

		assert_int_equal(recording_add(sealed->writer, plain + at, part), OK);
		at += part;
	}
	assert_int_equal(recording_end(sealed->writer), OK);
	sealed->rows.epoch = sealed->epoch_row;
	sealed->rows.epoch_size = EPOCH_ROW_BYTES;
	sealed->rows.kek = sealed->kek_row;
	sealed->rows.kek_size = KEK_ROW_BYTES;
	memcpy(sealed->salt, recording_salt_row(sealed->writer), sizeof(sealed->salt));
	sealed->rows.salt = sealed->salt;
	sealed->rows.salt_size = sizeof(sealed->salt);
	sealed->rows.record = recording_row(sealed->writer, &row_size);
	sealed->rows.record_size = row_size;
	sealed->row = malloc(row_size);
	assert_non_null(sealed->row);
	memcpy(sealed->row, sealed->rows.record, row_size);
	sealed->rows.record = sealed->row;
	free(plain);
}

static void sealed_finish(struct sealed *sealed)
{
	epoch_destroy(sealed->epoch);
	recording_writer_destroy(sealed->writer);
	free(sealed->row);
	owner_made_wipe(&sealed->made);
}

static enum err open_rows(struct owner_view *view, const struct sealed *sealed,
			  const struct recording_rows *rows, size_t *out_size)
{
	struct recording_about about;
	struct secret *plain = NULL;
	enum err err = recording_open(view, HOUSE, keeper_public, sealed->record,
				      RECORDING_SOUND, rows, &about, &plain);

	*out_size = plain ? secret_size(plain) : 0;
	if (err != OK) {
		assert_null(plain);
		return err;
	}
	assert_int_equal(about.turn.value, 77);
	assert_int_equal(about.at_ms, 123456);
	assert_string_equal(about.room.text, "kitchen");
	if (plain) {
		uint8_t *expected = malloc(secret_size(plain));

		assert_non_null(expected);
		fill_pattern(expected, secret_size(plain));
		assert_memory_equal(secret_view(plain), expected, secret_size(plain));
		free(expected);
	}
	secret_destroy(plain);
	return OK;
}

static void a_recording_comes_back_whole(void **state)
{
	static const size_t sizes[] = {0,
				       1,
				       RECORDING_CHUNK_BYTES - 1,
				       RECORDING_CHUNK_BYTES,
				       RECORDING_CHUNK_BYTES + 1,
				       2 * RECORDING_CHUNK_BYTES,
				       SOUND_BYTES,
				       RECORDING_BYTES_MAX};
	struct sealed sealed;
	struct owner_view *view;
	size_t size;

	(void)state;
	for (size_t i = 0; i < STR_COUNT(sizes); i++) {
		seal_one("alice", sizes[i], &sealed);
		view = sign_in(&sealed.made);
		assert_int_equal(open_rows(view, &sealed, &sealed.rows, &size), OK);
		assert_int_equal(size, sizes[i]);
		owner_view_destroy(view);
		sealed_finish(&sealed);
	}
}

static void announced_sizes_are_kept_to(void **state)
{
	struct sealed sealed;
	struct recording_about about;
	struct recording_writer *writer = NULL;

	(void)state;
	seal_one("alice", 10, &sealed);
	about = *recording_writer_about(sealed.writer);
	assert_int_equal(recording_begin(&about, sealed.epoch, &rand_port, &writer), OK);
	assert_int_equal(recording_add(writer, "123456789ab", 11), ERR_LIMIT);
	assert_int_equal(recording_add(writer, "123456789", 9), OK);
	assert_int_equal(recording_end(writer), ERR_FORMAT);
	recording_writer_destroy(writer);
	about.size = RECORDING_BYTES_MAX + 1;
	assert_int_equal(recording_begin(&about, sealed.epoch, &rand_port, &writer),
			 ERR_RANGE);
	sealed_finish(&sealed);
}

static void nobody_else_opens_it(void **state)
{
	struct sealed alice;
	struct sealed bob;
	struct owner_view *as_alice;
	struct owner_view *as_bob;
	size_t size;

	(void)state;
	seal_one("alice", SOUND_BYTES, &alice);
	seal_one("bob", SOUND_BYTES, &bob);
	as_alice = sign_in(&alice.made);
	as_bob = sign_in(&bob.made);
	assert_int_equal(open_rows(as_bob, &alice, &alice.rows, &size), ERR_AUTH);
	assert_int_equal(open_rows(as_alice, &bob, &bob.rows, &size), ERR_AUTH);
	assert_int_equal(open_rows(as_alice, &alice, &alice.rows, &size), OK);
	owner_view_destroy(as_alice);
	owner_view_destroy(as_bob);
	sealed_finish(&alice);
	sealed_finish(&bob);
}

static void an_ended_view_opens_nothing(void **state)
{
	struct sealed sealed;
	struct owner_view *view;
	size_t size;

	(void)state;
	seal_one("alice", 100, &sealed);
	view = sign_in(&sealed.made);
	clock_fake_pass(&the_clock, OWNER_IDLE_MS);
	assert_int_equal(open_rows(view, &sealed, &sealed.rows, &size), ERR_DENIED);
	assert_int_equal(open_rows(NULL, &sealed, &sealed.rows, &size), ERR_DENIED);
	owner_view_destroy(view);
	sealed_finish(&sealed);
}

static void parts_of_another_recording_do_not_fit(void **state)
{
	struct sealed a;
	struct sealed b;
	struct owner_view *view;
	struct recording_rows rows;
	size_t size;

	(void)state;
	seal_one("alice", 500, &a);
	seal_one("alice", 500, &b);
	view = sign_in(&a.made);
	rows = a.rows;
	rows.salt = b.rows.salt;
	assert_int_equal(open_rows(view, &a, &rows, &size), ERR_AUTH);
	rows = a.rows;
	rows.epoch = b.rows.epoch;
	assert_int_equal(open_rows(view, &a, &rows, &size), ERR_AUTH);
	rows = a.rows;
	rows.record = b.rows.record;
	assert_int_equal(open_rows(view, &a, &rows, &size), ERR_AUTH);
	owner_view_destroy(view);
	sealed_finish(&a);
	sealed_finish(&b);
}

/* Every bit of every row, and every length. */
static void every_bit_of_a_recording_counts(void **state)
{
	struct sealed sealed;
	struct owner_view *view;
	struct {
		uint8_t *bytes;
		size_t *size;
	} rows[4];
	size_t size;

	(void)state;
	seal_one("alice", 64, &sealed);
	view = sign_in(&sealed.made);
	rows[0].bytes = sealed.row;
	rows[0].size = &sealed.rows.record_size;
	rows[1].bytes = sealed.salt;
	rows[1].size = &sealed.rows.salt_size;
	rows[2].bytes = sealed.epoch_row;
	rows[2].size = &sealed.rows.epoch_size;
	rows[3].bytes = sealed.kek_row;
	rows[3].size = &sealed.rows.kek_size;
	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		size_t whole = *rows[i].size;

		for (size_t bit = 0; bit < whole * 8; bit++) {
			rows[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(open_rows(view, &sealed, &sealed.rows, &size),
					 ERR_AUTH);
			rows[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		for (*rows[i].size = 0; *rows[i].size < whole; (*rows[i].size)++)
			assert_int_equal(open_rows(view, &sealed, &sealed.rows, &size),
					 ERR_AUTH);
	}
	assert_int_equal(open_rows(view, &sealed, &sealed.rows, &size), OK);
	owner_view_destroy(view);
	sealed_finish(&sealed);
}

static struct epoch_opened *open_epoch(struct owner_view *view,
				       const struct sealed *sealed)
{
	const struct epoch_rows rows = {sealed->epoch_row, EPOCH_ROW_BYTES,
					sealed->kek_row, KEK_ROW_BYTES};
	struct epoch_opened *opened = NULL;

	assert_int_equal(epoch_open(view, HOUSE, keeper_public,
				    epoch_id_of(sealed->epoch), &rows, &opened),
			 OK);
	return opened;
}

/* By both ways, of which one opens into memory of the caller's. */
static enum err open_with(struct owner_view *view, const struct sealed *sealed,
			  const struct epoch_opened *epoch, uint8_t *to, size_t capacity)
{
	struct recording_about about;
	struct secret *plain = NULL;
	const enum err err =
		recording_open_under(view, HOUSE, epoch, sealed->record, RECORDING_SOUND,
				     &sealed->rows, &about, &plain);

	secret_destroy(plain);
	assert_int_equal(recording_open_into(view, HOUSE, epoch, sealed->record,
					     RECORDING_SOUND, &sealed->rows, &about, to,
					     capacity),
			 err);
	return err;
}

static void an_opened_epoch_opens_its_recordings_alone(void **state)
{
	static const size_t sizes[] = {0, 1, RECORDING_CHUNK_BYTES, SOUND_BYTES};
	static uint8_t plain[SOUND_BYTES + 1];
	static uint8_t expected[SOUND_BYTES];
	struct sealed alice;
	struct sealed bob;
	struct owner_view *as_alice;
	struct owner_view *as_bob;
	struct epoch_opened *hers;
	struct epoch_opened *his;
	struct recording_about about;

	(void)state;
	seal_one("bob", 1, &bob);
	as_bob = sign_in(&bob.made);
	his = open_epoch(as_bob, &bob);
	fill_pattern(expected, sizeof(expected));
	for (size_t i = 0; i < STR_COUNT(sizes); i++) {
		seal_one("alice", sizes[i], &alice);
		as_alice = sign_in(&alice.made);
		hers = open_epoch(as_alice, &alice);
		memset(plain, 0xee, sizeof(plain));
		assert_int_equal(open_with(as_alice, &alice, hers, plain, sizes[i]), OK);
		assert_memory_equal(plain, expected, sizes[i]);
		assert_int_equal(plain[sizes[i]], 0xee);
		assert_int_equal(open_with(as_alice, &alice, his, plain, sizes[i]),
				 ERR_AUTH);
		assert_int_equal(open_with(as_bob, &alice, his, plain, sizes[i]),
				 ERR_AUTH);
		if (sizes[i] > 0)
			assert_int_equal(recording_open_into(as_alice, HOUSE, hers,
							     alice.record,
							     RECORDING_SOUND, &alice.rows,
							     &about, plain, sizes[i] - 1),
					 ERR_LIMIT);
		alice.row[alice.rows.record_size - 1] ^= 1;
		assert_int_equal(open_with(as_alice, &alice, hers, plain, sizes[i]),
				 ERR_AUTH);
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(plain[at], 0);
		epoch_opened_destroy(hers);
		owner_view_destroy(as_alice);
		sealed_finish(&alice);
	}
	epoch_opened_destroy(his);
	owner_view_destroy(as_bob);
	sealed_finish(&bob);
}

/* By somebody who has its key: of a sound's two chunks, those that say that they are the
 * last. */
static enum err open_with_lasts(bool first_is_last, bool second_is_last)
{
	enum { REST = 10, SIZE = RECORDING_CHUNK_BYTES + REST };
	static uint8_t plain[SIZE];
	struct sealed sealed;
	const uint8_t kind = RECORDING_SOUND;
	const struct seal_part parts[] = {{sealed.salt + 1, sizeof(sealed.salt) - 1},
					  {HOUSE.bytes, ID_BYTES},
					  {sealed.made.owner.id.bytes, ID_BYTES},
					  {sealed.record.bytes, ID_BYTES},
					  {&kind, 1}};
	struct seal_part bound;
	struct seal_stream *stream = NULL;
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t *chunks;
	struct owner_view *view;
	size_t size;
	enum err err;

	seal_one("alice", SIZE, &sealed);
	view = sign_in(&sealed.made);
	fill_pattern(plain, sizeof(plain));
	seal_derive(secret_view(epoch_key(sealed.epoch)), "behest record key v1", parts,
		    STR_COUNT(parts), key);
	chunks = sealed.row + sealed.rows.record_size - SIZE -
		 2 * (size_t)SEAL_STREAM_EXTRA_BYTES;
	bound = (struct seal_part){sealed.row, (size_t)(chunks - sealed.row) -
						       SEAL_STREAM_HEADER_BYTES};
	assert_int_equal(seal_stream_start(key, chunks - SEAL_STREAM_HEADER_BYTES,
					   &stream),
			 OK);
	seal_stream_push(stream, bound, plain, RECORDING_CHUNK_BYTES, first_is_last,
			 chunks);
	if (!first_is_last) /* behind it nothing can be pushed: what was there stays */
		seal_stream_push(stream, bound, plain + RECORDING_CHUNK_BYTES, REST,
				 second_is_last,
				 chunks + RECORDING_CHUNK_BYTES +
					 SEAL_STREAM_EXTRA_BYTES);
	seal_stream_destroy(stream);
	err = open_rows(view, &sealed, &sealed.rows, &size);
	owner_view_destroy(view);
	sealed_finish(&sealed);
	return err;
}

static void a_recording_ends_with_its_last_chunk(void **state)
{
	(void)state;
	assert_int_equal(open_with_lasts(false, true), OK);
	assert_int_equal(open_with_lasts(false, false), ERR_AUTH);
	assert_int_equal(open_with_lasts(true, true), ERR_AUTH);
}

static void what_is_no_recording_has_no_head(void **state)
{
	struct recording_about about;
	struct sealed sealed;

	(void)state;
	seal_one("alice", 1, &sealed);
	assert_int_equal(recording_peek(sealed.row, sealed.rows.record_size, &about), OK);
	assert_int_equal(about.size, 1);
	assert_int_equal(recording_peek(sealed.row, 0, &about), ERR_VERSION);
	assert_int_equal(recording_peek(sealed.row, 50, &about), ERR_FORMAT);
	sealed_finish(&sealed);
}

static void an_epoch_lasts_a_quarter_of_an_hour(void **state)
{
	struct sealed sealed;

	(void)state;
	seal_one("alice", 1, &sealed);
	assert_true(epoch_is_fresh(sealed.epoch));
	clock_fake_pass(&the_clock, EPOCH_LIFE_MS - 1);
	assert_true(epoch_is_fresh(sealed.epoch));
	clock_fake_pass(&the_clock, 1);
	assert_false(epoch_is_fresh(sealed.epoch));
	clock_fake_pass(&the_clock, -EPOCH_LIFE_MS);
	assert_true(epoch_is_fresh(sealed.epoch));
	clock_fake_pass(&the_clock, -1); /* such a clock is not believed */
	assert_false(epoch_is_fresh(sealed.epoch));
	sealed_finish(&sealed);
}

/* Somebody with SQL seals an epoch of their own to the owner: the keeper never said so. */
static void an_epoch_by_another_keeper_is_refused(void **state)
{
	struct sealed sealed;
	struct owner_view *view;
	struct epoch *forged = NULL;
	struct epoch_opened *opened = NULL;
	uint8_t row[EPOCH_ROW_BYTES];
	struct epoch_rows rows = {.epoch = row, .epoch_size = sizeof(row)};

	(void)state;
	seal_one("alice", 1, &sealed);
	view = sign_in(&sealed.made);
	rows.kek = sealed.kek_row;
	rows.kek_size = KEK_ROW_BYTES;
	assert_int_equal(epoch_create(&sealed.kek, FORGER_SEED, &rand_port, &clock_port,
				      row, &forged),
			 OK);
	assert_int_equal(epoch_open(view, HOUSE, keeper_public, epoch_id_of(forged),
				    &rows, &opened),
			 ERR_AUTH);
	assert_null(opened);
	epoch_destroy(forged);
	owner_view_destroy(view);
	sealed_finish(&sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owner_signs_in_with_passphrase_or_recovery_code),
		cmocka_unit_test(wrong_words_and_wraps_let_nobody_in),
		cmocka_unit_test(every_bit_of_a_wrap_counts),
		cmocka_unit_test(a_further_passphrase_opens_the_same),
		cmocka_unit_test(further_wraps_have_limits),
		cmocka_unit_test(other_keys_under_the_same_words_are_refused),
		cmocka_unit_test(no_more_wraps_are_tried_than_there_may_be),
		cmocka_unit_test(a_wrap_of_before_still_opens),
		cmocka_unit_test(names_and_passphrases_have_limits),
		cmocka_unit_test(an_owners_row_is_the_keepers_word),
		cmocka_unit_test(recovery_codes_notice_slips),
		cmocka_unit_test(an_idle_key_dies),
		cmocka_unit_test(a_recording_comes_back_whole),
		cmocka_unit_test(announced_sizes_are_kept_to),
		cmocka_unit_test(nobody_else_opens_it),
		cmocka_unit_test(an_ended_view_opens_nothing),
		cmocka_unit_test(parts_of_another_recording_do_not_fit),
		cmocka_unit_test(every_bit_of_a_recording_counts),
		cmocka_unit_test(an_opened_epoch_opens_its_recordings_alone),
		cmocka_unit_test(a_recording_ends_with_its_last_chunk),
		cmocka_unit_test(what_is_no_recording_has_no_head),
		cmocka_unit_test(an_epoch_lasts_a_quarter_of_an_hour),
		cmocka_unit_test(an_epoch_by_another_keeper_is_refused),
	};

	if (seal_init() != OK)
		return 1;
	clock_port = clock_fake_init(&the_clock);
	rand_port = rand_fake_init(&the_rand, 1);
	seal_sign_pair(KEEPER_SEED, keeper_public);
	return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
