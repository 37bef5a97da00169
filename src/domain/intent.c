/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intent - reading and filling slots. Pure.
 */
#include "domain/intent.h"

#include "base/str.h"

static size_t slot_at(const struct intent *intent, const char *name)
{
	for (size_t i = 0; i < intent->slot_count; i++)
		if (str_equal(intent->slots[i].name, name))
			return i;
	return intent->slot_count;
}

const struct slot *intent_slot(const struct intent *intent, const char *name)
{
	size_t at = slot_at(intent, name);
	return at < intent->slot_count ? &intent->slots[at] : NULL;
}

const char *intent_value(const struct intent *intent, const char *name,
			 const char *fallback)
{
	const struct slot *slot = intent_slot(intent, name);
	return slot ? slot->value : fallback;
}

bool intent_set(struct intent *intent, const char *name, const char *value)
{
	size_t at = slot_at(intent, name);
	struct slot slot = {.is_number = false};

	if (at == INTENT_SLOTS_MAX || !str_copy(slot.name, sizeof(slot.name), name) ||
	    !str_copy(slot.value, sizeof(slot.value), value))
		return false;
	intent->slots[at] = slot;
	if (at == intent->slot_count)
		intent->slot_count++;
	return true;
}

bool intent_set_number(struct intent *intent, const char *name, double number)
{
	char value[SLOT_VALUE_BYTES];

	if (!str_format(value, sizeof(value), "%.10g", number) ||
	    !intent_set(intent, name, value))
		return false;
	struct slot *slot = &intent->slots[slot_at(intent, name)];
	slot->is_number = true;
	slot->number = number;
	return true;
}
