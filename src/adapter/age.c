/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age - see the header. Recipients are bech32 (BIP 173) without its limit of length.
 *
 * Invariant: a chunk is written only when it is known whether it is the last; the counter in
 * its nonce never repeats.
 */
#include "adapter/age.h"

#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	FILE_KEY_BYTES = 16,
	NONCE_BYTES = 16,
	CHUNK_BYTES = 64 * 1024,
	RECIPIENT_TEXT_BYTES = 62, /* age1 and 58 letters */
	LETTERS = 58,              /* 52 of the key, 6 of the check */
	CHECK_LETTERS = 6,
	LETTER_BITS = 5,
	HEADER_BYTES = 256 + AGE_RECIPIENTS_MAX * 160,
};

/* --- recipients ------------------------------------------------------------------------- */

static const char ALPHABET[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
static const char PREFIX[] = "age1";

static uint32_t check_step(uint32_t check, uint8_t value)
{
	static const uint32_t generators[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
					      0x3d4233dd, 0x2a1462b3};
	const uint32_t top = check >> 25;

	check = (check & 0x1ffffff) << LETTER_BITS ^ value;
	for (size_t i = 0; i < STR_COUNT(generators); i++)
		check ^= top >> i & 1 ? generators[i] : 0;
	return check;
}

/* Over "age" and the letters' values; 1 for a right one. */
static uint32_t check_of(const uint8_t values[LETTERS])
{
	uint32_t check = 1;

	for (size_t i = 0; i < 3; i++)
		check = check_step(check, (uint8_t)PREFIX[i] >> LETTER_BITS);
	check = check_step(check, 0);
	for (size_t i = 0; i < 3; i++)
		check = check_step(check, (uint8_t)PREFIX[i] & 31);
	for (size_t i = 0; i < LETTERS; i++)
		check = check_step(check, values[i]);
	return check;
}

/* text is as long as a key is. */
static enum err read_letters(const char *text, uint8_t values[LETTERS],
			     struct err_note *note)
{
	for (size_t i = 0; i < LETTERS; i++) {
		const char letter = text[sizeof(PREFIX) - 1 + i];
		const char *found = strchr(ALPHABET, letter);

		if (!found)
			return err_say(
				ERR_FORMAT, note,
				"\"%.70s\": letter %zu is none that an age key has", text,
				sizeof(PREFIX) + i);
		values[i] = (uint8_t)(found - ALPHABET);
	}
	return OK;
}

/* Groups of five bits to bytes; false when bits are left that are not zero. */
static bool join_bits(const uint8_t values[LETTERS], uint8_t key[SEAL_BOX_PUBLIC_BYTES])
{
	unsigned bits = 0;
	uint32_t held = 0;
	size_t size = 0;

	for (size_t i = 0; i < LETTERS - CHECK_LETTERS; i++) {
		held = held << LETTER_BITS | values[i];
		bits += LETTER_BITS;
		if (bits < 8)
			continue;
		bits -= 8;
		must(size < SEAL_BOX_PUBLIC_BYTES);
		key[size++] = (uint8_t)(held >> bits);
		held &= (1U << bits) - 1;
	}
	must(size == SEAL_BOX_PUBLIC_BYTES);
	return held == 0;
}

enum err age_recipient_read(const char *text, struct age_recipient *out_recipient,
			    struct err_note *note)
{
	struct age_recipient recipient;
	uint8_t values[LETTERS] = {0};
	enum err err;

	if (str_starts(text, "AGE-SECRET-KEY-"))
		return err_say(ERR_FORMAT, note,
			       "that is a secret age key; give its public half, which "
			       "begins with age1 (age-keygen -y)");
	if (str_starts(text, "ssh-"))
		return err_say(ERR_FORMAT, note,
			       "an SSH key is not taken; give an age key, which begins "
			       "with age1");
	if (!str_starts(text, PREFIX))
		return err_say(ERR_FORMAT, note,
			       "\"%.70s\" is no age key: that begins with age1", text);
	if (strlen(text) != RECIPIENT_TEXT_BYTES)
		return err_say(ERR_FORMAT, note,
			       "\"%.70s\" is no age key: that has %d letters, this has "
			       "%zu",
			       text, RECIPIENT_TEXT_BYTES, strlen(text));
	err = read_letters(text, values, note);
	if (err != OK)
		return err;
	if (check_of(values) != 1 || !join_bits(values, recipient.key))
		return err_say(ERR_FORMAT, note,
			       "\"%.70s\" is no age key: some letter of it is wrong",
			       text);
	*out_recipient = recipient;
	return OK;
}

/* --- writing ---------------------------------------------------------------------------- */

struct age_writer {
	const struct sink *sink;
	uint8_t key[SEAL_KEY_BYTES];
	uint64_t counter;
	size_t held; /* of the chunk that is not yet written */
	uint8_t chunk[CHUNK_BYTES];
	uint8_t locked[CHUNK_BYTES + SEAL_AGE_TAG_BYTES];
};

/* Base64 without padding. */
static void base64_bare(char *to, size_t to_size, const uint8_t *bytes, size_t size)
{
	seal_base64(to, to_size, bytes, size);
	to[strcspn(to, "=")] = '\0';
}

/* "-> X25519 ..." and the wrapped key. */
static enum err add_stanza(const struct age_recipient *recipient,
			   const uint8_t file_key[FILE_KEY_BYTES], char *to, size_t size)
{
	static const uint8_t nonce[SEAL_AGE_NONCE_BYTES];
	uint8_t secret[SEAL_BOX_SECRET_BYTES];
	uint8_t salt[2 * SEAL_BOX_PUBLIC_BYTES];
	uint8_t shared[SEAL_KEY_BYTES];
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t wrapped[FILE_KEY_BYTES + SEAL_AGE_TAG_BYTES];
	char texts[2][SEAL_BASE64_BYTES(SEAL_BOX_PUBLIC_BYTES)];
	enum err err;

	seal_random(secret, sizeof(secret));
	seal_box_pair(secret, salt);
	memcpy(salt + SEAL_BOX_PUBLIC_BYTES, recipient->key, SEAL_BOX_PUBLIC_BYTES);
	err = seal_agree(secret, recipient->key, shared);
	if (err == OK) {
		seal_hkdf(salt, sizeof(salt), shared, sizeof(shared),
			  "age-encryption.org/v1/X25519", key);
		seal_age_lock(key, nonce, file_key, FILE_KEY_BYTES, wrapped);
		base64_bare(texts[0], sizeof(texts[0]), salt, SEAL_BOX_PUBLIC_BYTES);
		base64_bare(texts[1], sizeof(texts[1]), wrapped, sizeof(wrapped));
		must(str_append(to, size, "-> X25519 %s\n%s\n", texts[0], texts[1]));
	}
	seal_wipe(secret, sizeof(secret));
	seal_wipe(shared, sizeof(shared));
	seal_wipe(key, sizeof(key));
	return err;
}

static enum err write_header(struct age_writer *writer,
			     const struct age_recipient *recipients, size_t count,
			     const uint8_t file_key[FILE_KEY_BYTES])
{
	char header[HEADER_BYTES] = "age-encryption.org/v1\n";
	char code_text[SEAL_BASE64_BYTES(SEAL_HASH_BYTES)];
	uint8_t code[SEAL_HASH_BYTES];
	uint8_t nonce[NONCE_BYTES];
	uint8_t key[SEAL_KEY_BYTES];
	enum err err = OK;

	for (size_t i = 0; err == OK && i < count; i++)
		err = add_stanza(&recipients[i], file_key, header, sizeof(header));
	if (err != OK)
		return err;
	must(str_append(header, sizeof(header), "---"));
	seal_hkdf(NULL, 0, file_key, FILE_KEY_BYTES, "header", key);
	seal_hmac(key, header, strlen(header), code);
	seal_wipe(key, sizeof(key));
	base64_bare(code_text, sizeof(code_text), code, sizeof(code));
	must(str_append(header, sizeof(header), " %s\n", code_text));
	seal_random(nonce, sizeof(nonce));
	seal_hkdf(nonce, sizeof(nonce), file_key, FILE_KEY_BYTES, "payload", writer->key);
	err = sink_write(writer->sink, header, strlen(header));
	return err == OK ? sink_write(writer->sink, nonce, sizeof(nonce)) : err;
}

enum err age_writer_create(const struct age_recipient *recipients, size_t count,
			   const struct sink *sink, struct age_writer **out_writer)
{
	struct age_writer *writer = calloc(1, sizeof(*writer));
	uint8_t file_key[FILE_KEY_BYTES];
	enum err err;

	must(count > 0 && count <= AGE_RECIPIENTS_MAX);
	if (!writer)
		return ERR_MEMORY;
	writer->sink = sink;
	seal_random(file_key, sizeof(file_key));
	err = write_header(writer, recipients, count, file_key);
	seal_wipe(file_key, sizeof(file_key));
	if (err == OK)
		*out_writer = writer;
	else
		age_writer_destroy(writer);
	return err;
}

static enum err write_chunk(struct age_writer *writer, bool last)
{
	uint8_t nonce[SEAL_AGE_NONCE_BYTES] = {0};

	for (size_t i = 0; i < sizeof(writer->counter); i++)
		nonce[SEAL_AGE_NONCE_BYTES - 2 - i] = (uint8_t)(writer->counter >> 8 * i);
	nonce[SEAL_AGE_NONCE_BYTES - 1] = last;
	seal_age_lock(writer->key, nonce, writer->chunk, writer->held, writer->locked);
	writer->counter++;
	return sink_write(writer->sink, writer->locked,
			  writer->held + SEAL_AGE_TAG_BYTES);
}

enum err age_writer_add(struct age_writer *writer, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;
	enum err err = OK;

	while (err == OK && size > 0) {
		size_t room = CHUNK_BYTES - writer->held;
		size_t part = size < room ? size : room;

		if (room == 0) { /* more follows: it is not the last */
			err = write_chunk(writer, false);
			writer->held = 0;
			continue;
		}
		memcpy(writer->chunk + writer->held, from, part);
		writer->held += part;
		from += part;
		size -= part;
	}
	return err;
}

enum err age_writer_end(struct age_writer *writer)
{
	return write_chunk(writer, true);
}

void age_writer_destroy(struct age_writer *writer)
{
	if (!writer)
		return;
	seal_wipe(writer, sizeof(*writer));
	free(writer);
}
