/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main - behest-keeper: opens its folder and its sockets, gives up what it no longer
 * needs, and runs the desk. tour 10/10: the program that alone holds the keys.
 *
 * Its files are in DIR/keeper: keeper.db, keeper.key, keeper.lock, keeper.mark, gate.key,
 * keeper.new until the database is made, owner.code until the first owner exists, and, where
 * the house ends, keeper.ending and then house.ended (keeper/ending.h). Its sockets are in a folder
 * of their own, where no other program of ours may write. It has no network, and no parser
 * but that of the wire.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapter/clock_system.h"
#include "adapter/identity.h"
#include "adapter/keeper_mark.h"
#include "adapter/link_unix.h"
#include "adapter/rand_system.h"
#include "adapter/sandbox_linux.h"
#include "adapter/store_sqlite.h"
#include "base/file.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/must.h"
#include "base/program.h"
#include "base/seal.h"
#include "base/str.h"
#include "keeper/desk.h"
#include "keeper/ending.h"
#include "keeper/household.h"
#include "keeper/proof.h"
#include "keeper/restore.h"

/* A commit waits while requests come, but not for longer than so many rounds of the loop. */
enum { GATHER_ROUNDS_MAX = 64, SOON_MS = 1000, LAST_WORDS_MS = 200 };

struct keeper;

/* The desk's end of one connection. */
struct peer {
	struct keeper *keeper;
	struct link *link;
	struct desk_link *desk_link;      /* NULL: a gate that has not shown who it is */
	uint8_t nonce[PROOF_NONCE_BYTES]; /* of a gate */
};

/* One of the sockets. */
struct door {
	struct keeper *keeper;
	enum desk_side side;
	struct link_server *server;
};

struct keeper {
	char folder[FILE_PATH_BYTES];
	char sockets[FILE_PATH_BYTES];
	char code_path[FILE_PATH_BYTES];
	struct clock clock;
	struct rand rand;
	struct household household;
	uint8_t gate_key[SEAL_SIGN_PUBLIC_BYTES];
	struct secret *gate_seed; /* for backups */
	struct desk *desk;
	struct store store;
	struct loop *loop;
	bool is_gathering; /* on_gathered is to be called */
	bool has_received; /* since it was the last time */
	unsigned rounds;
	bool ticks_soon;
	struct ending ending;
	struct door hub;
	struct door owner;
	struct door device;
	struct door gate;
};

static const char USAGE[] =
	"usage: behest-keeper --data DIR [--run DIR]\n"
	"Holds the keys, the policy, the recordings and the journal of a household.\n"
	"  --data DIR  the household's folder; the keeper's files are in DIR/keeper\n"
	"  --run DIR   its sockets are in DIR/keeper of it (DIR/run)\n"
	"  --help      this\n"
	"  --version   the version\n"
	"With --restore it makes DIR/keeper of a backup instead, and ends; the passphrase or\n"
	"recovery code of an owner is read from standard input. See: behest restore\n"
	"  --restore FILE  the ciphertext\n"
	"  --keys FILE     the key table\n"
	"  --key FILE      the backup key\n"
	"  --owner NAME    whose passphrase it is; not needed where there is one owner\n";

/* --- what comes together becomes durable together --------------------------------------- */

static void gather(struct keeper *keeper);

/* Once a round of the loop has brought nothing more. */
static void on_gathered(void *context)
{
	struct keeper *keeper = context;
	const bool goes_on = keeper->has_received && keeper->rounds < GATHER_ROUNDS_MAX &&
			     desk_waits(keeper->desk) < DESK_BATCH_ITEMS_MAX;

	keeper->is_gathering = false;
	keeper->has_received = false;
	keeper->rounds++;
	if (goes_on) {
		gather(keeper);
		return;
	}
	keeper->rounds = 0;
	desk_flush(keeper->desk);
}

static void gather(struct keeper *keeper)
{
	if (keeper->is_gathering || desk_waits(keeper->desk) == 0)
		return;
	keeper->is_gathering =
		loop_after(keeper->loop, 0, on_gathered, keeper, NULL) == OK;
	if (!keeper->is_gathering)
		desk_flush(keeper->desk);
}

