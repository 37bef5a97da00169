/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairing - writes and reads the text of an offer. Makes no codes and trusts no keys.
 *
 * Invariants: what is written is read back, and what is read is written to the same text
 * again. No note quotes the text, since it holds the code; copies of the code are wiped.
 */
#include "domain/pairing.h"

#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum {
	PORT_MAX = 65535,
	CODE_GROUP = 4,
	HEX_DIGITS = 2,
	ESCAPE_BYTES = 1 + HEX_DIGITS,                                  /* %XX */
	NAME_TEXT_BYTES = ESCAPE_BYTES * (PAIRING_HOUSE_BYTES - 1) + 1, /* with the NUL */
	VALUE_BYTES = PAIRING_ADDRESS_BYTES,                            /* the longest */
};

#define HEAD "behest-pair:"
#define VERSION "1?"

_Static_assert(sizeof(HEAD VERSION "hub=&key=&code=&name=") - 1 + PAIRING_ADDRESS_BYTES -
			       1 + KEY_TEXT_BYTES - 1 + PAIRING_CODE_BYTES - 1 +
			       NAME_TEXT_BYTES ==
		       PAIRING_TEXT_BYTES,
	       "all fields and the NUL");
_Static_assert((size_t)NAME_TEXT_BYTES <= (size_t)VALUE_BYTES &&
		       (size_t)KEY_TEXT_BYTES <= (size_t)VALUE_BYTES,
	       "a value holds each field");

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define ALNUM DIGITS CAPITALS SMALL

static const char HEX[] = DIGITS "ABCDEF";
static const char PLAIN[] = ALNUM "-._~"; /* stand for themselves in a name */
static const char CODE_LETTERS[] = DIGITS "ABCDEFGHJKMNPQRSTVWXYZ";

/* A value in the making: where it stands in the text, and who is told. */
struct place {
	size_t at; /* in the text, from 0 */
	struct err_note *note;
};

/* The byte is at behind the place. */
static enum err refuse(struct place place, size_t at, enum err err, const char *expected)
{
	return err_say(err, place.note, "pairing text, byte %zu: expected %s",
		       place.at + at + 1, expected);
}

static bool is_one_of(const char *letters, char letter)
{
	return letter && strchr(letters, letter);
}

/* ---- the fields: each takes a value that is no longer than its row says ---- */

/* Where the host of an address ends; 0 when it begins with none. */
static size_t host_end(const char *value)
{
	size_t inside;

	if (*value != '[')
		return is_one_of(ALNUM, *value) ? strspn(value, ALNUM ".-") : 0;
	inside = strspn(value + 1, DIGITS "ABCDEFabcdef:.");
	return inside > 0 && value[1 + inside] == ']' ? inside + 2 : 0;
}

static enum err read_hub(struct place place, const char *value,
			 struct pairing_offer *offer)
{
	const size_t end = host_end(value);
	int64_t port = 0;

	if (!str_equal(value, "unix")) {
		if (end == 0 || value[end] != ':')
			return refuse(place, end, ERR_FORMAT,
				      end == 0 ? "HOST:PORT, [IPV6]:PORT or unix"
					       : "a colon and a port");
		if (value[end + 1] == '0' ||
		    !str_to_int(value + end + 1, 1, PORT_MAX, &port))
			return refuse(place, end + 1, ERR_FORMAT,
				      "a port from 1 to 65535");
	}
	must(str_copy(offer->address, sizeof(offer->address), value));
	return OK;
}

static size_t first_difference(const char *a, const char *b)
{
	size_t at = 0;

	while (a[at] && a[at] == b[at])
		at++;
	return at;
}

/* key_from_text takes it as people write it; here only the one form stands. */
static enum err read_key(struct place place, const char *value,
			 struct pairing_offer *offer)
{
	char again[KEY_TEXT_BYTES];
	enum err err = key_from_text(value, offer->key);

	if (err == ERR_FORMAT)
		return refuse(place, 0, err, "a key of 56 letters in groups of seven");
	if (err == ERR_AUTH)
		return refuse(place, 0, err, "a key whose last letters check it");
	if (!err)
		err = key_to_text(offer->key, again);
	if (!err && !str_equal(again, value))
		return refuse(place, first_difference(again, value), ERR_FORMAT,
			      "the key in capitals, groups of seven with - between");
	return err;
}

