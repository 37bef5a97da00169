/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool - see the header.
 *
 * A file: "BEHESTP1", id, kind (1), from, to, when it was made (8), size (4), hash, signature,
 * then the body; numbers little-endian. Its name is the SHA-256 of id, kind, from and to, so
 * that one that comes twice, signed anew, is one file.
 *
 * Invariant: what the list holds lies on the disk, whole.
 */
#include "gate/spool.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/must.h"
#include "base/pack.h"
#include "base/seal.h"
#include "base/str.h"

enum {
	MAGIC_BYTES = 8,
	HEAD_BYTES = MAGIC_BYTES + PARCEL_SIGNED_BYTES + PARCEL_SIGNATURE_BYTES,
	FILE_BYTES_MAX = HEAD_BYTES + PARCEL_BYTES_MAX,
	NAME_CHARS = 2 * SEAL_HASH_BYTES,
};

static const char MAGIC[MAGIC_BYTES + 1] = "BEHESTP1";

struct kept {
	struct parcel_head head;
	bool is_unreadable;
	int64_t came_ms;  /* monotonic */
	int64_t pause_ms; /* 0: it was not put off */
	int64_t not_before_ms;
};

struct spool {
	char folder[FILE_PATH_BYTES];
	struct clock clock;
	size_t houses;
	size_t bytes;
	size_t count;
	struct kept
		*all[SPOOL_PARCELS_MAX]; /* owned; in the order in which they were made */
};

/* --- a file ----------------------------------------------------------------------------- */

static enum err name_of(const struct parcel_head *head, char to[NAME_CHARS + 1])
{
	const struct parcel *parcel = &head->parcel;
	const uint8_t kind = (uint8_t)parcel->kind;
	const struct seal_part parts[] = {{parcel->id.bytes, ID_BYTES},
					  {&kind, 1},
					  {parcel->from, PARCEL_KEY_BYTES},
					  {parcel->to, PARCEL_KEY_BYTES}};
	uint8_t hash[SEAL_HASH_BYTES];
	enum err err = seal_sha256(parts, STR_COUNT(parts), hash);

	if (!err)
		str_to_hex(to, hash, sizeof(hash));
	return err;
}

static enum err path_of(const struct spool *spool, const struct parcel_head *head,
			char to[FILE_PATH_BYTES])
{
	char name[NAME_CHARS + 1];
	enum err err = name_of(head, name);

	if (!err && !file_join(to, FILE_PATH_BYTES, spool->folder, name))
		err = ERR_LIMIT;
	return err;
}

static void write_head(const struct parcel_head *head, uint8_t to[HEAD_BYTES])
{
	memcpy(to, MAGIC, MAGIC_BYTES);
	parcel_bytes(&head->parcel, to + MAGIC_BYTES);
	memcpy(to + MAGIC_BYTES + PARCEL_SIGNED_BYTES, head->signature,
	       PARCEL_SIGNATURE_BYTES);
}

static enum err read_head(const uint8_t *bytes, size_t size, struct parcel_head *out_head)
{
	struct parcel_head head = {.is_signed = true};
	struct parcel *parcel = &head.parcel;
	struct unpack unpack;
	uint8_t kind;