/* --- connections ------------------------------------------------------------------------ */

static enum err peer_send(void *context, enum wire_type type, const void *fields)
{
	struct peer *peer = context;

	return link_send(peer->link, type, fields);
}

static void peer_destroy(struct peer *peer)
{
	if (!peer)
		return;
	desk_close(peer->keeper->desk, peer->desk_link);
	free(peer);
}

static enum err enter(struct door *door, struct peer *peer)
{
	return desk_open(door->keeper->desk, door->side, peer_send, peer,
			 &peer->desk_link);
}

/* A gate is told what was approved, and opens messages: it shows first that it is ours. */
static enum err challenge(struct keeper *keeper, struct peer *peer)
{
	const struct wire_challenge challenge = {.nonce = {peer->nonce,
							   sizeof(peer->nonce)},
						 .wall_ms =
							 clock_wall_ms(&keeper->clock)};

	rand_fill(&keeper->rand, peer->nonce, sizeof(peer->nonce));
	return link_send_challenge(peer->link, &challenge);
}

static void meet_gate(struct door *door, struct peer *peer,
		      const struct wire_message *message)
{
	struct keeper *keeper = door->keeper;
	struct link *link = peer->link;

	if (message->type == WIRE_identity &&
	    proof_is_gates(&keeper->household, keeper->gate_key, peer->nonce,
			   link_process(link), &message->identity) &&
	    enter(door, peer) == OK)
		return;
	log_line("keeper: somebody who is not the gate was turned away from its socket");
	link_set_data(link, NULL);
	peer_destroy(peer);
	link_refuse(link, ERR_DENIED, "this is not the gate of this house");
}

static void on_opened(void *context, struct link *link)
{
	struct door *door = context;
	struct peer *peer = calloc(1, sizeof(*peer));
	enum err err = peer ? OK : ERR_MEMORY;

	if (err == OK) {
		peer->keeper = door->keeper;
		peer->link = link;
		err = door->side == DESK_GATE ? challenge(door->keeper, peer)
					      : enter(door, peer);
	}
	if (err != OK) {
		log_line("keeper: a connection was turned away: %s", err_words(err));
		peer_destroy(peer);
		link_close(link);
		return;
	}
	link_set_data(link, peer);
}

/* Needs neither desk nor owner: who is asked for a passphrase shows first who it is. */
static void prove(struct keeper *keeper, struct link *link,
		  const struct wire_prove *asked)
{
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct wire_proof proof = {.signature = {signature, sizeof(signature)}};
	enum err err =
		proof_give(&keeper->household, asked, link_process(link), signature);

	if (err == OK)
		err = link_send_proof(link, &proof);
	if (err != OK)
		log_line("keeper: a proof was not given: %s", err_words(err));
}

static void on_soon(void *context)
{
	struct keeper *keeper = context;

	keeper->ticks_soon = false;
	desk_tick(keeper->desk);
}

/* What was just asked for may not wait for the next tick. */
static void tick_soon(struct keeper *keeper)
{
	const int64_t in_ms = desk_tick_in_ms(keeper->desk);

	if (!keeper->ticks_soon && in_ms < SOON_MS)
		keeper->ticks_soon =
			loop_after(keeper->loop, (int)in_ms, on_soon, keeper, NULL) == OK;
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct door *door = context;
	struct peer *peer = link_data(link);

	if (peer && message->type == WIRE_prove)
		prove(door->keeper, link, &message->prove);
	else if (peer && !peer->desk_link)
		meet_gate(door, peer, message);
	else if (peer)
		desk_receive(door->keeper->desk, peer->desk_link, message);
	door->keeper->has_received = true;
	gather(door->keeper);
	tick_soon(door->keeper);
}

static const char *const SIDES[] = {
	[DESK_HUB] = "hub",
	[DESK_OWNER] = "owner",
	[DESK_DEVICE] = "device",
	[DESK_GATE] = "gate",
};

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct door *door = context;

	if (err != ERR_CLOSED)
		log_line("keeper: link=%s closed: %s", SIDES[door->side], why);
	peer_destroy(link_data(link));
	link_set_data(link, NULL);
}

