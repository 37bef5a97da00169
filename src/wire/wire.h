/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire - messages between our programs as bytes, and who may send which.
 *
 * Everything is made from two tables: messages.def (struct wire_<name>, WIRE_<name>) and
 * rights.def. A frame is u32 length of what follows, u16 type, then the fields; all
 * numbers are little-endian; docs/FORMATS.md has the bytes. Decoding is strict: exact
 * lengths, limits, and text that is UTF-8 without control characters. Pure; any thread.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/audio.h"
#include "domain/event.h"
#include "domain/ids.h"
#include "domain/policy.h"

enum {
	WIRE_VERSION = 7,
	WIRE_HEAD_BYTES = 4,         /* the length, which does not count itself */
	WIRE_FRAME_MAX = 144 * 1024, /* a whole frame with its head */
	WIRE_TYPE_MAX = 255,         /* the largest message number */
	WIRE_PCM_BYTES = 64000,      /* the most sound in one message: 100 frames */
};

/* Borrowed bytes: while sending, the sender's; while receiving, the receive buffer's. */
struct wire_slice {
	const uint8_t *bytes;
	size_t size;
};

struct wire_id {
	uint8_t bytes[ID_BYTES];
};

enum wire_type {
#define MESSAGE(name, number) WIRE_##name = (number),
#define FIELD(type, name)
#define TEXT(name, max)
#define BYTES(name, max)
#define EVENT(name)
#define POLICY(name)
#define END(name)
#include "wire/messages.def"
#undef MESSAGE
#undef FIELD
#undef TEXT
#undef BYTES
#undef EVENT
#undef POLICY
#undef END
};

/* struct wire_<name>; a TEXT(name, max) holds max - 1 bytes and its NUL. unused keeps
 * messages without fields valid C. */
#define WIRE_C_U8 uint8_t
#define WIRE_C_U32 uint32_t
#define WIRE_C_U64 uint64_t
#define WIRE_C_I64 int64_t
#define WIRE_C_F64 double
#define WIRE_C_ID struct wire_id
#define MESSAGE(name, number) struct wire_##name {
#define FIELD(type, name) WIRE_C_##type name;
#define TEXT(name, max) char name[max];
#define BYTES(name, max) struct wire_slice name;
#define EVENT(name) struct event name;
#define POLICY(name) struct policy name;
#define END(name)       \
	uint8_t unused; \
	}               \
	;
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

/* One received message; the union's member has the message's name. About 130 KB. */
struct wire_message {
	enum wire_type type;
	union {
#define MESSAGE(name, number) struct wire_##name name;
#define FIELD(type, name)
#define TEXT(name, max)
#define BYTES(name, max)
#define EVENT(name)
#define POLICY(name)
#define END(name)
#include "wire/messages.def"
#undef MESSAGE
#undef FIELD
#undef TEXT
#undef BYTES
#undef EVENT
#undef POLICY
#undef END
	};
};

/* Writes the whole frame. fields points to the struct wire_<name> of type. ERR_LIMIT: it
 * does not fit capacity (WIRE_FRAME_MAX always suffices) or a slice is too long;
 * ERR_FORMAT: a text holds what may not travel; ERR_RANGE: an event or policy that is
 * none. Then *out_size is untouched. */
MUST_CHECK enum err wire_encode(enum wire_type type, const void *fields, uint8_t *to,
				size_t capacity, size_t *out_size);

/* The size of the frame that begins at bytes. ERR_BUSY: fewer than WIRE_HEAD_BYTES are
 * there yet. ERR_LIMIT or ERR_FORMAT: no frame can begin like this. */
MUST_CHECK enum err wire_frame_size(const uint8_t *bytes, size_t size, size_t *out_size);

/* Reads one whole frame of exactly size bytes. Slices in the message borrow from bytes.
 * The note says which field is wrong. On failure *out_message is wiped. */
MUST_CHECK enum err wire_decode(const uint8_t *bytes, size_t size,
				struct wire_message *out_message, struct err_note *note);

/* "sound"; "unknown" for a number that is none. */
const char *wire_type_name(enum wire_type type);
bool wire_type_is_known(unsigned number);

/* Overwrites the message so that the compiler cannot leave it out. */
void wire_wipe(struct wire_message *message);

/* Sound as bytes and back. wire_to_samples copies at most count_max samples and says how
 * many; 0 for an odd number of bytes. */
struct wire_slice wire_from_samples(struct audio_span sound);
size_t wire_to_samples(struct wire_slice slice, int16_t *to, size_t count_max);

/* WIRE_LINK(NAME, one side, other side) */
#define WIRE_LINKS(WIRE_LINK)                    \
	WIRE_LINK(CLI_HUB, CLI, HUB)             \
	WIRE_LINK(DEVICE_KEEPER, DEVICE, KEEPER) \
	WIRE_LINK(GATE_KEEPER, GATE, KEEPER)     \
	WIRE_LINK(HUB_KEEPER, HUB, KEEPER)       \
	WIRE_LINK(OWNER_KEEPER, OWNER, KEEPER)   \
	WIRE_LINK(PEER_GATE, PEER, GATE)         \
	WIRE_LINK(ROOM_HUB, ROOM, HUB)           \
	WIRE_LINK(SKILLS_GATE, SKILLS, GATE)     \
	WIRE_LINK(SKILLS_HUB, SKILLS, HUB)

enum wire_link {
#define WIRE_LINK(name, one, other) WIRE_LINK_##name,
	WIRE_LINKS(WIRE_LINK)
#undef WIRE_LINK
		WIRE_LINK_COUNT
};

enum wire_party {
	WIRE_PARTY_CLI,
	WIRE_PARTY_DEVICE,
	WIRE_PARTY_GATE,
	WIRE_PARTY_HUB,
	WIRE_PARTY_KEEPER,
	WIRE_PARTY_OWNER,
	WIRE_PARTY_PEER, /* the gate of another house, which has connected */
	WIRE_PARTY_ROOM,
	WIRE_PARTY_SKILLS,
	WIRE_PARTY_COUNT
};

/* May sender say this on that link? Whatever rights.def does not list may not. */
bool wire_may(enum wire_link link, enum wire_party sender, enum wire_type type);

/* Who is at the other end; must(self is on that link). */
enum wire_party wire_other(enum wire_link link, enum wire_party self);
const char *wire_party_name(enum wire_party party); /* "hub", the role in hello */

#endif