static enum err read_code(struct place place, const char *value,
			  struct pairing_offer *offer)
{
	for (size_t i = 0; i < PAIRING_CODE_BYTES - 1; i++) {
		const bool between = i % (CODE_GROUP + 1) == CODE_GROUP;

		if (!is_one_of(between ? "-" : CODE_LETTERS, value[i]))
			return refuse(place, i, ERR_FORMAT,
				      between ? "- between groups of four"
					      : "a letter of the code");
	}
	must(str_copy(offer->code, sizeof(offer->code), value));
	return OK;
}

/* The byte that %XX stands for; -1 when it is none, or one that stands for itself. */
static int escaped_byte(const char *text)
{
	int byte = 0;

	for (size_t i = 1; i <= HEX_DIGITS; i++) {
		if (!is_one_of(HEX, text[i]))
			return -1;
		byte = byte * 16 + (int)(strchr(HEX, text[i]) - HEX);
	}
	return byte == 0 || is_one_of(PLAIN, (char)byte) ? -1 : byte;
}

static enum err read_name(struct place place, const char *value,
			  struct pairing_offer *offer)
{
	char clean[PAIRING_HOUSE_BYTES];
	size_t used = 0;

	for (const char *at = value; *at; at += *at == '%' ? ESCAPE_BYTES : 1) {
		const int byte = *at == '%' ? escaped_byte(at) : *at;

		if (byte < 0 || (*at != '%' && !is_one_of(PLAIN, *at)))
			return refuse(place, (size_t)(at - value), ERR_FORMAT,
				      "a letter, a digit, one of -._~, or another byte "
				      "as %XX in capitals");
		if (used + 1 == sizeof(offer->house))
			return refuse(place, (size_t)(at - value), ERR_LIMIT,
				      "a name of at most 63 bytes");
		offer->house[used++] = (char)byte;
	}
	offer->house[used] = '\0';
	must(str_copy(clean, sizeof(clean), offer->house));
	str_clean(clean);
	if (used == 0 || !str_equal(clean, offer->house))
		return refuse(place, 0, ERR_FORMAT,
			      "a name in UTF-8 without control characters");
	return OK;
}

/* ---- the text ---- */

/* In the order of the text. */
static const struct {
	const char *name;
	const char *too_long; /* what was expected instead */
	size_t longest;       /* bytes of its value in the text */
	enum err (*read)(struct place, const char *, struct pairing_offer *);
} FIELDS[] = {
	{"hub", "an address of at most 191 bytes", PAIRING_ADDRESS_BYTES - 1, read_hub},
	{"key", "a key of 63 bytes", KEY_TEXT_BYTES - 1, read_key},
	{"code", "a code of 19 bytes", PAIRING_CODE_BYTES - 1, read_code},
	{"name", "a name of at most 189 bytes", NAME_TEXT_BYTES - 1, read_name},
};

/* Which field's "name=" the text begins with, or the count of fields. */
static size_t field_at(const char *text)
{
	size_t field = 0;

	while (field < STR_COUNT(FIELDS)) {
		const size_t size = strlen(FIELDS[field].name);

		if (str_starts(text, FIELDS[field].name) && text[size] == '=')
			break;
		field++;
	}
	return field;
}

/* The text stands where this field, or for the count of fields its end, should begin. */
static enum err refuse_field(struct place place, const char *text, size_t wanted)
{
	const size_t found = field_at(wanted > 0 && *text == '&' ? text + 1 : text);
	const char *because = "what stands there is no field of it";

	if (!*text)
		because = "it ends there";
	else if (found < wanted)
		because = "that field stands twice";
	else if (found < STR_COUNT(FIELDS))
		because = "that field comes later";
	if (wanted == STR_COUNT(FIELDS))
		return err_say(ERR_FORMAT, place.note,
			       "pairing text, byte %zu: expected its end; %s",
			       place.at + 1, because);
	return err_say(ERR_FORMAT, place.note,
		       "pairing text, byte %zu: expected %s%s=; %s", place.at + 1,
		       wanted > 0 ? "&" : "", FIELDS[wanted].name, because);
}