static enum err open_door(struct keeper *keeper, struct door *door, enum desk_side side,
			  enum wire_link kind, const char *name, struct err_note *note)
{
	const struct link_listener listener = {.context = door,
					       .opened = on_opened,
					       .message = on_message,
					       .closed = on_closed};
	char path[FILE_PATH_BYTES];

	door->keeper = keeper;
	door->side = side;
	if (!file_join(path, sizeof(path), keeper->sockets, name))
		return err_say(ERR_LIMIT, note, "%s: its path is too long",
			       keeper->sockets);
	return link_listen(keeper->loop, path, kind, WIRE_PARTY_KEEPER, "keeper",
			   &listener, &door->server, note);
}

/* The desk forgets the links before the server frees them. */
static void close_door(struct door *door)
{
	struct link *link;

	for (size_t i = 0; door->server && (link = link_server_at(door->server, i));
	     i++) {
		peer_destroy(link_data(link));
		link_set_data(link, NULL);
	}
	link_server_destroy(door->server);
	door->server = NULL;
}

/* --- the loop --------------------------------------------------------------------------- */

static void check_desk(struct keeper *keeper)
{
	if (desk_state_of(keeper->desk) == DESK_BROKEN)
		loop_stop(keeper->loop);
}

static void on_store(void *context, int fd, unsigned ready)
{
	struct keeper *keeper = context;

	(void)fd;
	(void)ready;
	store_step(&keeper->store);
	check_desk(keeper);
	gather(keeper);
}

static void on_tick(void *context)
{
	struct keeper *keeper = context;

	desk_tick(keeper->desk);
	check_desk(keeper);
	gather(keeper);
	/* The timer that just ended has left its place. */
	must(loop_after(keeper->loop, (int)desk_tick_in_ms(keeper->desk), on_tick, keeper,
			NULL) == OK);
}

/* Steps the store until nothing waits: at start, and before the end. */
static void settle(struct keeper *keeper)
{
	struct pollfd ready = {.fd = keeper->store.fd, .events = POLLIN};

	desk_flush(keeper->desk);
	while (keeper->store.ops && poll(&ready, 1, 0) == 1) {
		store_step(&keeper->store);
		desk_flush(keeper->desk);
	}
}

/* --- opening and closing ---------------------------------------------------------------- */

static void on_owner_made(void *context)
{
	struct keeper *keeper = context;

	(void)unlink(keeper->code_path);
}

static enum err on_ends(void *context, struct owner_id by)
{
	struct keeper *keeper = context;
	struct err_note note = {.text = ""};
	const enum err err = ending_begin(&keeper->ending, keeper->folder, by, &note);

	if (err != OK)
		log_line("keeper: the house does not end: %s", note.text);
	return err;
}

static void on_last_words(void *context)
{
	struct keeper *keeper = context;

	loop_stop(keeper->loop);
}

/* What is told of it leaves first; where there is no loop yet, run_keeper looks. */
static enum err on_ended(void *context, const void *receipt, size_t size)
{
	struct keeper *keeper = context;
	struct err_note note = {.text = ""};
	const enum err err =
		ending_keep(&keeper->ending, keeper->folder, receipt, size, &note);

	if (err != OK)
		log_line("keeper: %s", note.text);
	else if (keeper->loop && loop_after(keeper->loop, LAST_WORDS_MS, on_last_words,
					    keeper, NULL) != OK)
		loop_stop(keeper->loop);
	return err;
}

/* The gate reads it before it gives up its rights; nobody else of ours can. So the keeper
 * knows its gate without having been told by anybody. */
static enum err make_gate_key(struct keeper *keeper, const char *data,
			      struct err_note *note)
{
	struct identity identity = {.seed = NULL};
	char path[FILE_PATH_BYTES];
	enum err err = identity_gate_path(path, data);

