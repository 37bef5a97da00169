/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the few questions of a first run and writes down the answers.
 *
 * Invariants: without a terminal nothing is asked and nothing waits; the passphrase is
 * in locked memory; the recovery code and a passphrase of our making are shown once and
 * stored nowhere.
 */
#include "cli/wizard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/rand_system.h"
#include "adapter/settings_file.h"
#include "base/buf.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/household.h"
#include "cli/new_owner.h"
#include "cli/pair_here.h"
#include "cli/room_key.h"
#include "cli/terminal.h"
#include "cli/wizard_sound.h"

enum {
	CONFIG_BYTES_MAX = 64 * 1024,
	CODE_BYTES_MAX = 256,
	WORD_GROUPS = 5, /* 5 groups of 4 out of 32 letters: 100 bits */
	WORD_LETTERS = 4,
};

/* Nothing that looks like something else. */
static const char LETTERS[] = "abcdefghjkmnpqrstuvwxyz23456789x";

static enum err make_passphrase(struct wizard *wizard)
{
	struct rand rand = rand_system();
	uint8_t noise[WORD_GROUPS * WORD_LETTERS];
	enum err err = secret_create(WIZARD_PASSPHRASE_BYTES, &wizard->passphrase);
	char *to;

	if (err)
		return err;
	to = (char *)secret_bytes(wizard->passphrase);
	rand_fill(&rand, noise, sizeof(noise));
	for (size_t i = 0; i < sizeof(noise); i++) {
		if (i > 0 && i % WORD_LETTERS == 0)
			*to++ = '-';
		*to++ = LETTERS[noise[i] % 32];
	}
	*to = '\0';
	explicit_bzero(noise, sizeof(noise));
	wizard->made_passphrase = true;
	return OK;
}

/* An empty one lets us make it. */
static enum err ask_passphrase(struct wizard *wizard, struct err_note *note)
{
	enum err err = new_owner_ask_passphrase(
		"Your passphrase (Enter alone: one is made for you):",
		&wizard->passphrase, note);

	if (err || secret_view(wizard->passphrase)[0] != '\0')
		return err;
	secret_destroy(wizard->passphrase);
	wizard->passphrase = NULL;
	return make_passphrase(wizard);
}

static enum err find_passphrase(struct wizard *wizard, const struct args *args,
				struct err_note *note)
{
	const char *path = args_text(args, "passphrase-file", NULL);

	if (path)
		return client_read_passphrase(path, &wizard->passphrase, note);
	return wizard->asks ? ask_passphrase(wizard, note) : make_passphrase(wizard);
}

static enum err ask_names(struct wizard *wizard, const struct args *args,
			  struct err_note *note)
{
	enum err err = OK;

	if (!str_copy(wizard->owner, sizeof(wizard->owner),
		      args_text(args, "owner", "owner")) ||
	    !str_copy(wizard->room, sizeof(wizard->room),
		      args_text(args, "room", "living room")) ||
	    !wizard->owner[0] || !wizard->room[0])
		return err_say(ERR_RANGE, note, "--owner and --room: 1 to %d bytes each",
			       NAME_BYTES - 1);
	if (wizard->asks && !args_count(args, "owner"))
		err = terminal_ask("Your name:", wizard->owner, wizard->owner,
				   sizeof(wizard->owner));
	if (!err && wizard->asks && !args_count(args, "room"))
		err = terminal_ask("This room is called:", wizard->room, wizard->room,
				   sizeof(wizard->room));
	str_fold(wizard->room);
	if (!err && wizard->asks)
		err = terminal_ask_yes(
			"Is this room private to you, so that what is asked here "
			"is kept for you alone?",
			true, &wizard->is_private);
	return err;
}

enum err wizard_run(const struct args *args, struct wizard *out_wizard,
		    struct err_note *note)
{
	enum err err;

	memset(out_wizard, 0, sizeof(*out_wizard));
	out_wizard->asks = terminal_asks() && !args_flag(args, "yes");
	out_wizard->toy_home = args_flag(args, "toy-home");
	out_wizard->pairs_here = args_flag(args, "tour");
	out_wizard->is_private = true;
	err = ask_names(out_wizard, args, note);
	if (!err)
		err = find_passphrase(out_wizard, args, note);
	if (!err) {
		sound_cards_find("/proc/asound/pcm", &out_wizard->cards);
		wizard_try_sound(out_wizard);
	}
	return err ? err_say(err, note, "the first run: %s", err_words(err)) : OK;
}

void wizard_finish(struct wizard *wizard)
{
	secret_destroy(wizard->passphrase);
	memset(wizard, 0, sizeof(*wizard));
}

enum err wizard_settings(const struct wizard *wizard, struct settings *settings,
			 struct err_note *note)
{
	const struct sound_card *microphone = wizard->microphone;
	const struct sound_card *speaker = wizard->speaker;
	enum err err = settings_set(settings, "room", "microphone",
				    microphone ? "alsa" : "none", note);

