/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest keys: the words that open what is kept for an owner: another passphrase, a further
 * one, a new recovery code; and, for somebody who leaves, the end of all of them.
 */
#include <string.h>

#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/enrol.h"
#include "cli/new_owner.h"
#include "cli/verbs.h"
#include "cli/when.h"

enum { KEYS_MAX = 32, KEY_JSON_BYTES = 1024 };

static const char RECOVERY[] = "recovery code";
static const char PASSPHRASE[] = "passphrase";

static const struct option options[] = {
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	NEW_OWNER_OPTION_PASSPHRASE("the new"),
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	CONFIRM_OPTION_YES("destroy"),
};

struct keys {
	size_t count;
	struct wire_key_row of[KEYS_MAX];
};

/* --- what there is ---------------------------------------------------------------------- */

static bool keep_row(void *context, const struct wire_message *message)
{
	struct keys *keys = context;

	if (message->type != WIRE_key_row)
		return false;
	if (keys->count < KEYS_MAX)
		keys->of[keys->count++] = message->key_row;
	return true;
}

static enum err get(struct link_client *client, struct keys *keys, struct err_note *note)
{
	static const struct wire_keys_get ask;
	enum err err = link_client_send_keys_get(client, &ask, note);

	keys->count = 0;
	return err ? err : client_read_rows(client, keep_row, keys, note);
}

/* How it is called: its name, or what it is. */
static const char *name_of(const struct wire_key_row *key)
{
	return key->name[0] != '\0' ? key->name : key->kind;
}

static enum err print_json(const struct wire_key_row *key)
{
	struct json_write write;
	struct buf line;
	char at[WHEN_BYTES];
	enum err err;

	when_utc(at, key->at_ms);
	buf_init(&line, KEY_JSON_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "number", key->number);
	json_add_text(&write, "kind", key->kind);
	json_add_text(&write, "name", key->name);
	json_add_text(&write, "made", key->at_ms > 0 ? at : NULL);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print_key(const struct wire_key_row *key, bool as_json)
{
	char at[WHEN_BYTES] = "";

	if (as_json)
		return print_json(key);
	if (key->at_ms > 0)
		when_local(at, key->at_ms);
	printf("%3u  %-24s %s", key->number, name_of(key),
	       key->name[0] != '\0' ? key->kind : "");
	printf("%s%s\n", key->name[0] != '\0' && at[0] != '\0' ? ", " : "", at);
	return OK;
}

static enum err list(const struct args *args, const struct paths *paths,
		     struct err_note *note)
{
	struct link_client *client = NULL;
	struct keys keys;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = get(client, &keys, note);
	for (size_t i = 0; !err && i < keys.count; i++)
		err = print_key(&keys.of[i], args_flag(args, "json"));
	link_client_close(client);
	return err;
}

/* By its name, by what it is, or by its number. */
static enum err find(const struct keys *keys, const char *name, uint8_t *out_number,
		     struct err_note *note)
{
	int64_t number = 0;

	if (!str_to_int(name, 1, UINT8_MAX, &number))
		number = 0;
	for (size_t i = 0; i < keys->count; i++) {
		if (!str_equal_folded(name_of(&keys->of[i]), name) &&
		    keys->of[i].number != number)
			continue;
		*out_number = keys->of[i].number;
		return OK;
	}
	return err_say(ERR_MISSING, note, "there is no key \"%s\"; see: behest keys",
		       name);
}

/* --- changes ---------------------------------------------------------------------------- */

static enum err new_words(const struct args *args, struct secret **out_words,
			  struct err_note *note)
{
	return new_owner_passphrase(args, "the new passphrase",
				    "The new passphrase:", out_words, note);
}

static enum err too_long(struct err_note *note)
{
	return err_say(ERR_LIMIT, note, "the name or the passphrase is too long");
}

/* Which one: by name, else the one that the owner was made with. */
static enum err passphrase(const struct args *args, const struct paths *paths,
			   struct err_note *note)
{
	const char *name = args->rest_count > 1 ? args->rest[1] : NULL;
	struct wire_key_set set = {.number = 0};
	struct link_client *client = NULL;
	struct secret *words = NULL;
	struct keys keys;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err && name)
		err = get(client, &keys, note);
	if (!err && name)
		err = find(&keys, name, &set.number, note);
	if (!err)
		err = new_words(args, &words, note);
	if (!err && !str_copy(set.passphrase, sizeof(set.passphrase),
			      (const char *)secret_view(words)))
		err = too_long(note);
	if (!err)
		err = link_client_send_key_set(client, &set, note);
	explicit_bzero(&set, sizeof(set));
	if (!err)
		err = client_expect_done(client, note);
	if (!err && !args_flag(args, "json"))
		printf("From now on the new passphrase opens what is yours. The one of before is "
		       "destroyed.\n");
	secret_destroy(words);
	link_client_close(client);
	return err;
}

static enum err add(const struct args *args, const struct paths *paths,
		    struct err_note *note)
{
	struct wire_key_add new_key = {.name = ""};
	struct link_client *client = NULL;
	struct secret *words = NULL;
	enum err err = OK;

	if (!str_copy(new_key.name, sizeof(new_key.name), args->rest[1]))
		return too_long(note);
	if (str_equal_folded(new_key.name, RECOVERY) ||
	    str_equal_folded(new_key.name, PASSPHRASE))
		return err_say(ERR_RANGE, note, "\"%s\" names another key already",
			       new_key.name);
	err = client_sign_in(args, paths, &client, note);
	if (!err)
		err = new_words(args, &words, note);
	if (!err && !str_copy(new_key.passphrase, sizeof(new_key.passphrase),
			      (const char *)secret_view(words)))
		err = too_long(note);
	if (!err)
		err = link_client_send_key_add(client, &new_key, note);
	explicit_bzero(&new_key, sizeof(new_key));
	if (!err)
		err = client_expect_done(client, note);
	secret_destroy(words);
	link_client_close(client);
	return err;
}

