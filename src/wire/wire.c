/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire - messages to bytes and back, driven by a table of fields.
 *
 * messages.def becomes one table of fields per message; encoding and decoding walk it.
 * Knows no socket and no rights. Invariants: decoding reads inside the frame only and
 * accepts exactly what encoding can produce, and one message has one encoding.
 */
#include "wire/wire.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "base/must.h"
#include "base/str.h"

enum { TYPE_BYTES = 2 };

enum field_kind {
	FIELD_U8,
	FIELD_U32,
	FIELD_U64,
	FIELD_I64,
	FIELD_F64,
	FIELD_ID,
	FIELD_TEXT,
	FIELD_BYTES,
	FIELD_EVENT,
	FIELD_POLICY,
};

struct field {
	const char *name;
	size_t offset;
	size_t max; /* of a text with its NUL, or of bytes */
	enum field_kind kind;
};

struct form {
	const char *name;
	const struct field *fields;
	size_t field_count;
	size_t size; /* of its struct */
};

/* form_of_<name>(): the table of one message; its last row is unused. */
#define MESSAGE(message, number)                                                  \
	static struct form form_of_##message(void)                                \
	{                                                                         \
		_Static_assert((number) <= WIRE_TYPE_MAX, "raise WIRE_TYPE_MAX"); \
		typedef struct wire_##message self;                               \
		static const char name[] = #message;                              \
		static const struct field fields[] = {
#define FIELD(type, field) {#field, offsetof(self, field), 0, FIELD_##type},
#define TEXT(field, max) {#field, offsetof(self, field), (max), FIELD_TEXT},
#define BYTES(field, max) {#field, offsetof(self, field), (max), FIELD_BYTES},
#define EVENT(field) {#field, offsetof(self, field), 0, FIELD_EVENT},
#define POLICY(field) {#field, offsetof(self, field), 0, FIELD_POLICY},
#define END(message)                                                             \
	{                                                                        \
		"", 0, 0, FIELD_U8                                               \
	}                                                                        \
	}                                                                        \
	;                                                                        \
	return (struct form){name, fields, STR_COUNT(fields) - 1, sizeof(self)}; \
	}
/* clang-format off */
#include "wire/messages.def"
/* clang-format on */
#undef MESSAGE
#undef FIELD
#undef TEXT
#undef BYTES
#undef EVENT
#undef POLICY
#undef END

/* The table of a message; name NULL when there is none. */
static struct form form_of(unsigned number)
{
	switch (number) {
#define MESSAGE(message, wire_number) \
	case (wire_number):           \
		return form_of_##message();
#define FIELD(type, field)
#define TEXT(field, max)
#define BYTES(field, max)
#define EVENT(field)
#define POLICY(field)
#define END(message)
#include "wire/messages.def"
#undef MESSAGE
#undef FIELD
#undef TEXT
#undef BYTES
#undef EVENT
#undef POLICY
#undef END
	default: /* a number from outside, not an enum */
		return (struct form){0};
	}
}

/* --- writing: the first error stays, and nothing is written behind it --- */

struct writer {
	uint8_t *to;
	size_t size;
	size_t capacity;
	enum err err;
};

static void put(struct writer *writer, const void *bytes, size_t size)
{
	if (writer->err != OK)
		return;
	if (size > writer->capacity - writer->size) {
		writer->err = ERR_LIMIT;
		return;
	}
	if (size > 0)
		memcpy(writer->to + writer->size, bytes, size);
	writer->size += size;
}

static void put_u8(struct writer *writer, uint8_t value)
{
	put(writer, &value, sizeof(value));
}

static void put_u16(struct writer *writer, uint16_t value)
{
	value = htole16(value);
	put(writer, &value, sizeof(value));
}

static void put_u32(struct writer *writer, uint32_t value)
{
	value = htole32(value);
	put(writer, &value, sizeof(value));
}

static void put_u64(struct writer *writer, uint64_t value)
{
	value = htole64(value);
	put(writer, &value, sizeof(value));
}