	if (size < HEAD_BYTES || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
		return ERR_FORMAT;
	unpack_init(&unpack, bytes + MAGIC_BYTES, HEAD_BYTES - MAGIC_BYTES);
	unpack_bytes(&unpack, parcel->id.bytes, ID_BYTES);
	kind = unpack_u8(&unpack);
	unpack_bytes(&unpack, parcel->from, PARCEL_KEY_BYTES);
	unpack_bytes(&unpack, parcel->to, PARCEL_KEY_BYTES);
	parcel->at_ms = unpack_i64(&unpack);
	parcel->size = unpack_u32(&unpack);
	unpack_bytes(&unpack, parcel->hash, PARCEL_HASH_BYTES);
	unpack_bytes(&unpack, head.signature, sizeof(head.signature));
	if (!unpack_is_whole(&unpack) || kind >= PARCEL_KIND_COUNT ||
	    size - HEAD_BYTES != parcel->size)
		return ERR_FORMAT;
	parcel->kind = (enum parcel_kind)kind;
	*out_head = head;
	return OK;
}

static bool is_between(const struct parcel *one, const struct parcel *other)
{
	return parcel_same_key(one->from, other->from) &&
	       parcel_same_key(one->to, other->to);
}

static bool is_same(const struct parcel_head *one, const struct parcel_head *other)
{
	return one->parcel.kind == other->parcel.kind &&
	       id_equal(one->parcel.id.bytes, other->parcel.id.bytes) &&
	       is_between(&one->parcel, &other->parcel);
}

/* --- the list --------------------------------------------------------------------------- */

static enum err insert(struct spool *spool, const struct parcel_head *head)
{
	struct kept *kept = malloc(sizeof(*kept));
	size_t at = spool->count;

	if (!kept)
		return ERR_MEMORY;
	*kept = (struct kept){.head = *head, .came_ms = clock_now_ms(&spool->clock)};
	while (at > 0 && spool->all[at - 1]->head.parcel.at_ms > head->parcel.at_ms)
		at--;
	memmove(&spool->all[at + 1], &spool->all[at],
		(spool->count - at) * sizeof(struct kept *));
	spool->all[at] = kept;
	spool->count++;
	spool->bytes += head->parcel.size;
	return OK;
}

static void remove_at(struct spool *spool, size_t at)
{
	char path[FILE_PATH_BYTES];
	struct kept *kept = spool->all[at];

	/* Where the file stays it is found again at the next start, and handed over again:
	 * whoever took it knows it. */
	if (path_of(spool, &kept->head, path) == OK && unlink(path) != 0)
		log_line("gate: a parcel that was taken cannot be removed");
	spool->bytes -= kept->head.parcel.size;
	spool->count--;
	memmove(&spool->all[at], &spool->all[at + 1],
		(spool->count - at) * sizeof(struct kept *));
	free(kept);
}

static bool is_too_old(const struct spool *spool, const struct parcel_head *head)
{
	return clock_wall_ms(&spool->clock) - head->parcel.at_ms > PARCEL_LASTS_MS;
}

/* Made tomorrow it would stay here for longer than others. */
static bool is_too_young(const struct spool *spool, const struct parcel_head *head)
{
	return head->parcel.at_ms - clock_wall_ms(&spool->clock) > PARCEL_AHEAD_MS;
}

/* --- opening ---------------------------------------------------------------------------- */

/* Only what is whole and of the name that its head makes. */
static enum err read_file(const struct spool *spool, const char *name,
			  struct parcel_head *out_head, struct buf *out_bytes)
{
	char path[FILE_PATH_BYTES];
	char expected[NAME_CHARS + 1];
	enum err err;

	buf_init(out_bytes, 0);
	if (!file_join(path, sizeof(path), spool->folder, name))
		return ERR_LIMIT;
	err = file_read(path, FILE_BYTES_MAX, out_bytes, NULL);
	if (!err)
		err = read_head(out_bytes->bytes, out_bytes->size, out_head);
	if (!err)
		err = name_of(out_head, expected);
	return !err && !str_equal(expected, name) ? ERR_FORMAT : err;
}

/* What a program that died had not finished. */
static bool is_left_over(const struct spool *spool, const char *name)
{
	char path[FILE_PATH_BYTES];

	return str_ends(name, ".new") && strlen(name) == NAME_CHARS + 4 &&
	       file_join(path, sizeof(path), spool->folder, name) && unlink(path) == 0;
}

static enum err take_file(struct spool *spool, const char *name)
{
	struct parcel_head head;
	struct buf bytes;
	enum err err = read_file(spool, name, &head, &bytes);

