/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest keeping: how long recordings are kept, whether what is nobody's is kept for a day,
 * and who runs the house for others. A change is policy.
 */
#include "base/json.h"
#include "base/must.h"
#include "base/str.h"
#include "cli/client.h"
#include "cli/command.h"
#include "domain/policy.h"

enum { LINE_BYTES = 1024 };

static const struct option options[] = {
	{.name = "box",
	 .kind = OPTION_TEXT,
	 .argument = "on|off",
	 .words = "keep for one day, for all owners, what is nobody's"},
	{.name = "contact",
	 .kind = OPTION_TEXT,
	 .argument = "TEXT",
	 .words = "how to reach the operator"},
	COMMAND_OPTION_DATA,
	COMMAND_OPTION_JSON,
	{.name = "no-operator",
	 .kind = OPTION_FLAG,
	 .words = "the household runs it for itself"},
	{.name = "operator",
	 .kind = OPTION_TEXT,
	 .argument = "NAME",
	 .words = "who runs this house for others, and answers for its data"},
	COMMAND_OPTION_OWNER,
	COMMAND_OPTION_PASSPHRASE,
	{.name = "recordings",
	 .kind = OPTION_TEXT,
	 .argument = "HOW-LONG",
	 .words = "nothing, 1-day, 7-days, 30-days, 3-months, 18-months, or a number of "
		  "days"},
};

static const struct {
	const char *text;
	uint32_t days;
} CHOICES[] = {
	{"nothing", 0},   {"1-day", 1},
	{"7-days", 7},    {"30-days", POLICY_RETENTION_DAYS},
	{"3-months", 92}, {"18-months", POLICY_RETENTION_DAYS_MAX},
};

/* --- what is given ---------------------------------------------------------------------- */

static enum err read_days(const char *text, uint32_t *out_days, struct err_note *note)
{
	int64_t days = 0;

	for (size_t i = 0; i < STR_COUNT(CHOICES); i++)
		if (str_equal(text, CHOICES[i].text)) {
			*out_days = CHOICES[i].days;
			return OK;
		}
	if (!str_to_int(text, 0, POLICY_RETENTION_DAYS_MAX, &days))
		return err_say(ERR_RANGE, note,
			       "--recordings %.40s: expected nothing, 1-day, 7-days, "
			       "30-days, 3-months, 18-months, or 0 to %d days",
			       text, POLICY_RETENTION_DAYS_MAX);
	*out_days = (uint32_t)days;
	return OK;
}

static enum err read_box(const char *text, uint8_t *out_on, struct err_note *note)
{
	*out_on = str_equal(text, "on");
	return *out_on || str_equal(text, "off")
		       ? OK
		       : err_say(ERR_RANGE, note, "--box %.40s: expected on or off",
				 text);
}

/* Everything that is to be changed, read before anybody signs in. */
struct change {
	bool has_days;
	bool has_box;
	bool has_operator;
	struct wire_retention_set days;
	struct wire_box_set box;
	struct wire_operator_set operator_;
};

static enum err read_operator(const struct args *args, struct change *change,
			      struct err_note *note)
{
	const char *name = args_text(args, "operator", NULL);
	const char *contact = args_text(args, "contact", NULL);

	change->has_operator = name || args_flag(args, "no-operator");
	if (args_flag(args, "no-operator"))
		return name || contact
			       ? err_say(ERR_RANGE, note, "--no-operator stands alone")
			       : OK;
	if (!name && !contact)
		return OK;
	if (!name || !*name || !contact || !*contact)
		return err_say(ERR_RANGE, note,
			       "--operator needs --contact, and both a "
			       "text");
	if (!str_copy(change->operator_.name, sizeof(change->operator_.name), name) ||
	    !str_copy(change->operator_.contact, sizeof(change->operator_.contact),
		      contact))
		return err_say(ERR_RANGE, note,
			       "an operator's name and contact have at "
			       "most %d bytes each",
			       POLICY_OPERATOR_BYTES - 1);
	return OK;
}

static enum err read_change(const struct args *args, struct change *change,
			    struct err_note *note)
{
	const char *days = args_text(args, "recordings", NULL);
	const char *box = args_text(args, "box", NULL);
	enum err err = read_operator(args, change, note);