static void put_f64(struct writer *writer, double value)
{
	uint64_t bits = 0;
	if (!isfinite(value) && writer->err == OK)
		writer->err = ERR_RANGE;
	memcpy(&bits, &value, sizeof(bits));
	put_u64(writer, bits);
}

static void put_text(struct writer *writer, const char *text, size_t max)
{
	must(max > 0 && max <= UINT16_MAX);
	size_t size = strnlen(text, max);
	if (writer->err == OK && size == max)
		writer->err = ERR_LIMIT;
	if (writer->err == OK && !str_is_line(text, size))
		writer->err = ERR_FORMAT;
	put_u16(writer, (uint16_t)size);
	put(writer, text, size);
}

static void put_bytes(struct writer *writer, const struct wire_slice *slice, size_t max)
{
	if (writer->err == OK && slice->size > max)
		writer->err = ERR_LIMIT;
	put_u32(writer, (uint32_t)slice->size);
	put(writer, slice->bytes, slice->size);
}

static void refuse_unless(struct writer *writer, bool condition)
{
	if (writer->err == OK && !condition)
		writer->err = ERR_RANGE;
}

static void put_event(struct writer *writer, const struct event *event)
{
	refuse_unless(writer, (unsigned)event->kind < EVENT_KIND_COUNT);
	refuse_unless(writer, event->field_count <= EVENT_FIELDS_MAX);
	if (writer->err != OK)
		return;
	put_u8(writer, (uint8_t)event->kind);
	put_u64(writer, event->turn.value);
	put_text(writer, event->room.text, sizeof(event->room.text));
	put_u64(writer, (uint64_t)event->at_ms);
	put_u8(writer, (uint8_t)event->field_count);
	for (size_t i = 0; i < event->field_count; i++) {
		const struct event_field *field = &event->fields[i];
		put_text(writer, field->name, sizeof(field->name));
		put_text(writer, field->value, sizeof(field->value));
	}
	put_u8(writer, event->is_signed);
	if (event->is_signed) {
		put_u64(writer, event->sequence);
		put(writer, event->signature, sizeof(event->signature));
	}
}

static void put_room(struct writer *writer, const struct room_policy *room)
{
	refuse_unless(writer, room->capabilities <= MAY_ALL);
	refuse_unless(writer, room->is_private || id_is_none(room->private_owner.bytes));
	put_text(writer, room->room.text, sizeof(room->room.text));
	put_u16(writer, (uint16_t)room->capabilities);
	put_u8(writer, room->muted);
	put_u8(writer, room->is_private);
	put(writer, room->private_owner.bytes, ID_BYTES);
	put_u8(writer, room->has_key);
	if (room->has_key)
		put(writer, room->key, sizeof(room->key));
	put_u8(writer, room->is_thin);
	put_u8(writer, room->is_revoked);
}

static void put_people(struct writer *writer, const struct policy *policy)
{
	put_u16(writer, (uint16_t)policy->person_count);
	for (size_t i = 0; i < policy->person_count; i++) {
		const struct person *person = &policy->people[i];

		refuse_unless(writer, (unsigned)person->role < ROLE_COUNT);
		refuse_unless(writer, (person->capabilities & ~(unsigned)MAY_ALL) == 0);
		put(writer, person->id.bytes, ID_BYTES);
		put_text(writer, person->name, sizeof(person->name));
		put_u8(writer, (uint8_t)person->role);
		put_u16(writer, (uint16_t)person->capabilities);
	}
}

/* Whom, not where and by which key: that stays with the keeper. */
static void put_contacts(struct writer *writer, const struct policy *policy)
{
	put_u16(writer, (uint16_t)policy->contact_count);
	for (size_t i = 0; i < policy->contact_count; i++) {
		const struct contact *contact = &policy->contacts[i];

		refuse_unless(writer, (unsigned)contact->kind < CONTACT_KIND_COUNT);
		put(writer, contact->id.bytes, ID_BYTES);
		put_text(writer, contact->name, sizeof(contact->name));
		put_u8(writer, (uint8_t)contact->kind);
		put_u8(writer, contact->voice_allowed);
		put(writer, contact->person.bytes, ID_BYTES);
	}
}