	if (!err && microphone)
		err = settings_set(settings, "room", "microphone_device",
				   microphone->device, note);
	if (!err)
		err = settings_set(settings, "room", "speaker", speaker ? "alsa" : "none",
				   note);
	if (!err && speaker)
		err = settings_set(settings, "room", "speaker_device", speaker->device,
				   note);
	if (!err)
		err = settings_set(settings, "room", "name", wizard->room, note);
	return err;
}

enum err wizard_write(const struct wizard *wizard, const struct paths *paths,
		      struct err_note *note)
{
	struct settings settings;
	struct buf text;
	enum err err = file_make_folder(paths->data, note);

	buf_init(&text, CONFIG_BYTES_MAX);
	settings_init(&settings);
	if (!err)
		err = wizard_settings(wizard, &settings, note);
	if (!err)
		err = settings_print(&settings, &text);
	if (!err)
		err = file_write(paths->config, text.bytes, text.size, 0600, note);
	buf_finish(&text);
	return err;
}

/* The code that proves that we may read the keeper's folder. */
static enum err read_code(const struct paths *paths, char code[CODE_BYTES_MAX],
			  struct err_note *note)
{
	struct buf bytes;
	enum err err = file_read(paths->code, CODE_BYTES_MAX - 1, &bytes, note);

	if (!err) {
		must(str_copy_bytes(code, CODE_BYTES_MAX, (const char *)bytes.bytes,
				    bytes.size));
		str_trim(code);
	}
	if (bytes.bytes)
		explicit_bzero(bytes.bytes, bytes.size);
	buf_finish(&bytes);
	return err;
}

static enum err create_owner(const struct wizard *wizard, const struct paths *paths,
			     struct link_client *client,
			     char recovery[NEW_OWNER_RECOVERY_BYTES],
			     struct err_note *note)
{
	char code[CODE_BYTES_MAX] = "";
	enum err err = read_code(paths, code, note);

	if (!err)
		err = new_owner_create(client, code, wizard->owner, wizard->passphrase,
				       recovery, note);
	explicit_bzero(code, sizeof(code));
	return err;
}

static enum err add_room(const struct wizard *wizard, const struct paths *paths,
			 struct link_client *client, struct err_note *note)
{
	struct wire_room_set set = {.capabilities = MAY_ALL,
				    .is_private = wizard->is_private};
	const struct wire_message *message = NULL;
	enum err err = client_unlock(client, wizard->owner, wizard->passphrase, note);

	must(str_copy(set.room, sizeof(set.room), wizard->room));
	if (!err) /* from now on no other room passes for this one */
		err = room_key_local(paths, wizard->room, set.key, note);
	if (!err)
		err = link_client_send_room_set(client, &set, note);
	if (!err)
		err = client_expect(client, WIRE_done, &message, note);
	if (!err && message->done.err)
		err = err_say(ERR_DENIED, note, "the room could not be added");
	return err;
}

static void show_once(const struct wizard *wizard, const char *recovery)
{
	printf("\nThe owner of this house is \"%s\"; the room is the %s%s.\n",
	       wizard->owner, wizard->room, wizard->is_private ? ", private" : "");
	if (wizard->made_passphrase)
		printf("  passphrase     %s\n",
		       (const char *)secret_view(wizard->passphrase));
	printf("  recovery code  %s\n"
	       "Write %s down now: this is shown once and stored nowhere. Without the\n"
	       "passphrase or the code nobody can open what is kept here.\n\n",
	       recovery, wizard->made_passphrase ? "both" : "it");
	fflush(stdout);
}

/* Only where it was asked for: whoever can use this computer can then approve. */
static enum err pair_this(const struct wizard *wizard, const struct paths *paths,
			  struct link_client *client, struct err_note *note)
{
	struct household *household = NULL;
	const struct wire_person *owner = NULL;
	struct device_link *device = NULL;
	struct notices *notices = calloc(1, sizeof(*notices));
	enum err err = notices ? household_get(client, &household, note) : ERR_MEMORY;

	if (!err)
		err = household_person(household, wizard->owner, &owner, note);
	if (!err)
		err = pair_here(client, owner->id, "this computer", paths, notices,
				&device, note);
	if (!err)
		puts("For the tour this computer is paired: it can approve. Without a tour "
		     "nothing is.\n");
	device_close(device);
	household_destroy(household);
	free(notices);
	return err;
}

enum err wizard_settle(const struct wizard *wizard, const struct paths *paths,
		       struct err_note *note)
{
	struct link_client *client = NULL;
	char recovery[NEW_OWNER_RECOVERY_BYTES] = "";
	enum err err = client_keeper(paths, &client, note);

	if (!err)
		err = create_owner(wizard, paths, client, recovery, note);
	if (!err && !wizard->quiet)
		show_once(wizard, recovery);
	if (!err)
		err = add_room(wizard, paths, client, note);
	if (!err && wizard->pairs_here)
		err = pair_this(wizard, paths, client, note);
	if (!err)
		err = file_write(paths->name, wizard->owner, strlen(wizard->owner), 0600,
				 note);
	explicit_bzero(recovery, sizeof(recovery));
	link_client_close(client);
	return err;
}
