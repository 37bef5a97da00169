/* SPDX-License-Identifier: Apache-2.0 */
/*
 * houses - see the header. Invariant: of several contacts in one house one row is made, and
 * none of an empty key.
 */
#include "gate/houses.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/key_text.h"
#include "base/str.h"
#include "domain/peer_address.h"

_Static_assert((int)PARCEL_KEY_BYTES == (int)KEY_TEXT_KEY_BYTES, "both are Ed25519 keys");

enum err way_read(const char *address, const uint8_t key[PARCEL_KEY_BYTES],
		  struct way *out_way)
{
	const char *slash = strchr(address, '/');
	const size_t size = slash ? (size_t)(slash - address) : strlen(address);

	if (peer_address_check(address, NULL) ||
	    !str_copy_bytes(out_way->words, sizeof(out_way->words), address, size))
		return ERR_FORMAT;
	if (slash)
		return key_from_text(slash + 1, out_way->key) ? ERR_FORMAT : OK;
	memcpy(out_way->key, key, PARCEL_KEY_BYTES);
	return OK;
}

static struct house *find(struct house *all, size_t count, const uint8_t *key)
{
	for (size_t i = 0; i < count; i++)
		if (parcel_same_key(all[i].key, key))
			return &all[i];
	return NULL;
}

static void add(struct houses *houses, const struct wire_peer *peer)
{
	const uint8_t *key = peer->key.bytes;
	struct house *house = find(houses->told, houses->told_count, key);
	const struct house *before = find(houses->all, houses->count, key);

	if (!house) {
		if (houses->told_count == HOUSES_MAX)
			return;
		house = &houses->told[houses->told_count++];
		*house = before ? *before : (struct house){.waits = 0};
		memcpy(house->key, key, PARCEL_KEY_BYTES);
		house->has_way = false;
		house->waits = 0;
	}
	house->waits += peer->waits;
	if (!house->has_way)
		house->has_way = way_read(peer->address, key, &house->way) == OK;
}

bool houses_told(struct houses *houses, const struct wire_peer *peer)
{
	if (peer->first)
		houses->told_count = 0;
	if (peer->key.size == PARCEL_KEY_BYTES)
		add(houses, peer);
	if (!peer->last)
		return false;
	memcpy(houses->all, houses->told, sizeof(houses->told));
	houses->count = houses->told_count;
	return true;
}

struct house *houses_find(struct houses *houses, const uint8_t key[PARCEL_KEY_BYTES])
{
	return find(houses->all, houses->count, key);
}

bool houses_carries(const struct houses *houses, const uint8_t key[PARCEL_KEY_BYTES])
{
	for (size_t i = 0; i < houses->carried_count; i++)
		if (parcel_same_key(houses->carried[i], key))
			return true;
	return false;
}

bool houses_knows(const struct houses *houses, const uint8_t key[PARCEL_KEY_BYTES])
{
	for (size_t i = 0; i < houses->count; i++)
		if (parcel_same_key(houses->all[i].key, key))
			return true;
	return houses_carries(houses, key);
}

/* --- the file --------------------------------------------------------------------------- */

static enum err read_line(struct houses *houses, char *line)
{
	uint8_t key[PARCEL_KEY_BYTES];

	str_trim(line);
	if (line[0] == '\0' || line[0] == '#')
		return OK;
	if (key_from_text(line, key))
		return ERR_FORMAT;
	if (houses_carries(houses, key))
		return OK;
	if (houses->carried_count == HOUSES_CARRIED_MAX)
		return ERR_LIMIT;
	memcpy(houses->carried[houses->carried_count++], key, PARCEL_KEY_BYTES);
	return OK;
}

static enum err read_lines(struct houses *houses, const char *path, char *text,
			   struct err_note *note)
{
	unsigned number = 0;
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n"))) {
		enum err err = read_line(houses, line);

		number++;
		if (err == ERR_LIMIT)
			return err_say(err, note, "%s:%u: more than %d keys", path,
				       number, HOUSES_CARRIED_MAX);
		if (err)
			return err_say(err, note,
				       "%s:%u: expected a key, as `behest "
				       "contacts card` shows it",
				       path, number);
	}
	return OK;
}

enum err houses_read_carried(struct houses *houses, const char *path,
			     struct err_note *note)
{
	struct buf bytes;
	enum err err;

	if (path[0] == '\0')
		return OK;
	err = file_read(path, HOUSES_CARRIED_FILE_BYTES, &bytes, note);
	if (!err)
		err = read_lines(houses, path, (char *)bytes.bytes, note);
	buf_finish(&bytes);
	return err;
}
