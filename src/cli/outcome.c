/* SPDX-License-Identifier: Apache-2.0 */
/* Reads decision and reason from a turn's JSON; the words are reason.def's. */
#include "cli/outcome.h"

#include "base/json.h"
#include "base/str.h"
#include "cli/timeline.h"
#include "domain/reason.h"

static const char *explained(const char *code)
{
	enum reason reason;

	return reason_from_code(code, &reason) ? reason_explained(reason)
					       : "no known reason";
}

static enum cli_exit outcome_of(const struct json_value *turn)
{
	const char *decision = json_text(json_get(turn, "decision"), "");
	const char *code = json_text(json_get(turn, "reason"), "");

	if (str_equal(decision, "hold"))
		return CLI_DONE;
	if (str_equal(decision, "act") && str_equal(code, "NONE"))
		return CLI_DONE;
	if (str_equal(decision, "act"))
		return command_fail(CLI_FAILED, "not done: %s: %s", code,
				    explained(code));
	if (str_equal(decision, "ask"))
		return command_fail(CLI_REFUSED, "asked back: %s: %s", code,
				    explained(code));
	return command_fail(CLI_REFUSED, "refused: %s: %s", code, explained(code));
}

enum cli_exit outcome_of_turn(const char *json, size_t size)
{
	struct err_note note = {""};
	struct json *parsed = NULL;
	enum cli_exit status;
	enum err err = json_parse("turn", json, size, TIMELINE_BYTES_MAX, &parsed, &note);

	status = err ? command_fail_err(err, &note, "turn")
		     : outcome_of(json_root(parsed));
	json_destroy(parsed);
	return status;
}

enum cli_exit outcome_show(const char *json, size_t size, bool as_json)
{
	struct err_note note = {""};
	enum err err = OK;

	if (as_json)
		printf("%.*s\n", (int)size, json);
	else
		err = timeline_print(json, size, &note);
	fflush(stdout);
	if (err)
		return command_fail_err(err, &note, "turn");
	return outcome_of_turn(json, size);
}