	change->has_days = days != NULL;
	change->has_box = box != NULL;
	if (!err && days)
		err = read_days(days, &change->days.days, note);
	if (!err && box)
		err = read_box(box, &change->box.on, note);
	return err;
}

static enum err make_change(struct link_client *client, const struct change *change,
			    struct err_note *note)
{
	enum err err = OK;

	if (change->has_days)
		err = link_client_send_retention_set(client, &change->days, note);
	if (!err && change->has_days)
		err = client_expect_done(client, note);
	if (!err && change->has_box)
		err = link_client_send_box_set(client, &change->box, note);
	if (!err && change->has_box)
		err = client_expect_done(client, note);
	if (!err && change->has_operator)
		err = link_client_send_operator_set(client, &change->operator_, note);
	if (!err && change->has_operator)
		err = client_expect_done(client, note);
	return err;
}

/* --- what holds ------------------------------------------------------------------------- */

static enum err print_json(const struct wire_keeping *keeping)
{
	struct json_write write;
	struct buf line;
	enum err err;

	buf_init(&line, LINE_BYTES);
	json_write_init(&write, &line);
	json_open_object(&write, NULL);
	json_add_int(&write, "days", keeping->days);
	json_add_bool(&write, "box", keeping->has_box != 0);
	json_add_text(&write, "operator",
		      keeping->operator_name[0] ? keeping->operator_name : NULL);
	json_add_text(&write, "contact",
		      keeping->operator_contact[0] ? keeping->operator_contact : NULL);
	json_close(&write, '}');
	err = json_write_finish(&write);
	if (!err)
		printf("%s\n", (const char *)line.bytes);
	buf_finish(&line);
	return err;
}

static enum err print(const struct wire_keeping *keeping, bool as_json)
{
	if (as_json)
		return print_json(keeping);
	if (keeping->days == 0)
		puts("recordings     nothing of yours is kept");
	else
		printf("recordings     yours are kept for %u day%s\n", keeping->days,
		       keeping->days == 1 ? "" : "s");
	printf("household box  %s\n",
	       keeping->has_box ? "on: what is nobody's is kept for a day, for all owners"
				: "off: of what is nobody's no sound is kept");
	if (keeping->operator_name[0])
		printf("operator       %s, %s\n", keeping->operator_name,
		       keeping->operator_contact);
	else
		puts("operator       nobody: the household runs it for itself");
	return OK;
}

static enum err show(struct link_client *client, bool as_json, struct err_note *note)
{
	static const struct wire_keeping_get get;
	const struct wire_message *message = NULL;
	enum err err = link_client_send_keeping_get(client, &get, note);

	if (!err)
		err = client_expect(client, WIRE_keeping, &message, note);
	return err ? err : print(&message->keeping, as_json);
}

static enum cli_exit run(const struct args *args)
{
	struct change change = {.has_days = false};
	struct link_client *client = NULL;
	struct err_note note = {""};
	struct paths paths;
	enum err err = read_change(args, &change, &note);

	if (!err)
		err = paths_find(args_text(args, "data", NULL), &paths, &note);
	if (!err)
		err = client_sign_in(args, &paths, &client, &note);
	if (!err)
		err = make_change(client, &change, &note);
	if (!err)
		err = show(client, args_flag(args, "json"), &note);
	link_client_close(client);
	if (err == ERR_RANGE)
		return command_fail(CLI_USAGE, "%s", note.text);
	return err ? command_fail_err(err, &note, "what is kept") : CLI_DONE;
}

const struct command command_keeping = {
	.name = "keeping",
	.summary =
		"show or change how long recordings are kept, and who answers for them",
	.operands = "",
	.words =
		"Without options it shows what holds. How long is each owner's own choice, and "
		"30 days unless you choose. The household box is for all owners: what is "
		"recorded for nobody in particular is kept for a day, each opening of it is "
		"told to all, and it is never exported. An operator is somebody who runs this "
		"house for others: then the duties of the GDPR hold, and an incident has 72 "
		"hours (behest incident). A change is policy: journaled, and what loosens is "
		"told on all devices.",
	.options = options,
	.option_count = STR_COUNT(options),
	.run = run,
};