	if (err != OK)
		return err_say(err, note, "%s: the path is too long", data);
	err = identity_open(path, &keeper->rand, &identity, note);
	if (err == OK) {
		memcpy(keeper->gate_key, identity.public_key, sizeof(keeper->gate_key));
		keeper->gate_seed = identity.seed;
		identity.seed = NULL;
	}
	identity_close(&identity);
	return err;
}

/* By this the gate knows whose orders count, and the command line whom it tells secrets. */
static enum err write_mark(const struct keeper *keeper, struct err_note *note)
{
	struct keeper_mark mark = {.household = keeper->household.id};
	struct keeper_mark there = {.household = {{0}}};

	seal_sign_pair(secret_view(keeper->household.seed), mark.key);
	/* It stays as it is: a full disk is no reason not to start. */
	if (keeper_mark_read(keeper->folder, &there, NULL) == OK &&
	    memcmp(&there, &mark, sizeof(mark)) == 0)
		return OK;
	return keeper_mark_write(keeper->folder, &mark, note);
}

static enum err write_code(struct keeper *keeper, struct err_note *note)
{
	char text[DESK_CODE_BYTES + 1];
	enum err err;

	if (desk_has_owner(keeper->desk)) {
		(void)unlink(keeper->code_path);
		return OK;
	}
	must(str_format(text, sizeof(text), "%s\n", desk_code(keeper->desk)));
	err = file_write(keeper->code_path, text, strlen(text), 0600, note);
	if (err == OK)
		(void)fprintf(stderr, "behest-keeper: code for the first owner: %s",
			      text);
	seal_wipe(text, sizeof(text));
	return err;
}

static enum err open_folders(struct keeper *keeper, const char *data, const char *run,
			     struct err_note *note)
{
	struct err_note why = {.text = ""};
	enum err err;