/* Where orders go is the gate's to know. */
static void put_day(struct writer *writer, const struct day_policy *day)
{
	struct day_policy told = *day;
	struct pack pack;

	told.shop.webhook[0] = '\0';
	told.shop.mail[0] = '\0';
	refuse_unless(writer, day_is_sound(&told));
	if (writer->err != OK)
		return;
	pack_init(&pack, writer->to + writer->size, writer->capacity - writer->size);
	day_pack(&pack, &told);
	if (pack_is_whole(&pack))
		writer->size += pack.size;
	else
		writer->err = ERR_LIMIT;
}

static void put_policy(struct writer *writer, const struct policy *policy)
{
	refuse_unless(writer, policy->room_count <= POLICY_ROOMS_MAX);
	refuse_unless(writer, policy->harmless_count <= POLICY_HARMLESS_MAX);
	refuse_unless(writer, policy->hold_s >= POLICY_HOLD_S_MIN &&
				      policy->hold_s <= POLICY_HOLD_S_MAX);
	refuse_unless(writer, policy->person_count <= STR_COUNT(policy->people));
	refuse_unless(writer, policy->contact_count <= POLICY_CONTACTS_MAX);
	if (writer->err != OK)
		return;
	put_u8(writer, policy->has_owner);
	put_f64(writer, policy->celsius_min);
	put_f64(writer, policy->celsius_max);
	put_u16(writer, (uint16_t)policy->room_count);
	for (size_t i = 0; i < policy->room_count; i++)
		put_room(writer, &policy->rooms[i]);
	put_u16(writer, (uint16_t)policy->harmless_count);
	for (size_t i = 0; i < policy->harmless_count; i++)
		put_text(writer, policy->harmless[i], sizeof(policy->harmless[i]));
	put_u32(writer, policy->hold_s);
	put_people(writer, policy);
	put_contacts(writer, policy);
	put_day(writer, &policy->day);
}

static void put_field(struct writer *writer, const struct field *field,
		      const void *fields)
{
	const void *from = (const uint8_t *)fields + field->offset;
	uint32_t u32 = 0;
	uint64_t u64 = 0;
	double f64 = 0;
	switch (field->kind) {
	case FIELD_U8:
		put(writer, from, 1);
		break;
	case FIELD_U32:
		memcpy(&u32, from, sizeof(u32));
		put_u32(writer, u32);
		break;
	case FIELD_U64:
	case FIELD_I64:
		memcpy(&u64, from, sizeof(u64));
		put_u64(writer, u64);
		break;
	case FIELD_F64:
		memcpy(&f64, from, sizeof(f64));
		put_f64(writer, f64);
		break;
	case FIELD_ID:
		put(writer, from, ID_BYTES);
		break;
	case FIELD_TEXT:
		put_text(writer, from, field->max);
		break;
	case FIELD_BYTES:
		put_bytes(writer, from, field->max);
		break;
	case FIELD_EVENT:
		put_event(writer, from);
		break;
	case FIELD_POLICY:
		put_policy(writer, from);
		break;
	}
}

enum err wire_encode(enum wire_type type, const void *fields, uint8_t *to,
		     size_t capacity, size_t *out_size)
{
	struct form form = form_of((unsigned)type);
	must(form.name);
	struct writer writer = {.to = to};
	writer.capacity = capacity < WIRE_FRAME_MAX ? capacity : WIRE_FRAME_MAX;
	put_u32(&writer, 0);
	put_u16(&writer, (uint16_t)type);
	for (size_t i = 0; i < form.field_count; i++)
		put_field(&writer, &form.fields[i], fields);
	if (writer.err != OK)
		return writer.err;
	uint32_t length = htole32((uint32_t)(writer.size - WIRE_HEAD_BYTES));
	memcpy(to, &length, sizeof(length));
	*out_size = writer.size;
	return OK;
}

/* --- reading: the first error stays, and everything behind it reads as zero --- */

struct reader {
	const uint8_t *at;
	size_t left;
	enum err err;
	const char *message; /* for the note */
	const char *field;
	struct err_note *note;
};