	buf_finish(&bytes);
	if (!err && spool->count == SPOOL_PARCELS_MAX)
		err = ERR_LIMIT;
	return err ? err : insert(spool, &head);
}

static enum err read_folder(struct spool *spool, struct err_note *note)
{
	DIR *folder = opendir(spool->folder);
	struct dirent *entry;
	unsigned strange = 0;

	if (!folder)
		return err_say(ERR_IO, note, "%s: cannot be opened", spool->folder);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.' || is_left_over(spool, entry->d_name))
			continue;
		strange += take_file(spool, entry->d_name) != OK;
	}
	closedir(folder);
	if (strange > 0)
		log_line("gate: %u files of the spool are not parcels and are left alone",
			 strange);
	return OK;
}

enum err spool_open(const char *folder, const struct clock *clock, size_t houses,
		    struct spool **out_spool, struct err_note *note)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	enum err err;

	if (!spool)
		return ERR_MEMORY;
	spool->clock = *clock;
	spool->houses = houses;
	err = file_make_folder(folder, note);
	if (!err && !str_copy(spool->folder, sizeof(spool->folder), folder))
		err = ERR_LIMIT;
	if (!err)
		err = read_folder(spool, note);
	if (err) {
		spool_close(spool);
		return err;
	}
	spool_tick(spool);
	*out_spool = spool;
	return OK;
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	for (size_t i = 0; i < spool->count; i++)
		free(spool->all[i]);
	free(spool);
}

/* --- in and out ------------------------------------------------------------------------- */

/* No house takes from another what is the other's. */
static size_t share(const struct spool *spool, size_t all, size_t each)
{
	return spool->houses > 0 && all / spool->houses < each ? all / spool->houses
							       : each;
}

static bool has_room(const struct spool *spool, const struct parcel *parcel)
{
	const size_t most = share(spool, SPOOL_PARCELS_MAX, SPOOL_PARCELS_EACH);
	const size_t most_bytes = share(spool, SPOOL_BYTES_MAX, SPOOL_BYTES_EACH);
	size_t count = 0;
	size_t bytes = parcel->size;

	for (size_t i = 0; i < spool->count; i++) {
		const struct parcel *other = &spool->all[i]->head.parcel;

		if (memcmp(other->from, parcel->from, PARCEL_KEY_BYTES) != 0)
			continue;
		count++;
		bytes += other->size;
	}
	return spool->count < SPOOL_PARCELS_MAX && count < most && bytes <= most_bytes &&
	       spool->bytes + parcel->size <= SPOOL_BYTES_MAX;
}

static enum err write_file(const struct spool *spool, const struct parcel_head *head,
			   const uint8_t *body)
{
	const size_t size = HEAD_BYTES + head->parcel.size;
	uint8_t *bytes = malloc(size);
	char path[FILE_PATH_BYTES];
	enum err err = bytes ? path_of(spool, head, path) : ERR_MEMORY;

	if (!err) {
		write_head(head, bytes);
		memcpy(bytes + HEAD_BYTES, body, head->parcel.size);
		err = file_write(path, bytes, size, 0600, NULL);
	}
	free(bytes);
	return err;
}

enum err spool_put(struct spool *spool, const struct parcel_head *head,
		   const uint8_t *body)
{
	enum err err;

	must(head->is_signed);
	for (size_t i = 0; i < spool->count; i++) {
		if (!is_same(&spool->all[i]->head, head))
			continue;
		if (spool->all[i]->is_unreadable) {
			remove_at(spool, i); /* this one takes its place */
			break;
		}
		spool->all[i]->came_ms = clock_now_ms(&spool->clock);
		return OK;
	}
	if (is_too_old(spool, head) || is_too_young(spool, head))
		return ERR_TIMEOUT;
	if (!has_room(spool, &head->parcel))
		return ERR_LIMIT;
	err = write_file(spool, head, body);
	return err ? err : insert(spool, head);
}

