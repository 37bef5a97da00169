/* SPDX-License-Identifier: Apache-2.0 */
/*
 * house_fixture - a whole household of real programs in a folder of its own: mosquitto,
 * toy home, keeper, hub and a room whose microphone is a named pipe.
 *
 * The test speaks into the pipe with a synthetic voice, types to the hub, watches every
 * turn, and is the owner on the keeper's own socket. Anything that does not happen within
 * HOUSE_WAIT_MS fails the test; nothing else depends on time. One thread.
 */
#ifndef E2E_HOUSE_FIXTURE_H
#define E2E_HOUSE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "adapter/link_unix.h"
#include "base/file.h"
#include "base/json.h"
#include "domain/audio.h"
#include "domain/event.h"
#include "e2e/mosquitto_fixture.h"
#include "port/voice.h"

enum {
	HOUSE_WAIT_MS = 60000,
	HOUSE_STEP_MS = 10,
	HOUSE_SOUND_MAX = 30 * AUDIO_HZ,
	HOUSE_EVENTS_MAX = 64,
	HOUSE_WORDS_BYTES = 256,
	HOUSE_DEVICES = 8, /* of the toy home */
};

#define HOUSE_OWNER "alice"
#define HOUSE_PASSPHRASE "correct horse battery"
#define HOUSE_ROOM "kitchen"
#define HOUSE_WORD "computer"

struct house {
	struct fixture fixture; /* its folder holds everything */
	char data[FILE_PATH_BYTES];
	char run[FILE_PATH_BYTES];
	char pipe[FILE_PATH_BYTES];
	char log[FILE_PATH_BYTES]; /* what our programs wrote */
	pid_t keeper;              /* 0: not running */
	pid_t hub;
	pid_t room;
	int pipe_fd; /* -1 until first spoken into */
	struct voice voice;
	struct link_client *client; /* of the hub: types, and watches all turns */
	uint64_t token;             /* of the last typed request */
	size_t spoken_count;        /* what was last written into the pipe */
	int16_t spoken[HOUSE_SOUND_MAX];
};

/* A turn as the hub told it, or its refusal. */
struct house_turn {
	bool refused;   /* it was not even begun; only reason and said are set */
	uint64_t token; /* 0: it was spoken */
	uint64_t id;    /* as in the journal */
	int64_t done;   /* actions that were carried out */
	char text[HOUSE_WORDS_BYTES];
	char intent[64];
	char decision[16];
	char reason[32];
	char said[HOUSE_WORDS_BYTES];
	char record[ID_TEXT_BYTES]; /* "" none */
};

/* Folder, configuration, voice; nothing runs yet. A house is large: keep it static. */
void house_begin(struct house *house);
/* Ends what runs and removes the folder; with HOUSE_LOG in the environment it shows first
 * what the programs wrote. */
void house_end(struct house *house);

/* Each starts one program and waits until it answers. The room: until it listens,
 * or is muted. */
void house_start_keeper(struct house *house);
void house_start_hub(struct house *house);
void house_start_room(struct house *house);
/* The same with other devices than pipe and file: kind and name of each. */
void house_start_room_with(struct house *house, const char *const microphone[2],
			   const char *const speaker[2]);
/* The first owner, and the room as the owner's private one. */
void house_settle(struct house *house);
/* All of it, until the hub knows every device of the toy home. */
void house_up(struct house *house);
/* SIGTERM; each must end with status 0. */
void house_stop_hub(struct house *house);
void house_stop_room(struct house *house);
void house_stop_keeper(struct house *house);

/* The hub's status, parsed; the caller destroys it. */
struct json *house_status(struct house *house);
/* Until the status says so. */
void house_wait_flag(struct house *house, const char *flag, bool value);
void house_wait_count(struct house *house, const char *name, int64_t at_least);
/* Until every device of the toy home is known and can be named. */
void house_wait_devices(struct house *house);
/* Until nothing that happened waits for the keeper any more, and the keeper is there. */
void house_wait_written(struct house *house);

/* Speaks the words, without the name in front, in real time. */
void house_speak(struct house *house, const char *words);
/* The same from sound that the caller has. */
void house_play(struct house *house, struct audio_span sound);
void house_type(struct house *house, const char *words);
/* The next turn that the hub tells of. */
void house_turn(struct house *house, struct house_turn *out_turn);
/* The same when one comes within the time. */
bool house_turn_within(struct house *house, int wait_ms, struct house_turn *out_turn);
/* Types, and waits for the answer. */
void house_ask(struct house *house, const char *words, struct house_turn *out_turn);

/* --- as somebody at the keeper's own socket --- */

/* A conversation with the keeper, not signed in. */
struct link_client *house_owner_socket(struct house *house);
/* Signed in; NULL when the passphrase is refused. The caller closes it. */
struct link_client *house_sign_in(struct house *house, const char *name,
				  const char *passphrase);
/* As its gate, which the keeper knows by its key. */
struct link_client *house_gate_socket(struct house *house);
/* Makes another owner; owner is a signed-in one. */
void house_add_owner(struct link_client *owner, const char *name, const char *passphrase);

struct house_events {
	size_t count;
	uint64_t places[HOUSE_EVENTS_MAX];
	struct event events[HOUSE_EVENTS_MAX];
};
/* All the journal has of a turn, oldest first. */
void house_why(struct link_client *owner, uint64_t turn, struct house_events *out_events);
/* The first event of the kind, or NULL. */
const struct event *house_event(const struct house_events *events, enum event_kind kind,
				uint64_t *out_place);
/* The keeper walks its whole journal: entries, or a failed test. */
uint64_t house_verify(struct link_client *owner);
/* A recording's samples; OK, or why not. */
enum err house_listen(struct link_client *owner, const char *record, int16_t *to,
		      size_t max, size_t *out_count);

#endif
