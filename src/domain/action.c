/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action - the rows of actions.def. Pure.
 */
#include "domain/action.h"

#include "base/must.h"

static const struct {
	const char *name;
	const char *sentence;
	enum action_class class_of;
} ACTIONS[ACTION_KIND_COUNT] = {
#define ACTION(kind, class_letter, text, words) \
	[ACTION_##kind] = {text, words, CLASS_##class_letter},
#include "domain/actions.def"
#undef ACTION
};

const char *action_name(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].name;
}

const char *action_sentence(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].sentence;
}

enum action_class action_class(enum action_kind kind)
{
	must(kind < ACTION_KIND_COUNT);
	return ACTIONS[kind].class_of;
}

const char *action_class_text(enum action_class class_of)
{
	static const char *const TEXTS[] = {"A", "B", "C"};

	must(class_of <= CLASS_C);
	return TEXTS[class_of];
}