static void refuse(struct reader *reader, enum err err, const char *what)
{
	if (reader->err != OK)
		return;
	reader->err = err_say(err, reader->note, "message %s, field %s: %s",
			      reader->message, reader->field, what);
}

/* The next size bytes, or NULL. */
static const uint8_t *get(struct reader *reader, size_t size)
{
	if (reader->err != OK)
		return NULL;
	if (size > reader->left) {
		refuse(reader, ERR_FORMAT, "the frame ends too early");
		return NULL;
	}
	const uint8_t *bytes = reader->at;
	reader->at += size;
	reader->left -= size;
	return bytes;
}

static uint8_t get_u8(struct reader *reader)
{
	const uint8_t *bytes = get(reader, 1);
	return bytes ? bytes[0] : 0;
}

static uint16_t get_u16(struct reader *reader)
{
	uint16_t value = 0;
	const uint8_t *bytes = get(reader, sizeof(value));
	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return le16toh(value);
}

static uint32_t get_u32(struct reader *reader)
{
	uint32_t value = 0;
	const uint8_t *bytes = get(reader, sizeof(value));
	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

static uint64_t get_u64(struct reader *reader)
{
	uint64_t value = 0;
	const uint8_t *bytes = get(reader, sizeof(value));
	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

static double get_f64(struct reader *reader)
{
	uint64_t bits = get_u64(reader);
	double value = 0;
	memcpy(&value, &bits, sizeof(value));
	if (!isfinite(value))
		refuse(reader, ERR_RANGE, "is not a finite number");
	return reader->err == OK ? value : 0;
}

static bool get_bool(struct reader *reader)
{
	uint8_t value = get_u8(reader);
	if (value > 1)
		refuse(reader, ERR_RANGE, "is neither 0 nor 1");
	return value == 1;
}

static void get_text(struct reader *reader, char *to, size_t max)
{
	size_t size = get_u16(reader);
	if (size >= max)
		refuse(reader, ERR_LIMIT, "the text is too long");
	const uint8_t *bytes = get(reader, size);
	if (!bytes)
		return;
	if (!str_is_line((const char *)bytes, size))
		refuse(reader, ERR_FORMAT,
		       "the text is not UTF-8 without control characters");
	else
		must(str_copy_bytes(to, max, (const char *)bytes, size));
}

static void get_bytes(struct reader *reader, struct wire_slice *out_slice, size_t max)
{
	size_t size = get_u32(reader);
	if (size > max)
		refuse(reader, ERR_LIMIT, "too many bytes");
	const uint8_t *bytes = get(reader, size);
	if (bytes)
		*out_slice = (struct wire_slice){bytes, size};
}

static void get_exact(struct reader *reader, uint8_t *to, size_t size)
{
	const uint8_t *bytes = get(reader, size);
	if (bytes)
		memcpy(to, bytes, size);
}

static void get_id(struct reader *reader, uint8_t to[ID_BYTES])
{
	get_exact(reader, to, ID_BYTES);
}

static void get_event(struct reader *reader, struct event *event)
{
	unsigned kind = get_u8(reader);
	if (kind >= EVENT_KIND_COUNT)
		refuse(reader, ERR_RANGE, "is no known kind of event");
	event->kind = (enum event_kind)kind;
	event->turn.value = get_u64(reader);
	get_text(reader, event->room.text, sizeof(event->room.text));
	event->at_ms = (int64_t)get_u64(reader);
	size_t count = get_u8(reader);
	if (count > EVENT_FIELDS_MAX)
		refuse(reader, ERR_LIMIT, "too many fields");
	for (size_t i = 0; i < count && reader->err == OK; i++) {
		struct event_field *field = &event->fields[i];
		get_text(reader, field->name, sizeof(field->name));
		get_text(reader, field->value, sizeof(field->value));
		event->field_count = i + 1;
	}
	event->is_signed = get_bool(reader);
	if (event->is_signed) {
		event->sequence = get_u64(reader);
		get_exact(reader, event->signature, sizeof(event->signature));
	}
}

static void get_room(struct reader *reader, struct room_policy *room)
{
	get_text(reader, room->room.text, sizeof(room->room.text));
	room->capabilities = get_u16(reader);
	if (room->capabilities > MAY_ALL)
		refuse(reader, ERR_RANGE, "unknown capabilities");
	room->muted = get_bool(reader);
	room->is_private = get_bool(reader);
	get_id(reader, room->private_owner.bytes);
	if (!room->is_private && !id_is_none(room->private_owner.bytes))
		refuse(reader, ERR_RANGE, "an owner for a room that is not private");
	room->has_key = get_bool(reader);
	if (room->has_key)
		get_exact(reader, room->key, sizeof(room->key));
	room->is_thin = get_bool(reader);
	room->is_revoked = get_bool(reader);
}

static void get_people(struct reader *reader, struct policy *policy)
{
	const size_t count = get_u16(reader);

	if (count > STR_COUNT(policy->people))
		refuse(reader, ERR_LIMIT, "too many people");
	for (size_t i = 0; i < count && reader->err == OK; i++) {
		struct person *person = &policy->people[i];

		get_id(reader, person->id.bytes);
		get_text(reader, person->name, sizeof(person->name));
		const unsigned role = get_u8(reader);
		if (role >= ROLE_COUNT)
			refuse(reader, ERR_RANGE, "is no known role");
		person->role = (enum person_role)role;
		person->capabilities = get_u16(reader);
		if (person->capabilities & ~(unsigned)MAY_ALL)
			refuse(reader, ERR_RANGE, "unknown capabilities");
		policy->person_count = i + 1;
	}
}

static void get_contacts(struct reader *reader, struct policy *policy)
{
	const size_t count = get_u16(reader);

	if (count > POLICY_CONTACTS_MAX)
		refuse(reader, ERR_LIMIT, "too many contacts");
	for (size_t i = 0; i < count && reader->err == OK; i++) {
		struct contact *contact = &policy->contacts[i];

		get_id(reader, contact->id.bytes);
		get_text(reader, contact->name, sizeof(contact->name));
		const unsigned kind = get_u8(reader);
		if (kind >= CONTACT_KIND_COUNT)
			refuse(reader, ERR_RANGE, "is no known way to a contact");
		contact->kind = (enum contact_kind)kind;
		contact->voice_allowed = get_bool(reader);
		get_id(reader, contact->person.bytes);
		policy->contact_count = i + 1;
	}
}

static void get_day(struct reader *reader, struct day_policy *day)
{
	struct unpack unpack;

	if (reader->err != OK)
		return;
	unpack_init(&unpack, reader->at, reader->left);
	day_unpack(&unpack, day);
	if (unpack.overrun)
		refuse(reader, ERR_FORMAT, "everyday things that cannot stand");
	else
		(void)get(reader, unpack.at);
}

static void get_policy(struct reader *reader, struct policy *policy)
{
	policy->has_owner = get_bool(reader);
	policy->celsius_min = get_f64(reader);
	policy->celsius_max = get_f64(reader);
	size_t rooms = get_u16(reader);
	if (rooms > POLICY_ROOMS_MAX)
		refuse(reader, ERR_LIMIT, "too many rooms");
	for (size_t i = 0; i < rooms && reader->err == OK; i++) {
		get_room(reader, &policy->rooms[i]);
		policy->room_count = i + 1;
	}
	size_t harmless = get_u16(reader);
	if (harmless > POLICY_HARMLESS_MAX)
		refuse(reader, ERR_LIMIT, "too many marks");
	for (size_t i = 0; i < harmless && reader->err == OK; i++) {
		get_text(reader, policy->harmless[i], sizeof(policy->harmless[i]));
		policy->harmless_count = i + 1;
	}
	policy->hold_s = get_u32(reader);
	if (policy->hold_s < POLICY_HOLD_S_MIN || policy->hold_s > POLICY_HOLD_S_MAX)
		refuse(reader, ERR_RANGE, "a hold outside its limits");
	get_people(reader, policy);
	get_contacts(reader, policy);
	get_day(reader, &policy->day);
}

static void get_field(struct reader *reader, const struct field *field, void *fields)
{
	void *to = (uint8_t *)fields + field->offset;
	uint32_t u32 = 0;
	uint64_t u64 = 0;
	double f64 = 0;
	reader->field = field->name;
	switch (field->kind) {
	case FIELD_U8:
		*(uint8_t *)to = get_u8(reader);
		break;
	case FIELD_U32:
		u32 = get_u32(reader);
		memcpy(to, &u32, sizeof(u32));
		break;
	case FIELD_U64:
	case FIELD_I64:
		u64 = get_u64(reader);
		memcpy(to, &u64, sizeof(u64));
		break;
	case FIELD_F64:
		f64 = get_f64(reader);
		memcpy(to, &f64, sizeof(f64));
		break;
	case FIELD_ID:
		get_id(reader, to);
		break;
	case FIELD_TEXT:
		get_text(reader, to, field->max);
		break;
	case FIELD_BYTES:
		get_bytes(reader, to, field->max);
		break;
	case FIELD_EVENT:
		get_event(reader, to);
		break;
	case FIELD_POLICY:
		get_policy(reader, to);
		break;
	}
}

enum err wire_frame_size(const uint8_t *bytes, size_t size, size_t *out_size)
{
	if (size < WIRE_HEAD_BYTES)
		return ERR_BUSY;
	uint32_t length = 0;
	memcpy(&length, bytes, sizeof(length));
	length = le32toh(length);
	if (length < TYPE_BYTES)
		return ERR_FORMAT;
	if (length > WIRE_FRAME_MAX - WIRE_HEAD_BYTES)
		return ERR_LIMIT;
	*out_size = WIRE_HEAD_BYTES + length;
	return OK;
}

enum err wire_decode(const uint8_t *bytes, size_t size, struct wire_message *out_message,
		     struct err_note *note)
{
	struct reader reader = {.at = bytes, .left = size, .note = note};
	size_t frame_size = 0;
	out_message->type = (enum wire_type)0;
	enum err err = wire_frame_size(bytes, size, &frame_size);
	if (err != OK || frame_size != size)
		return err_say(ERR_FORMAT, note, "a frame with a wrong length");
	reader.message = "?";
	reader.field = "type";
	must(get(&reader, WIRE_HEAD_BYTES));
	unsigned number = get_u16(&reader);
	struct form form = form_of(number);
	if (!form.name)
		return err_say(ERR_FORMAT, note, "message number %u is unknown", number);
	reader.message = form.name;
	/* The largest message is a hundred times as large as most. */
	memset(&out_message->hello, 0, form.size);
	out_message->type = (enum wire_type)number;
	for (size_t i = 0; i < form.field_count && reader.err == OK; i++)
		get_field(&reader, &form.fields[i], &out_message->hello);
	if (reader.err == OK && reader.left > 0)
		refuse(&reader, ERR_FORMAT, "bytes follow the last field");
	if (reader.err != OK)
		wire_wipe(out_message);
	return reader.err;
}

/* --- the rest --- */

const char *wire_type_name(enum wire_type type)
{
	struct form form = form_of((unsigned)type);
	return form.name ? form.name : "unknown";
}

bool wire_type_is_known(unsigned number)
{
	return form_of(number).name != NULL;
}

void wire_wipe(struct wire_message *message)
{
	const struct form form = form_of((unsigned)message->type);

	if (form.name)
		explicit_bzero(&message->hello, form.size);
	message->type = (enum wire_type)0;
}

#if __BYTE_ORDER != __LITTLE_ENDIAN
#error "sound travels as little-endian samples: swap them here for this machine"
#endif

struct wire_slice wire_from_samples(struct audio_span sound)
{
	return (struct wire_slice){(const uint8_t *)sound.samples,
				   sound.count * sizeof(int16_t)};
}

size_t wire_to_samples(struct wire_slice slice, int16_t *to, size_t count_max)
{
	if (slice.size % sizeof(int16_t) != 0)
		return 0;
	size_t count = slice.size / sizeof(int16_t);
	if (count > count_max)
		count = count_max;
	if (count > 0)
		memcpy(to, slice.bytes, count * sizeof(int16_t));
	return count;
}