/* Reads the field that begins at *at and moves it behind. */
static enum err read_field(const char *text, size_t field, size_t *at,
			   struct pairing_offer *offer, struct err_note *note)
{
	struct place place = {*at, note};
	const size_t separator = field > 0 ? 1 : 0;
	char value[VALUE_BYTES];
	size_t size;
	enum err err;

	if ((separator && text[*at] != '&') || field_at(text + *at + separator) != field)
		return refuse_field(place, text + *at, field);
	place.at += separator + strlen(FIELDS[field].name) + 1;
	size = strcspn(text + place.at, "&");
	if (size > FIELDS[field].longest)
		return refuse(place, FIELDS[field].longest, ERR_LIMIT,
			      FIELDS[field].too_long);
	must(str_copy_bytes(value, sizeof(value), text + place.at, size));
	err = FIELDS[field].read(place, value, offer);
	explicit_bzero(value, sizeof(value));
	*at = place.at + size;
	return err;
}

enum err pairing_offer_read(const char *text, struct pairing_offer *out_offer,
			    struct err_note *note)
{
	struct pairing_offer offer = {.address = ""};
	struct place place = {0, note};
	enum err err = OK;

	if (!str_starts(text, HEAD))
		return refuse(place, 0, ERR_FORMAT, HEAD);
	place.at = strlen(HEAD);
	if (!str_starts(text + place.at, VERSION))
		return refuse(place, 0, ERR_VERSION, VERSION ", the only version known");
	place.at += strlen(VERSION);
	for (size_t i = 0; !err && i < STR_COUNT(FIELDS); i++)
		err = read_field(text, i, &place.at, &offer, note);
	if (!err && text[place.at])
		err = refuse_field(place, text + place.at, STR_COUNT(FIELDS));
	if (!err)
		*out_offer = offer;
	pairing_offer_wipe(&offer);
	return err;
}

static void escape_name(char to[NAME_TEXT_BYTES], const char *house)
{
	size_t at = 0;

	for (; *house; house++) {
		const unsigned char byte = (unsigned char)*house;

		if (is_one_of(PLAIN, *house)) {
			to[at++] = *house;
			continue;
		}
		to[at++] = '%';
		to[at++] = HEX[byte / 16];
		to[at++] = HEX[byte % 16];
	}
	to[at] = '\0';
	must(at < NAME_TEXT_BYTES);
}

static void must_be_ended(const struct pairing_offer *offer)
{
	must(memchr(offer->address, '\0', sizeof(offer->address)) &&
	     memchr(offer->code, '\0', sizeof(offer->code)) &&
	     memchr(offer->house, '\0', sizeof(offer->house)));
}

static void must_be_same(const struct pairing_offer *a, const struct pairing_offer *b)
{
	must(str_equal(a->address, b->address) && str_equal(a->code, b->code) &&
	     str_equal(a->house, b->house) &&
	     memcmp(a->key, b->key, sizeof(a->key)) == 0);
}

enum err pairing_offer_write(const struct pairing_offer *offer,
			     char to[PAIRING_TEXT_BYTES], struct err_note *note)
{
	struct pairing_offer again;
	char key[KEY_TEXT_BYTES];
	char name[NAME_TEXT_BYTES];
	enum err err = key_to_text(offer->key, key);

	to[0] = '\0';
	must_be_ended(offer);
	escape_name(name, offer->house);
	if (!err)
		must(str_format(to, PAIRING_TEXT_BYTES,
				HEAD VERSION "hub=%s&key=%s&code=%s&name=%s",
				offer->address, key, offer->code, name));
	if (!err)
		err = pairing_offer_read(to, &again, note);
	if (err) {
		explicit_bzero(to, PAIRING_TEXT_BYTES);
		return err;
	}
	/* A field cannot pass for two: the text would have one too many. */
	must_be_same(offer, &again);
	pairing_offer_wipe(&again);
	return OK;
}

void pairing_offer_wipe(struct pairing_offer *offer)
{
	explicit_bzero(offer, sizeof(*offer));
}