	if (!file_join(keeper->folder, sizeof(keeper->folder), data, "keeper") ||
	    !file_join(keeper->code_path, sizeof(keeper->code_path), keeper->folder,
		       "owner.code") ||
	    !file_join(keeper->sockets, sizeof(keeper->sockets), run, "keeper"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", data);
	err = file_make_folder(keeper->folder, &why);
	if (err == OK)
		err = file_make_folder(keeper->sockets, &why);
	if (err != OK)
		(void)err_say(err, note, "the data folder %s cannot be used: %s", data,
			      why.text);
	return err;
}

static enum err open_desk(struct keeper *keeper, struct err_note *note)
{
	const struct desk_parts parts = {
		.household = keeper->household.id,
		.seed = keeper->household.seed,
		.house_key = keeper->household.house_key,
		.gate_seed = keeper->gate_seed,
		.clock = keeper->clock,
		.rand = keeper->rand,
		.cost = OWNER_COST,
		.is_patient = true,
		.owner_made = on_owner_made,
		.ends = on_ends,
		.ended = on_ended,
		.ends_by = keeper->ending.is_begun ? &keeper->ending.by : NULL,
		.context = keeper,
	};
	struct store_listener listener;
	struct desk_parts whole = parts;
	enum err err;

	memcpy(whole.gate_key, keeper->gate_key, sizeof(whole.gate_key));
	err = desk_create(&whole, &keeper->desk);
	if (err != OK)
		return err;
	listener = desk_store_listener(keeper->desk);
	err = store_sqlite_open(keeper->folder, keeper->household.is_new, &listener,
				&keeper->store, note);
	if (err != OK)
		return err;
	household_settle(keeper->folder, &keeper->household);
	desk_start(keeper->desk, &keeper->store);
	settle(keeper);
	if (desk_state_of(keeper->desk) != DESK_READY)
		err = err_say(ERR_FORMAT, note, "%s: %s", keeper->folder,
			      desk_trouble(keeper->desk));
	return err;
}

static enum err open_loop(struct keeper *keeper, struct err_note *note)
{
	enum err err = loop_create(&keeper->loop);

	if (err == OK)
		err = loop_stop_on_signals(keeper->loop);
	if (err == OK)
		err = loop_watch(keeper->loop, keeper->store.fd, LOOP_READ, on_store,
				 keeper);
	if (err == OK)
		err = loop_after(keeper->loop, DESK_TICK_MS, on_tick, keeper, NULL);
	if (err == OK)
		err = open_door(keeper, &keeper->hub, DESK_HUB, WIRE_LINK_HUB_KEEPER,
				"hub.sock", note);
	if (err == OK)
		err = open_door(keeper, &keeper->owner, DESK_OWNER,
				WIRE_LINK_OWNER_KEEPER, "owner.sock", note);
	if (err == OK)
		err = open_door(keeper, &keeper->device, DESK_DEVICE,
				WIRE_LINK_DEVICE_KEEPER, "device.sock", note);
	if (err == OK)
		err = open_door(keeper, &keeper->gate, DESK_GATE, WIRE_LINK_GATE_KEEPER,
				"gate.sock", note);
	return err;
}

/* Its own folder and its sockets, nothing else. */
static enum err drop_rights(struct keeper *keeper, struct err_note *note)
{
	struct sandbox_rules rules = {.profile = SANDBOX_KEEPER};
	struct sandbox_report report;
	char words[SANDBOX_WORDS_BYTES];
	enum err err;

	sandbox_allow(&rules, keeper->folder, true);
	sandbox_allow(&rules, keeper->sockets, true);
	err = sandbox_enter(&rules, &report, note);
	if (err == OK) {
		sandbox_words(&report, words);
		log_line("keeper: ready; %s", words);
	}
	return err;
}

/* In this order: each part uses those before it. */
static enum err open_all(struct keeper *keeper, const char *data, struct err_note *note)
{
	enum err err = seal_init();

	keeper->clock = clock_system();
	keeper->rand = rand_system();
	if (err == OK)
		err = household_open(keeper->folder, &keeper->rand, &keeper->household,
				     note);
	if (err == OK)
		err = make_gate_key(keeper, data, note);
	if (err == OK)
		err = open_desk(keeper, note);
	if (err == OK)
		err = write_mark(keeper, note);
	if (err == OK)
		err = write_code(keeper, note);
	if (err == OK)
		err = open_loop(keeper, note);
	if (err == OK)
		err = drop_rights(keeper, note);
	return err;
}

/* Of the files, once nothing holds them open. */
static int end_house(struct keeper *keeper)
{
	struct err_note note = {.text = ""};
	enum err err = seal_init();

	keeper->rand = rand_system();
	if (err == OK)
		err = ending_check(keeper->folder, &keeper->rand, &note);
	if (err == OK)
		err = ending_shred(keeper->folder, &note);

	if (err != OK)
		log_line("keeper: %s", note.text);
	else
		log_line("keeper: this household has ended; behest wipe removes what is "
			 "left of it");
	return err == OK ? PROGRAM_DONE : PROGRAM_FAILED;
}

static void close_all(struct keeper *keeper)
{
	close_door(&keeper->hub);
	close_door(&keeper->owner);
	close_door(&keeper->device);
	close_door(&keeper->gate);
	if (keeper->desk)
		settle(keeper);
	loop_destroy(keeper->loop);
	store_close(&keeper->store);
	desk_destroy(keeper->desk);
	household_close(&keeper->household);
	secret_destroy(keeper->gate_seed);
}

static int run_keeper(const char *data, const char *run)
{
	static struct keeper keeper;
	struct err_note note = {.text = ""};
	int status = PROGRAM_FAILED;
	enum err err;

	/* A file that may not grow is a write that fails, as on a full disk. */
	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	err = open_folders(&keeper, data, run, &note);
	if (err == OK)
		err = ending_look(keeper.folder, &keeper.ending, &note);
	if (err == OK && keeper.ending.is_kept)
		return end_house(&keeper);
	if (err == OK)
		err = open_all(&keeper, data, &note);
	if (err == OK && !keeper.ending.is_kept)
		err = loop_run(keeper.loop);
	if (err != OK)
		log_line("keeper: %s", note.text[0] ? note.text : err_words(err));
	else if (desk_state_of(keeper.desk) == DESK_BROKEN)
		log_line("keeper: it cannot go on: %s", desk_trouble(keeper.desk));
	else
		status = PROGRAM_DONE;
	close_all(&keeper);
	return keeper.ending.is_kept ? end_house(&keeper) : status;
}

/* --- a house of a backup ---------------------------------------------------------------- */

enum { RESTORE_REFUSED = 3 }; /* wrong passphrase, or a house is there already */
enum { GIVEN_RESTORE, GIVEN_KEYS, GIVEN_KEY, GIVEN_OWNER, GIVEN_COUNT };

/* Its first line, without buffers that would keep it. */
static enum err read_passphrase(struct secret **out_passphrase, struct err_note *note)
{
	struct secret *secret = NULL;
	size_t used = 0;
	ssize_t got = 1;
	char *text;
	enum err err = secret_create(OWNER_PASSPHRASE_BYTES_MAX + 2, &secret);

	if (err != OK)
		return err;
	text = (char *)secret_bytes(secret);
	while (got > 0 && used < OWNER_PASSPHRASE_BYTES_MAX + 1) {
		got = read(STDIN_FILENO, text + used,
			   OWNER_PASSPHRASE_BYTES_MAX + 1 - used);
		used += got > 0 ? (size_t)got : 0;
	}
	text[strcspn(text, "\r\n")] = '\0';
	if (got < 0 || text[0] == '\0' || strlen(text) > OWNER_PASSPHRASE_BYTES_MAX) {
		secret_destroy(secret);
		return err_say(ERR_FORMAT, note,
			       "standard input: expected a passphrase or recovery code");
	}
	*out_passphrase = secret;
	return OK;
}

static void tell_progress(uint64_t done, uint64_t total)
{
	(void)printf("progress %llu %llu\n", (unsigned long long)done,
		     (unsigned long long)total);
	(void)fflush(stdout);
}

static int run_restore(const char *data, const struct program_option *given)
{
	struct restore_words words = {.data = data,
				      .ciphertext = given[GIVEN_RESTORE].value,
				      .keys = given[GIVEN_KEYS].value,
				      .key = given[GIVEN_KEY].value,
				      .owner = given[GIVEN_OWNER].value,
				      .told = tell_progress};
	struct restore_result result;
	struct err_note note = {.text = ""};
	struct secret *passphrase = NULL;
	enum err err = seal_init();

	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	if (err == OK)
		err = read_passphrase(&passphrase, &note);
	words.passphrase = passphrase;
	if (err == OK)
		err = restore_house(&words, &result, &note);
	secret_destroy(passphrase);
	if (err != OK) {
		log_line("keeper: %s", note.text[0] ? note.text : err_words(err));
		return err == ERR_DENIED || err == ERR_EXISTS ? RESTORE_REFUSED
							      : PROGRAM_FAILED;
	}
	(void)printf("restored %lld %llu %llu %llu %d %d\n", (long long)result.made_ms,
		     (unsigned long long)result.entries,
		     (unsigned long long)result.recordings,
		     (unsigned long long)result.left_out, result.is_older,
		     result.by_whom_known);
	return fflush(stdout) == 0 ? PROGRAM_DONE : PROGRAM_FAILED;
}

int main(int count, char **words)
{
	static struct program_option given[GIVEN_COUNT] = {
		[GIVEN_RESTORE] = {.name = "restore"},
		[GIVEN_KEYS] = {.name = "keys"},
		[GIVEN_KEY] = {.name = "key"},
		[GIVEN_OWNER] = {.name = "owner"},
	};
	static struct program program = {.name = "behest-keeper",
					 .usage = USAGE,
					 .options = given,
					 .option_count = GIVEN_COUNT};
	int status = PROGRAM_FAILED;

	log_name(program.name);
	tzset(); /* while the zone's file can still be read: "today" is a day of here */
	(void)umask(0077);
	if (!program_read(&program, count, words, &status))
		return status;
	if (!given[GIVEN_RESTORE].value)
		return run_keeper(program.data, program.run);
	if (given[GIVEN_KEYS].value && given[GIVEN_KEY].value)
		return run_restore(program.data, given);
	(void)fputs(USAGE, stderr);
	return PROGRAM_USAGE;
}