static enum err read_kept(const struct spool *spool, const struct kept *kept,
			  struct buf *out_body)
{
	char name[NAME_CHARS + 1];
	struct parcel_head head;
	enum err err = name_of(&kept->head, name);

	buf_init(out_body, 0);
	if (!err)
		err = read_file(spool, name, &head, out_body);
	if (!err)
		buf_drop(out_body, HEAD_BYTES);
	return err;
}

/* Somebody waits for a key, and listens to a letter some time: letters come last. */
static struct kept *find_first(const struct spool *spool, const uint8_t *to)
{
	struct kept *letter = NULL;

	for (size_t i = 0; i < spool->count; i++) {
		struct kept *kept = spool->all[i];

		if (kept->is_unreadable ||
		    clock_now_ms(&spool->clock) < kept->not_before_ms ||
		    !parcel_same_key(kept->head.parcel.to, to))
			continue;
		if (kept->head.parcel.kind != PARCEL_LETTER)
			return kept;
		if (!letter)
			letter = kept;
	}
	return letter;
}

enum err spool_first(struct spool *spool, const uint8_t to[PARCEL_KEY_BYTES],
		     struct parcel_head *out_head, struct buf *out_body)
{
	struct kept *kept;

	while ((kept = find_first(spool, to))) {
		*out_head = kept->head;
		if (read_kept(spool, kept, out_body) == OK)
			return OK;
		buf_finish(out_body);
		kept->is_unreadable = true;
		log_line("gate: a parcel that was kept cannot be read any more");
	}
	return ERR_MISSING;
}

static int64_t next_pause_ms(const struct kept *kept)
{
	const int64_t twice_ms = kept->pause_ms * 2;

	if (kept->head.parcel.kind != PARCEL_LETTER)
		return SPOOL_PAUSE_OTHERS_MS;
	if (twice_ms < SPOOL_PAUSE_MS)
		return SPOOL_PAUSE_MS;
	return twice_ms < SPOOL_PAUSE_MAX_MS ? twice_ms : SPOOL_PAUSE_MAX_MS;
}

void spool_put_off(struct spool *spool, const struct parcel_head *head)
{
	const bool is_letter = head->parcel.kind == PARCEL_LETTER;
	int64_t until_ms = clock_now_ms(&spool->clock);

	for (size_t i = 0; i < spool->count; i++) {
		struct kept *kept = spool->all[i];

		if (!is_same(&kept->head, head))
			continue;
		kept->pause_ms = next_pause_ms(kept);
		kept->not_before_ms = until_ms += kept->pause_ms;
	}
	for (size_t i = 0; is_letter && i < spool->count; i++) {
		struct kept *kept = spool->all[i];

		if (kept->head.parcel.kind == PARCEL_LETTER &&
		    is_between(&kept->head.parcel, &head->parcel) &&
		    kept->not_before_ms < until_ms)
			kept->not_before_ms = until_ms;
	}
}

void spool_drop(struct spool *spool, const struct parcel_head *head)
{
	for (size_t i = 0; i < spool->count; i++) {
		if (!is_same(&spool->all[i]->head, head))
			continue;
		remove_at(spool, i);
		return;
	}
}

/* Hours later nobody is about to listen any more. */
static bool is_in_vain(const struct spool *spool, const struct kept *kept)
{
	return kept->head.parcel.kind == PARCEL_WANT &&
	       clock_now_ms(&spool->clock) - kept->came_ms > SPOOL_WANT_MS;
}

void spool_tick(struct spool *spool)
{
	for (size_t i = spool->count; i > 0; i--)
		if (is_too_old(spool, &spool->all[i - 1]->head) ||
		    is_in_vain(spool, spool->all[i - 1]))
			remove_at(spool, i - 1);
}

size_t spool_count(const struct spool *spool)
{
	return spool->count;
}
