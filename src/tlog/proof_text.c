/* SPDX-License-Identifier: Apache-2.0 */
/* proof_text - line by line, and nothing else between them. */
#include "tlog/proof_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

#define HEADER "c2sp.org/tlog-proof@v1"
#define INDEX "index "

enum { LINE_MAX = 80 };

enum err proof_text_write(const struct proof_text *proof, struct buf *to)
{
	char base64[SEAL_BASE64_BYTES(SEAL_HASH_BYTES)];
	enum err err =
		buf_add_format(to, HEADER "\n" INDEX "%" PRIu64 "\n", proof->index);

	for (size_t i = 0; err == OK && i < proof->proof.count; i++) {
		seal_base64(base64, sizeof(base64), proof->proof.hashes[i],
			    SEAL_HASH_BYTES);
		err = buf_add_format(to, "%s\n", base64);
	}
	if (err == OK)
		err = buf_add_text(to, "\n");
	if (err == OK)
		err = buf_add(to, proof->checkpoint, proof->checkpoint_size);
	return err;
}

/* The line at *at without its newline, ended; *at moves behind it. */
static bool next_line(const char *text, size_t size, size_t *at, char to[LINE_MAX])
{
	const char *end = memchr(text + *at, '\n', size - *at);
	size_t length;

	if (!end)
		return false;
	length = (size_t)(end - (text + *at));
	if (memchr(text + *at, '\0', length) ||
	    !str_copy_bytes(to, LINE_MAX, text + *at, length))
		return false;
	*at += length + 1;
	return true;
}

static bool read_index(const char *line, uint64_t *out_index)
{
	char again[LINE_MAX];
	int64_t index;

	if (!str_starts(line, INDEX) ||
	    !str_to_int(line + strlen(INDEX), 0, INT64_MAX, &index))
		return false;
	must(str_format(again, sizeof(again), INDEX "%" PRId64, index));
	if (!str_equal(again, line))
		return false;
	*out_index = (uint64_t)index;
	return true;
}

enum err proof_text_read(const char *text, size_t size, struct proof_text *out_proof)
{
	struct proof_text read = {.index = 0};
	char line[LINE_MAX];
	size_t at = 0;

	if (!next_line(text, size, &at, line) || !str_equal(line, HEADER) ||
	    !next_line(text, size, &at, line) || !read_index(line, &read.index))
		return ERR_FORMAT;
	for (;;) {
		if (!next_line(text, size, &at, line))
			return ERR_FORMAT;
		if (line[0] == '\0')
			break;
		if (read.proof.count == MERKLE_PROOF_MAX ||
		    seal_from_base64(line, strlen(line),
				     read.proof.hashes[read.proof.count],
				     SEAL_HASH_BYTES) != OK)
			return ERR_FORMAT;
		read.proof.count++;
	}
	read.checkpoint = text + at;
	read.checkpoint_size = size - at;
	*out_proof = read;
	return OK;
}

/* The checkpoint alone: body, empty line, the keeper's own line, which comes first. */
static size_t without_cosignatures(const char *text, size_t size)
{
	const char *at = memmem(text, size, "\n\n", 2);

	at = at ? memchr(at + 2, '\n', size - (size_t)(at + 2 - text)) : NULL;
	return at ? (size_t)(at + 1 - text) : size;
}

enum err proof_text_check(struct household_id household,
			  const uint8_t public_key[SEAL_SIGN_PUBLIC_BYTES],
			  const uint8_t leaf_hash[SEAL_HASH_BYTES], const char *text,
			  size_t size, struct proof_text *out_proof,
			  struct merkle_head *out_head)
{
	struct proof_text read;
	struct merkle_head head;
	enum err err = proof_text_read(text, size, &read);

	if (err == OK)
		err = checkpoint_read(household, public_key, read.checkpoint,
				      without_cosignatures(read.checkpoint,
							   read.checkpoint_size),
				      &head.size, head.root);
	if (err == OK)
		err = merkle_check_inclusion(leaf_hash, read.index, head.size,
					     &read.proof, head.root);
	if (err != OK)
		return err;
	*out_proof = read;
	*out_head = head;
	return OK;
}
