/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_load - reads what a keeper must know: the newest checkpoint, the end of the
 * journal, the owners and the keys of their recordings, the newest number of each room, the
 * policy. At start, and of the checkpoint alone when a write ended in doubt.
 *
 * Believes nothing that this keeper, or an owner it knows, has not signed. What cannot be
 * believed and would be built upon breaks the desk; a journal that was cut short does
 * not: it is reported, and goes on behind the last checkpoint.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/str.h"
#include "keeper/desk_inner.h"
#include "keeper/policy_row.h"

static void load_end(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_cosigned(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_owners(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_keks(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_certificates(struct desk *desk, enum err err,
			      const struct store_rows *rows);
static void load_box(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_box_epochs(struct desk *desk, enum err err,
			    const struct store_rows *rows);
static void load_attested(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_book(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_policy(struct desk *desk, enum err err, const struct store_rows *rows);
static void load_older_policy(struct desk *desk, enum err err,
			      const struct store_rows *rows);
static void load_proposals(struct desk *desk, enum err err,
			   const struct store_rows *rows);

static void ask(struct desk *desk, const struct store_range *range,
		void (*next)(struct desk *desk, enum err err,
			     const struct store_rows *rows))
{
	enum err err;

	if (desk->state == DESK_BROKEN)
		return;
	desk->load_request = desk_next_id(desk);
	desk->load_next = next;
	err = store_range_get(&desk->store, range, desk->load_request);
	if (err != OK)
		desk_break(desk, "the store takes no requests");
}

/* The newest whose number is at most last. */
static void ask_up_to(struct desk *desk, enum store_space space, uint64_t last,
		      void (*next)(struct desk *desk, enum err err,
				   const struct store_rows *rows))
{
	const struct store_range range = {
		.first = desk_key_number(desk, space, 0),
		.last = desk_key_number(desk, space, last),
		.backwards = true,
		.limit = 1,
	};

	ask(desk, &range, next);
}

static void ask_newest(struct desk *desk, enum store_space space,
		       void (*next)(struct desk *desk, enum err err,
				    const struct store_rows *rows))
{
	ask_up_to(desk, space, UINT64_MAX, next);
}

void desk_loaded(struct desk *desk, enum err err, const struct store_rows *rows)
{
	desk->load_request = 0;
	if (err != OK) {
		desk_break(desk, err == ERR_FORMAT
					 ? "what is stored is damaged; restore it from a"
					   " backup, nothing was changed"
					 : "what is stored cannot be read");
		return;
	}
	desk->load_next(desk, err, rows);
}

static void load_checkpoint(struct desk *desk, enum err err,
			    const struct store_rows *rows)
{
	uint64_t size = 0;

	(void)err;
	if (rows->count > 0) {
		if (!desk_number_of(&rows->rows[0].key, &size) ||
		    journal_resume(desk->journal, rows->rows[0].value,
				   rows->rows[0].size) != OK ||
		    journal_size(desk->journal) != size) {
			desk_break(desk,
				   "the newest checkpoint is not one of this keeper's;"
				   " restore keeper.db and keeper.key together");
			return;
		}
	}
	ask_newest(desk, STORE_JOURNAL, load_end);
}

/* The last entry must be the one that the checkpoint ends with. */
static void load_end(struct desk *desk, enum err err, const struct store_rows *rows)
{
	uint64_t expected = journal_size(desk->journal);
	uint64_t last = 0;

	(void)err;
	if (rows->count > 0 && !desk_number_of(&rows->rows[0].key, &last))
		last = UINT64_MAX;
	if (last > expected) {
		desk_break(desk, "the journal goes on behind its newest checkpoint");
		return;
	}
	if (last < expected) {
		(void)str_format(desk->trouble, sizeof(desk->trouble),
				 "journal entry %" PRIu64 " is missing", last + 1);
		log_line("keeper: %s; see: behest verify", desk->trouble);
		desk_incident_open(desk, INCIDENT_JOURNAL_NOT_WHOLE,
				   (struct record_id){{0}}, NULL);
	}
	ask_newest(desk, STORE_COSIGNATURE, load_cosigned);
}

/* Whoever put the whole folder back to an older state may have left a device's word of it;
 * where they have not, the device itself notices. */
static void load_cosigned(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const uint64_t size = journal_size(desk->journal);
	const struct store_range owners = {
		.first = desk_key(desk, STORE_OWNER, (const uint8_t[ID_BYTES]){0},
				  ID_BYTES),
		.last = desk_key(desk, STORE_OWNER,
				 "\xff\xff\xff\xff\xff\xff\xff\xff"
				 "\xff\xff\xff\xff\xff\xff\xff\xff",
				 ID_BYTES),
		.limit = DESK_OWNERS_MAX,
	};
	struct unpack unpack;
	uint64_t cosigned = 0;

	(void)err;
	if (rows->count > 0) {
		unpack_init(&unpack, rows->rows[0].key.bytes, rows->rows[0].key.size);
		cosigned = unpack_u64(&unpack);
	}
	if (cosigned > size) {
		(void)str_format(desk->trouble, sizeof(desk->trouble),
				 "the journal ends at %" PRIu64
				 ", but a device cosigned %" PRIu64 ": it was cut short",
				 size, cosigned);
		log_line("keeper: %s; see: behest verify", desk->trouble);
	}
	desk->owner_count = 0;
	ask(desk, &owners, load_owners);
}

/* From the next key there can be behind the last one. */
static void next_page(struct store_range *range, const struct store_rows *rows)
{
	range->first = rows->rows[rows->count - 1].key;
	must(range->first.size < STORE_KEY_BYTES_MAX);
	range->first.bytes[range->first.size++] = 0;
}

static void load_owners(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range keks = desk_kek_range(desk);

	(void)err;
	for (size_t i = 0; i < rows->count; i++) {
		struct owner *owner = &desk->owners[desk->owner_count];

		must(desk->owner_count < DESK_OWNERS_MAX);
		if (owner_read(desk->parts.household, desk->public_key,
			       rows->rows[i].value, rows->rows[i].size, owner) != OK ||
		    rows->rows[i].key.size != ID_BYTES ||
		    !id_equal(rows->rows[i].key.bytes, owner->id.bytes)) {
			desk_break(desk, "an owner's row is not one of this keeper's");
			return;
		}
		desk->owner_count++;
	}
	memset(desk->keks, 0, sizeof(desk->keks));
	ask(desk, &keks, load_keks);
}

static void load_keks(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range certificates = desk_certificate_range(desk);
	struct store_range range = desk_kek_range(desk);

	(void)err;
	if (!desk_kek_loaded(desk, rows))
		return;
	if (rows->more && rows->count > 0) {
		next_page(&range, rows);
		ask(desk, &range, load_keks);
	} else {
		desk_certificate_drop_all(desk);
		ask(desk, &certificates, load_certificates);
	}
}

static void load_certificates(struct desk *desk, enum err err,
			      const struct store_rows *rows)
{
	const struct store_range box = desk_box_range(desk);
	struct store_range range = desk_certificate_range(desk);

	(void)err;
	desk_certificate_loaded(desk, rows);
	if (rows->more && rows->count > 0) {
		next_page(&range, rows);
		ask(desk, &range, load_certificates);
	} else if (desk_certificate_owners_hold(desk)) {
		memset(&desk->box, 0, sizeof(desk->box));
		ask(desk, &box, load_box);
	}
}

static void load_box(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range epochs = desk_box_epoch_range(desk);
	struct store_range range = desk_box_range(desk);

	(void)err;
	desk_box_loaded(desk, rows);
	if (rows->more && rows->count > 0) {
		next_page(&range, rows);
		ask(desk, &range, load_box);
	} else {
		ask(desk, &epochs, load_box_epochs);
	}
}

static void load_box_epochs(struct desk *desk, enum err err,
			    const struct store_rows *rows)
{
	const struct store_range attested = desk_attest_range(desk);
	struct store_range range = desk_box_epoch_range(desk);

	(void)err;
	desk_box_epochs_loaded(desk, rows);
	if (rows->more && rows->count > 0) {
		next_page(&range, rows);
		ask(desk, &range, load_box_epochs);
	} else {
		ask(desk, &attested, load_attested);
	}
}

/* Before the policy: until that is known no room attests anything. */
static void load_attested(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range book = desk_book_range(desk);

	(void)err;
	desk_attest_loaded(desk, rows);
	desk->book_count = 0;
	ask(desk, &book, load_book);
}

static void load_book(struct desk *desk, enum err err, const struct store_rows *rows)
{
	struct store_range range = desk_book_range(desk);

	(void)err;
	desk_book_loaded(desk, rows);
	if (rows->more && rows->count > 0) {
		next_page(&range, rows);
		ask(desk, &range, load_book);
	} else {
		ask_newest(desk, STORE_POLICY, load_policy);
	}
}

static void started(struct desk *desk, struct item *item, enum err err, uint64_t place)
{
	(void)desk;
	(void)item;
	(void)place;
	if (err != OK)
		log_line("keeper: its start could not be written down: %s",
			 err_words(err));
}

static void become_ready(struct desk *desk)
{
	struct item *item = NULL;

	if (desk->state == DESK_BROKEN)
		return;
	desk_certificate_judge_policy(desk);
	desk_policy_settle(desk);
	desk->state = DESK_READY;
	if (desk->parts.ends_by) {
		desk_end_resume(desk);
		return;
	}
	if (item_create(NULL, 0, started, &item) != OK) {
		desk_break(desk, "out of memory");
		return;
	}
	desk_event(desk, &item->event, EVENT_STARTED, "");
	desk_write_take(desk, &item);
	desk_kek_ready(desk);
	desk_box_tick(desk);
	desk_proposal_ready(desk);
	desk_incident_ready(desk);
}

static void load_backup(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range proposals = desk_proposal_range(desk);

	(void)err;
	desk_backup_loaded(desk, rows);
	desk_proposal_drop_all(desk);
	ask(desk, &proposals, load_proposals);
}

/* Page by page: there may be thousands. */
static void load_proposals(struct desk *desk, enum err err, const struct store_rows *rows)
{
	struct store_range range = desk_proposal_range(desk);

	(void)err;
	desk_proposal_loaded(desk, rows);
	if (!rows->more || rows->count == 0) {
		become_ready(desk);
		return;
	}
	next_page(&range, rows);
	ask(desk, &range, load_proposals);
}

static void load_incidents(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range backup = desk_backup_range(desk);
	struct store_range range = desk_incident_range(desk);

	(void)err;
	desk_incident_loaded(desk, rows);
	if (rows->more && rows->count > 0) {
		next_page(&range, rows);
		ask(desk, &range, load_incidents);
		return;
	}
	ask(desk, &backup, load_backup);
}

static void load_fuses(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range incidents = desk_incident_range(desk);

	(void)err;
	desk_fuse_loaded(desk, rows);
	desk_incident_drop_all(desk);
	ask(desk, &incidents, load_incidents);
}

/* --- the policy ------------------------------------------------------------------------- */

bool desk_load_counts(struct desk *desk, enum err err)
{
	if (err == ERR_MEMORY)
		desk_break(desk, "out of memory");
	return err == OK;
}

/* Whether the row counts, and which version it is. */
static bool read_policy(struct desk *desk, const struct store_row *row,
			uint64_t *out_version, struct policy *policy)
{
	const struct policy_signers signers = {.keeper_public = desk->public_key,
					       .owners = desk->owners,
					       .owner_count = desk->owner_count};

	*out_version = 0;
	return desk_number_of(&row->key, out_version) &&
	       desk_load_counts(desk,
				policy_row_read(desk->parts.household, *out_version,
						&signers, row->value, row->size, policy));
}

/* A policy that permits nothing is safe; the owner sets it again. But who was removed
 * stays so: nobody gets their word back by damaging what took it from them. */
static void doubt_policy(struct desk *desk, const struct policy *older)
{
	policy_init(&desk->policy);
	desk->policy_counts = false;
	desk->policy.removed_count = older->removed_count;
	memcpy(desk->policy.removed, older->removed, sizeof(older->removed));
	(void)str_format(desk->trouble, sizeof(desk->trouble),
			 "the policy is not signed by an owner of this house and by this "
			 "keeper, and does not count; set the rooms again");
	log_line("keeper: %s", desk->trouble);
	desk_incident_open(desk, INCIDENT_FOREIGN_ROW, (struct record_id){{0}}, NULL);
}

/* Before the fuses: what blew afterwards mutes again. */
static void load_amendments(struct desk *desk, enum err err,
			    const struct store_rows *rows)
{
	struct store_range range = desk_amend_range(desk);
	const struct store_range fuses = desk_fuse_range(desk);

	(void)err;
	desk_amend_loaded(desk, rows);
	if (rows->more && rows->count > 0) {
		next_page(&range, rows);
		ask(desk, &range, load_amendments);
	} else {
		ask(desk, &fuses, load_fuses);
	}
}

static void policy_loaded(struct desk *desk)
{
	const struct store_range amendments = desk_amend_range(desk);

	ask(desk, &amendments, load_amendments);
}

static void load_policy(struct desk *desk, enum err err, const struct store_rows *rows)
{
	(void)err;
	policy_init(&desk->policy);
	desk->policy_version = 0;
	desk->policy_counts = true;
	if (rows->count == 0) {
		policy_loaded(desk);
		return;
	}
	desk->policy_counts =
		read_policy(desk, &rows->rows[0], &desk->policy_version, &desk->policy);
	if (desk->policy_counts &&
	    policy_row_has_keeper(rows->rows[0].value, rows->rows[0].size))
		policy_loaded(desk);
	else
		ask_up_to(desk, STORE_POLICY, desk->policy_version, load_older_policy);
}

/* Where the newest row does not count, or is of a layout that owners alone signed: looks
 * below it for one that this keeper signed. If there is one, nobody wrote the older layout
 * above it but to get around the keeper. */
static void load_older_policy(struct desk *desk, enum err err,
			      const struct store_rows *rows)
{
	const struct store_row *row = rows->rows;
	struct policy older;
	uint64_t version = 0;
	bool counts = false;

	(void)err;
	policy_init(&older);
	if (rows->count > 0)
		counts = read_policy(desk, row, &version, &older) &&
			 policy_row_has_keeper(row->value, row->size);
	if (!counts && version > 0) {
		ask_up_to(desk, STORE_POLICY, version - 1, load_older_policy);
		return;
	}
	if (!counts)
		policy_init(&older);
	if (counts || !desk->policy_counts)
		doubt_policy(desk, &older);
	policy_loaded(desk);
}

void desk_load(struct desk *desk)
{
	desk->state = DESK_LOADING;
	ask_newest(desk, STORE_CHECKPOINT, load_checkpoint);
}

/* --- after a write that may or may not have happened ------------------------------------ */

/* No checkpoint tells of quiet items; but where a key ended, the backups' did so, too. */
static void settle_quiet(struct desk *desk, enum err err, const struct store_rows *rows)
{
	(void)err;
	desk_write_settled(desk, desk_backup_has_next(desk, rows));
}

static void settle_doubt(struct desk *desk, enum err err, const struct store_rows *rows)
{
	const struct store_range backup = desk_backup_range(desk);
	uint64_t size = 0;
	bool is_ours = rows->count == 0 || desk_number_of(&rows->rows[0].key, &size);

	(void)err;
	if (is_ours && size == journal_size(desk->journal) && desk->backup.next > 0 &&
	    size == journal_pending_size(desk->journal))
		ask(desk, &backup, settle_quiet);
	else if (is_ours && size == journal_size(desk->journal))
		desk_write_settled(desk, false);
	else if (is_ours && size == journal_pending_size(desk->journal))
		desk_write_settled(desk, true);
	else
		desk_break(desk, "the store does not hold what was last written");
}

void desk_load_after_doubt(struct desk *desk)
{
	desk->state = DESK_LOADING;
	ask_newest(desk, STORE_CHECKPOINT, settle_doubt);
}