static enum err remove_key(const struct args *args, const struct paths *paths,
			   struct err_note *note)
{
	struct wire_key_remove gone = {.number = 0};
	struct link_client *client = NULL;
	struct keys keys;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = get(client, &keys, note);
	if (!err)
		err = find(&keys, args->rest[1], &gone.number, note);
	if (!err)
		err = link_client_send_key_remove(client, &gone, note);
	if (!err)
		err = client_expect_done(client, note);
	link_client_close(client);
	return err;
}

static void show_code(const char *code, bool as_json)
{
	if (as_json) {
		printf("{\"recovery\":\"%s\"}\n", code); /* letters and dashes */
		return;
	}
	printf("  recovery code  %s\n"
	       "Write it down now: this is shown once and stored nowhere. The one of before\n"
	       "opens nothing any more. Without a passphrase or this code nobody can open what\n"
	       "is kept for you.\n",
	       code);
}

static enum err recovery(const struct args *args, const struct paths *paths,
			 struct err_note *note)
{
	static const struct wire_recovery_new ask;
	const struct wire_message *message = NULL;
	struct link_client *client = NULL;
	enum err err = client_sign_in(args, paths, &client, note);

	if (!err)
		err = link_client_send_recovery_new(client, &ask, note);
	if (!err)
		err = client_expect_change(client, WIRE_recovery_made, &message, note);
	if (!err) {
		must(message);
		show_code(message->recovery_made.recovery, args_flag(args, "json"));
	}
	link_client_close(client);
	return err;
}

/* --- the end ---------------------------------------------------------------------------- */

/* Who owns the house leaves it first; who left it before is no owner to be removed. */
static enum err leave(struct link_client *client, const char *name, struct err_note *note)
{
	struct wire_owner_remove gone = {.name = ""};
	const struct wire_message *message = NULL;
	enum err err;

	must(str_copy(gone.name, sizeof(gone.name), name));
	err = link_client_send_owner_remove(client, &gone, note);
	if (!err)
		err = link_client_wait(client, CLIENT_ANSWER_MS, &message, note);
	if (err)
		return err_say(err, note, "no answer: %s", err_words(err));
	if (message->type == WIRE_refused &&
	    str_equal(message->refused.reason, "REMOVED"))
		return OK;
	if (message->type != WIRE_done) {
		err = client_other(message, note);
		return err == ERR_BUSY || err == ERR_IO ? err : ERR_DENIED;
	}
	return OK;
}

static enum err destroy(const struct args *args, const struct paths *paths,
			struct err_note *note)
{
	static const struct confirm ending = {
		.to_do = "destroy the keys of",
		.without_name = "destroy all keys",
		.undone = "nothing was destroyed",
		.warning =
			"Everything kept for this owner becomes unreadable, for ever, also "
			"to them.\nNo passphrase and no recovery code brings it back.\n",
	};
	struct wire_owner_end end = {.name = ""};
	struct wire_unlocked who = {.name = ""};
	struct link_client *client = NULL;
	enum err err = enrol_name(args->rest[1], end.name, note);

	if (!err)
		err = confirm_name(args, &ending, end.name, note);
	if (!err)
		err = client_sign_in_as(args, paths, &client, &who, note);
	if (!err && !str_equal_folded(who.name, end.name))
		err = err_say(ERR_DENIED, note,
			      "\"%s\" is signed in, not \"%s\": nothing was destroyed",
			      who.name, end.name);
	if (!err)
		err = leave(client, who.name, note);
	if (!err)
		err = link_client_send_owner_end(client, &end, note);
	if (!err)
		err = client_expect_done(client, note);
	if (!err && !args_flag(args, "json"))
		printf("The keys of \"%s\" are destroyed. What was kept for them opens never "
		       "again.\n",
		       end.name);
	link_client_close(client);
	return err;
}

static enum cli_exit run(const struct args *args)
{
	static const char one[] = "the name of one key";
	static const struct verb verbs[] = {
		{"list", 0, 0, NULL, list},
		{"add", 1, 1, "a name for it", add},
		{"destroy", 1, 1, "the name of the owner", destroy},
		{"passphrase", 0, 1, one, passphrase},
		{"recovery", 0, 0, NULL, recovery},
		{"remove", 1, 1, one, remove_key},
	};

	return verbs_run(verbs, STR_COUNT(verbs), args, "the keys");
}

const struct command command_keys = {
	.name = "keys",
	.summary = "show or change the passphrases and the recovery code of an owner",
	.operands = "[list | add NAME | destroy OWNER | passphrase [NAME] | recovery | "
		    "remove NAME]",
	.words =
		"Each of an owner's passphrases, and the recovery code, opens the same. "
		"`passphrase` changes one (without NAME the first), `recovery` makes a new code "
		"and ends the one before, `add` makes a further passphrase (8 keys at most), "
		"`remove` destroys one, never the last. Who lost the passphrase signs in by the "
		"recovery code in its place; who lost both has lost what was kept for them, and "
		"nobody can bring it back. `destroy` is for who leaves: they are an owner no "
		"more, all their keys are destroyed, and what was kept for them is unreadable "
		"for ever.",
	.choices = "list|add|destroy|passphrase|recovery|remove",
	.options = options,
	.option_count = STR_COUNT(options),
	.rest_max = 2,
	.run = run,
};
