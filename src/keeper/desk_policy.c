/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_policy - carries out what owners decide about the house: rooms, people, contacts,
 * devices, holds. Each change is a new version of the whole policy, signed with the
 * unlocked key of the owner who asks for it; it is written down first and holds only then.
 *
 * Invariants: one change is under way at a time. An owner who was removed changes nothing
 * any more, and what they signed afterwards is not believed. Owners are people of the
 * house by their keys alone: no row can make anybody one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/key_text.h"
#include "base/must.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/peer_address.h"
#include "keeper/desk_edit.h"
#include "keeper/desk_inner.h"
#include "keeper/policy_row.h"

/* --- who is an owner ------------------------------------------------------------------- */

static bool is_removed(const struct policy *policy, struct owner_id id)
{
	for (size_t i = 0; i < policy->removed_count; i++)
		if (id_equal(policy->removed[i].bytes, id.bytes))
			return true;
	return false;
}

bool desk_owner_is_active(const struct desk *desk, struct owner_id id)
{
	return desk_owner_index(desk, id) < DESK_OWNERS_MAX &&
	       !is_removed(&desk->policy, id);
}

/* Owners stand first; they are known by their keys and no row tells of them. */
void desk_policy_settle(struct desk *desk)
{
	struct policy *policy = &desk->policy;
	size_t kept = 0;

	policy->has_owner = desk->owner_count > 0;
	for (size_t i = 0; i < policy->person_count; i++)
		if (policy->people[i].role != ROLE_OWNER)
			policy->people[kept++] = policy->people[i];
	policy->person_count = kept;
	for (size_t i = 0; i < desk->owner_count; i++) {
		struct person *person = &policy->people[policy->person_count];

		if (is_removed(policy, desk->owners[i].id))
			continue;
		must(policy->person_count < STR_COUNT(policy->people));
		*person = (struct person){.role = ROLE_OWNER,
					  .capabilities = role_capabilities(ROLE_OWNER)};
		memcpy(person->id.bytes, desk->owners[i].id.bytes, ID_BYTES);
		(void)str_copy(person->name, sizeof(person->name), desk->owners[i].name);
		policy->person_count++;
	}
}

/* --- a change, from the asking to the answer ------------------------------------------- */

bool edit_refuse(struct edit *edit, enum desk_refusal why)
{
	edit->why = why;
	return false;
}

static void say_refused(const struct edit *edit, struct desk_link *link,
			enum desk_refusal why)
{
	desk_refuse(link, why);
	if (edit->also)
		desk_refuse(edit->also, why);
}

void desk_policy_is_new(struct desk *desk)
{
	desk_fuse_policy_changed(desk);
	desk_say_policy_to_all(desk);
	desk_device_policy_changed(desk);
	desk_proposal_policy_changed(desk);
	desk_inbox_policy_changed(desk);
	desk_weather_policy_changed(desk);
	desk_box_tick(desk);
}

static void policy_written(struct desk *desk, struct item *item, enum err err,
			   uint64_t place)
{
	struct desk_link *link = desk_link_by_id(desk, item->link_id);

	desk->policy_changing = false;
	if (err != OK) {
		if (link)
			desk_refuse(link, DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	desk->policy = *item->policy;
	desk->policy_version++;
	desk_certificate_written(desk, item);
	desk_policy_settle(desk);
	desk_policy_is_new(desk);
	desk_news_changed(desk, item->change_number);
	if (link)
		desk_say_done(link, 0, OK, place, (struct record_id){{0}});
}

/* What the journal says, and what the policy remembers of it: the owner signs that too. */
static void add_event(struct desk *desk, struct item *item, const struct edit *edit,
		      struct policy *policy)
{
	const struct owner *owner = &desk->owners[desk_owner_index(desk, edit->owner)];
	char by[POLICY_CHANGE_BYTES] = "";
	const struct desk_change change = {.by = by,
					   .factor = "owner's signature",
					   .how = "; signed by an owner"};

	(void)str_append(by, sizeof(by), "the owner %s", owner->name);
	str_clean(by);
	desk_event(desk, &item->event, edit->kind, edit->room);
	desk_event_add_id(&item->event, "owner", edit->owner.bytes);
	event_add(&item->event, "what", edit->what);
	if (edit->device[0] != '\0')
		event_add(&item->event, "device", edit->device);
	event_add_int(&item->event, "version", (int64_t)desk->policy_version + 1);
	item->change_number = desk_news_note(desk, policy, &item->event, &change);
}

/* Signs the changed policy and queues it with its event. Takes the policy. */
static void write_edit(struct desk *desk, struct desk_link *link, const struct edit *edit,
		       struct policy *policy)
{
	uint64_t version = desk->policy_version + 1;
	struct store_key key = desk_key_number(desk, STORE_POLICY, version);
	struct item *item = NULL;
	struct buf row;
	enum err err = item_create(link, 0, policy_written, &item);

	buf_init(&row, POLICY_ROW_BYTES_MAX);
	if (err == OK)
		add_event(desk, item, edit, policy);
	if (err == OK)
		err = policy_row_write(desk->parts.household, version, policy, link->view,
				       secret_view(desk->parts.seed), &row);
	if (err == OK)
		err = item_add_row(item, &key, row.bytes, row.size);
	if (err == OK && edit->certified != CERTIFICATE_NONE)
		err = desk_certificate_add_key(desk, link->view, item, edit->certified,
					       edit->key);
	buf_finish(&row);
	if (err != OK) {
		item_destroy(item);
		free(policy);
		say_refused(edit, link, DESK_REFUSE_NOT_WRITTEN);
		return;
	}
	item->policy = policy;
	desk->policy_changing = true;
	desk_write_take(desk, &item);
}

static void change(struct desk *desk, struct desk_link *link, struct desk_link *also,
		   edit_fn *apply, const void *set)
{
	struct edit edit = {.desk = desk,
			    .owner = owner_view_id(link->view),
			    .why = DESK_REFUSE_OUT_OF_RANGE,
			    .kind = EVENT_POLICY_CHANGED,
			    .what = "",
			    .also = also};
	struct policy *policy;

	if (!desk_owner_is_active(desk, edit.owner)) {
		say_refused(&edit, link, DESK_REFUSE_REMOVED);
		return;
	}
	policy = desk->policy_changing ? NULL : malloc(sizeof(*policy));
	if (!policy) {
		say_refused(&edit, link, DESK_REFUSE_TOO_MUCH_WAITS);
		return;
	}
	*policy = desk->policy;
	if (apply(&edit, policy, set)) {
		write_edit(desk, link, &edit, policy);
		return;
	}
	free(policy);
	say_refused(&edit, link, edit.why);
}

bool edit_read_name(char *to, size_t size, const char *name)
{
	if (!str_copy(to, size, name))
		return false;
	str_trim(to);
	return to[0] != '\0';
}

/* --- rooms ------------------------------------------------------------------------------ */

static struct room_policy *room_in(struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->room_count; i++) {
		if (str_equal(policy->rooms[i].room.text, name))
			return &policy->rooms[i];
	}
	return NULL;
}

/* The room's row, new where there is none; NULL: refused. */
static struct room_policy *room_to_set(struct edit *edit, struct policy *policy)
{
	struct room_policy *room = room_in(policy, edit->room);

	if (room && room->is_private &&
	    !id_equal(room->private_owner.bytes, edit->owner.bytes)) {
		(void)edit_refuse(edit, DESK_REFUSE_NOT_YOURS);
		return NULL;
	}
	if (!room && policy->room_count == POLICY_ROOMS_MAX) {
		(void)edit_refuse(edit, DESK_REFUSE_ROOM_LIMIT);
		return NULL;
	}
	if (!room) {
		room = &policy->rooms[policy->room_count];
		policy->room_count++;
		must(str_copy(room->room.text, sizeof(room->room.text), edit->room));
	}
	return room;
}

/* Records the key that was given, if one was. A revoked room comes back only with a key
 * that the owner names again. */
static bool set_room_key(struct edit *edit, const struct policy *policy,
			 struct room_policy *room, const struct wire_room_set *set)
{
	const struct room_policy *holder;
	uint8_t key[POLICY_KEY_BYTES];

	if (set->key[0] == '\0') {
		room->is_revoked = room->is_revoked || set->is_revoked != 0;
		return true;
	}
	if (key_from_text(set->key, key) != OK)
		return edit_refuse(edit, DESK_REFUSE_WRONG_KEY);
	holder = policy_room_of_key(policy, key);
	if ((holder && holder != room) || policy_device(policy, key))
		return edit_refuse(edit, DESK_REFUSE_KEY_TAKEN);
	memcpy(room->key, key, sizeof(room->key));
	memcpy(edit->key, key, sizeof(edit->key));
	edit->certified = CERTIFICATE_ROOM;
	room->has_key = true;
	room->is_revoked = set->is_revoked != 0;
	return true;
}

/* Which row of the journal tells of the change, and in which words. */
static enum event_kind room_change(const struct room_policy *before,
				   const struct room_policy *after, const char **out_what)
{
	*out_what = "what the room may do";
	if (!before)
		return EVENT_ROOM_ADDED;
	if (after->is_revoked && !before->is_revoked)
		return EVENT_ROOM_REVOKED;
	if (memcmp(before->key, after->key, sizeof(after->key)) != 0 ||
	    before->is_revoked != after->is_revoked)
		*out_what = "the room's key";
	return EVENT_POLICY_CHANGED;
}

static bool edit_room(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_room_set *set = fields;
	struct room_policy *room;

	if (!edit_read_name(edit->room, sizeof(edit->room), set->room) ||
	    (set->capabilities & ~(uint32_t)MAY_ALL))
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	str_fold(edit->room);
	room = room_to_set(edit, policy);
	if (!room || !set_room_key(edit, policy, room, set))
		return false;
	room->capabilities = set->capabilities;
	room->muted = set->muted != 0;
	room->is_private = set->is_private != 0;
	room->private_owner = room->is_private ? edit->owner : (struct owner_id){{0}};
	room->is_thin = set->is_thin != 0;
	edit->kind =
		room_change(room_in(&edit->desk->policy, edit->room), room, &edit->what);
	return true;
}

/* --- people ----------------------------------------------------------------------------- */

/* Two of one name cannot be told apart when somebody says it. */
static bool person_name_is_taken(const struct policy *policy, const struct person *but)
{
	for (size_t i = 0; i < policy->person_count; i++)
		if (&policy->people[i] != but &&
		    str_equal_folded(policy->people[i].name, but->name))
			return true;
	return false;
}

static void forget_contact(struct policy *policy, struct contact *contact)
{
	policy->contact_count--;
	*contact = policy->contacts[policy->contact_count];
}

/* With somebody who leaves go their devices' word and the messages to their inbox. */
static void forget_person(struct policy *policy, struct person *person)
{
	const struct person_id id = person->id;

	for (size_t i = 0; i < policy->device_count; i++)
		if (id_equal(policy->devices[i].person.bytes, id.bytes))
			policy->devices[i].is_revoked = true;
	for (size_t i = policy->contact_count; i > 0; i--)
		if (id_equal(policy->contacts[i - 1].person.bytes, id.bytes))
			forget_contact(policy, &policy->contacts[i - 1]);
	policy->person_count--;
	memmove(person, person + 1,
		(size_t)(&policy->people[policy->person_count] - person) *
			sizeof(*person));
}

static struct person *person_to_set(struct edit *edit, struct policy *policy,
				    const uint8_t id[ID_BYTES])
{
	struct person *person = NULL;

	for (size_t i = 0; i < policy->person_count; i++)
		if (id_equal(policy->people[i].id.bytes, id))
			return &policy->people[i];
	if (!id_is_none(id)) {
		(void)edit_refuse(edit, DESK_REFUSE_UNKNOWN_PERSON);
	} else if (policy_row_people(policy) == POLICY_PEOPLE_MAX) {
		(void)edit_refuse(edit, DESK_REFUSE_PERSON_LIMIT);
	} else {
		person = &policy->people[policy->person_count];
		policy->person_count++;
		*person = (struct person){.role = ROLE_GUEST};
		rand_fill(&edit->desk->parts.rand, person->id.bytes, ID_BYTES);
	}
	return person;
}

static bool edit_person(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_person *set = fields;
	struct person *person = person_to_set(edit, policy, set->id.bytes);

	if (!person)
		return false;
	edit->what = set->is_gone ? "who lives here: somebody left" : "who lives here";
	if (person->role == ROLE_OWNER)
		return edit_refuse(edit, DESK_REFUSE_OWNER_ROLE);
	if (set->is_gone) {
		forget_person(policy, person);
		return true;
	}
	if (!role_from_text(set->role, &person->role) ||
	    !edit_read_name(person->name, sizeof(person->name), set->name) ||
	    (set->capabilities & ~(uint32_t)MAY_ALL))
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	if (person->role == ROLE_OWNER)
		return edit_refuse(edit, DESK_REFUSE_OWNER_ROLE);
	if (person_name_is_taken(policy, person))
		return edit_refuse(edit, DESK_REFUSE_NAME_TAKEN);
	person->capabilities = set->capabilities;
	return true;
}

/* --- contacts --------------------------------------------------------------------------- */

static bool contact_name_is_taken(const struct policy *policy, const struct contact *but)
{
	for (size_t i = 0; i < policy->contact_count; i++)
		if (&policy->contacts[i] != but &&
		    str_equal_folded(policy->contacts[i].name, but->name))
			return true;
	return false;
}

static struct contact *contact_to_set(struct edit *edit, struct policy *policy,
				      const uint8_t id[ID_BYTES])
{
	struct contact *contact = NULL;

	for (size_t i = 0; i < policy->contact_count; i++)
		if (id_equal(policy->contacts[i].id.bytes, id))
			return &policy->contacts[i];
	if (!id_is_none(id)) {
		(void)edit_refuse(edit, DESK_REFUSE_UNKNOWN_CONTACT);
	} else if (policy->contact_count == POLICY_CONTACTS_MAX) {
		(void)edit_refuse(edit, DESK_REFUSE_CONTACT_LIMIT);
	} else {
		contact = &policy->contacts[policy->contact_count];
		policy->contact_count++;
		*contact = (struct contact){.kind = CONTACT_HOUSE};
		rand_fill(&edit->desk->parts.rand, contact->id.bytes, ID_BYTES);
	}
	return contact;
}

static bool is_key(const uint8_t key[PEOPLE_KEY_BYTES])
{
	static const uint8_t none[PEOPLE_KEY_BYTES];

	return memcmp(key, none, sizeof(none)) != 0;
}

/* What each way to a contact needs; more than that is refused as well. */
static bool contact_is_whole(const struct policy *policy, const struct contact *contact)
{
	const int keys = is_key(contact->key) + is_key(contact->box_key);
	const bool has_address = contact->address[0] != '\0';
	const bool has_person = !id_is_none(contact->person.bytes);

	switch (contact->kind) {
	case CONTACT_HOUSE:
		return policy_person(policy, contact->person) && !has_address &&
		       keys == 0;
	case CONTACT_PEER:
		return !has_person && has_address && keys == 2;
	case CONTACT_MAIL:
		return !has_person && has_address && keys == 0 &&
		       strchr(contact->address, '@') && !contact->voice_allowed;
	case CONTACT_KIND_COUNT:
		break;
	}
	return false;
}

static bool read_key(const char *text, uint8_t to[PEOPLE_KEY_BYTES])
{
	memset(to, 0, PEOPLE_KEY_BYTES);
	return text[0] == '\0' || key_from_text(text, to) == OK;
}

static bool edit_contact(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_contact *set = fields;
	struct contact *contact = contact_to_set(edit, policy, set->id.bytes);

	if (!contact)
		return false;
	edit->what = set->is_gone ? "the contacts: one is gone" : "the contacts";
	if (set->is_gone) {
		forget_contact(policy, contact);
		return true;
	}
	if (!read_key(set->key, contact->key) ||
	    !read_key(set->box_key, contact->box_key))
		return edit_refuse(edit, DESK_REFUSE_WRONG_KEY);
	if (!contact_kind_from_text(set->kind, &contact->kind) ||
	    !edit_read_name(contact->name, sizeof(contact->name), set->name) ||
	    !str_copy(contact->address, sizeof(contact->address), set->address))
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	if (contact_name_is_taken(policy, contact))
		return edit_refuse(edit, DESK_REFUSE_NAME_TAKEN);
	memcpy(contact->person.bytes, set->person.bytes, ID_BYTES);
	contact->voice_allowed = set->voice_allowed != 0;
	if (!contact_is_whole(policy, contact))
		return edit_refuse(edit, DESK_REFUSE_CONTACT_PARTS);
	return contact->kind != CONTACT_PEER ||
			       peer_address_check(contact->address, NULL) == OK
		       ? true
		       : edit_refuse(edit, DESK_REFUSE_PEER_ADDRESS);
}

/* --- devices, the hold, and owners who go ----------------------------------------------- */

/* Of a device that is paired already: its name, its person, and whether it counts. New
 * ones come by pairing (desk_device.c). */
static bool edit_device(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_device *set = fields;
	struct device *device = NULL;
	uint8_t key[PEOPLE_KEY_BYTES];

	if (key_from_text(set->key, key) != OK)
		return edit_refuse(edit, DESK_REFUSE_WRONG_KEY);
	for (size_t i = 0; i < policy->device_count; i++)
		if (memcmp(policy->devices[i].key, key, sizeof(key)) == 0)
			device = &policy->devices[i];
	if (!device)
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_DEVICE);
	edit->what = set->is_revoked ? "a device: it is revoked" : "a device";
	(void)!key_fingerprint(key, edit->device);
	if (device->is_revoked && !set->is_revoked)
		return edit_refuse(edit, DESK_REFUSE_PAIR_AGAIN);
	memcpy(device->person.bytes, set->person.bytes, ID_BYTES);
	device->is_revoked = set->is_revoked != 0;
	if (!device->is_revoked && !policy_person(policy, device->person))
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_PERSON);
	return edit_read_name(device->name, sizeof(device->name), set->name);
}

static bool edit_pair(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct device *device = fields;
	struct device *known = NULL;

	for (size_t i = 0; i < policy->device_count; i++)
		if (memcmp(policy->devices[i].key, device->key, PEOPLE_KEY_BYTES) == 0)
			known = &policy->devices[i];
	if (policy_room_of_key(policy, device->key))
		return edit_refuse(edit, DESK_REFUSE_KEY_TAKEN);
	if (!policy_person(policy, device->person))
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_PERSON);
	if (!known && policy->device_count == POLICY_DEVICES_MAX)
		return edit_refuse(edit, DESK_REFUSE_DEVICE_LIMIT);
	if (!known)
		known = &policy->devices[policy->device_count++];
	*known = *device;
	memcpy(edit->key, device->key, sizeof(edit->key));
	edit->certified = CERTIFICATE_DEVICE;
	edit->kind = EVENT_DEVICE_PAIRED;
	edit->what = "a device: it is paired";
	(void)!key_fingerprint(device->key, edit->device);
	return true;
}

static bool edit_hold(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_hold_set *set = fields;

	edit->what = "how long messages are held";
	policy->hold_s = set->hold_s;
	return set->hold_s >= POLICY_HOLD_S_MIN && set->hold_s <= POLICY_HOLD_S_MAX;
}

/* Owners remove themselves, and those who came after them: so nobody who was let in takes
 * the house from whoever let them in. What was recorded for them stays theirs to read. */
static bool edit_owners(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_owner_remove *set = fields;
	const struct desk *desk = edit->desk;
	const struct owner *owner = NULL;

	for (size_t i = 0; i < desk->owner_count; i++)
		if (str_equal_folded(desk->owners[i].name, set->name) &&
		    !is_removed(policy, desk->owners[i].id))
			owner = &desk->owners[i];
	edit->what = "the owners: one is removed";
	if (!owner)
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_PERSON);
	const struct owner *asks = &desk->owners[desk_owner_index(desk, edit->owner)];
	if (owner != asks && owner->created_ms <= asks->created_ms)
		return edit_refuse(edit, DESK_REFUSE_SENIOR);
	if (desk->owner_count - policy->removed_count == 1)
		return edit_refuse(edit, DESK_REFUSE_LAST_OWNER);
	must(policy->removed_count < POLICY_OWNERS_MAX);
	policy->removed[policy->removed_count++] = owner->id;
	for (size_t i = 0; i < policy->room_count; i++)
		if (id_equal(policy->rooms[i].private_owner.bytes, owner->id.bytes)) {
			policy->rooms[i].is_private = false;
			policy->rooms[i].private_owner = (struct owner_id){{0}};
		}
	for (size_t i = 0; i < policy->person_count; i++)
		if (id_equal(policy->people[i].id.bytes, owner->id.bytes))
			forget_person(policy, &policy->people[i]);
	return true;
}

static bool edit_harmless(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_harmless_set *set = fields;
	size_t at = 0;

	if (set->entity[0] == '\0')
		return edit_refuse(edit, DESK_REFUSE_UNKNOWN_ENTITY);
	while (at < policy->harmless_count &&
	       !str_equal(policy->harmless[at], set->entity))
		at++;
	if (set->harmless && at == POLICY_HARMLESS_MAX)
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	if (set->harmless && at == policy->harmless_count) {
		must(str_copy(policy->harmless[at], sizeof(policy->harmless[at]),
			      set->entity));
		policy->harmless_count++;
	} else if (!set->harmless && at < policy->harmless_count) {
		policy->harmless_count--;
		memmove(policy->harmless[at], policy->harmless[policy->harmless_count],
			sizeof(policy->harmless[at]));
	}
	edit->what = set->harmless ? "a device to harmless" : "a device to not harmless";
	return true;
}

/* Each owner's own, so nobody changes another's. */
static bool edit_retention(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_retention_set *set = fields;
	size_t at = 0;

	edit->what = "how long an owner's recordings are kept";
	while (at < policy->retention_count &&
	       !id_equal(policy->retentions[at].owner.bytes, edit->owner.bytes))
		at++;
	if (set->days > POLICY_RETENTION_DAYS_MAX || at == POLICY_OWNERS_MAX)
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	policy->retentions[at] = (struct retention_policy){edit->owner, set->days};
	if (at == policy->retention_count)
		policy->retention_count++;
	return true;
}

static bool edit_box(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_box_set *set = fields;

	edit->what = "whether what is nobody's is kept for a day";
	policy->has_box = set->on != 0;
	return true;
}

static bool edit_operator(struct edit *edit, struct policy *policy, const void *fields)
{
	const struct wire_operator_set *set = fields;

	edit->what = "who answers for this house's data";
	if ((set->name[0] == '\0') != (set->contact[0] == '\0'))
		return edit_refuse(edit, DESK_REFUSE_OUT_OF_RANGE);
	must(str_copy(policy->operator_name, sizeof(policy->operator_name), set->name));
	must(str_copy(policy->operator_contact, sizeof(policy->operator_contact),
		      set->contact));
	return true;
}

/* --- what asks for changes -------------------------------------------------------------- */

bool desk_policy_receive(struct desk *desk, struct desk_link *link,
			 const struct wire_message *message)
{
	static const struct edit_row edits[] = {
		{WIRE_box_set, edit_box},
		{WIRE_contact, edit_contact},
		{WIRE_device, edit_device},
		{WIRE_harmless_set, edit_harmless},
		{WIRE_hold_set, edit_hold},
		{WIRE_operator_set, edit_operator},
		{WIRE_owner_remove, edit_owners},
		{WIRE_person, edit_person},
		{WIRE_retention_set, edit_retention},
		{WIRE_room_set, edit_room},
	};

	edit_fn *apply = desk_day_edit(message->type);

	for (size_t i = 0; i < STR_COUNT(edits); i++)
		if (edits[i].type == message->type)
			apply = edits[i].apply;
	if (apply)
		change(desk, link, NULL, apply, &message->text);
	return apply != NULL;
}

void desk_policy_pair(struct desk *desk, struct desk_link *owner, struct desk_link *link,
		      const struct device *device)
{
	change(desk, owner, link, edit_pair, device);
}

/* --- what is there ---------------------------------------------------------------------- */

static void say_key(const uint8_t key[PEOPLE_KEY_BYTES], char *to, size_t size)
{
	char text[KEY_TEXT_BYTES] = "";

	if (is_key(key))
		(void)!key_to_text(key, text);
	must(str_copy(to, size, text));
}

static void say_people(const struct policy *policy, struct desk_link *link)
{
	for (size_t i = 0; i < policy->person_count; i++) {
		const struct person *person = &policy->people[i];
		struct wire_person row = {.capabilities = person->capabilities};

		memcpy(row.id.bytes, person->id.bytes, ID_BYTES);
		must(str_copy(row.name, sizeof(row.name), person->name));
		must(str_copy(row.role, sizeof(row.role), role_text(person->role)));
		desk_say(link, WIRE_person, &row);
	}
}

static void say_contacts(const struct policy *policy, struct desk_link *link)
{
	for (size_t i = 0; i < policy->contact_count; i++) {
		const struct contact *contact = &policy->contacts[i];
		struct wire_contact row = {.voice_allowed = contact->voice_allowed};

		memcpy(row.id.bytes, contact->id.bytes, ID_BYTES);
		memcpy(row.person.bytes, contact->person.bytes, ID_BYTES);
		must(str_copy(row.name, sizeof(row.name), contact->name));
		must(str_copy(row.kind, sizeof(row.kind),
			      contact_kind_text(contact->kind)));
		must(str_copy(row.address, sizeof(row.address), contact->address));
		say_key(contact->key, row.key, sizeof(row.key));
		say_key(contact->box_key, row.box_key, sizeof(row.box_key));
		desk_say(link, WIRE_contact, &row);
	}
}

static void say_devices(const struct policy *policy, struct desk_link *link)
{
	for (size_t i = 0; i < policy->device_count; i++) {
		const struct device *device = &policy->devices[i];
		struct wire_device row = {.is_revoked = device->is_revoked};

		memcpy(row.person.bytes, device->person.bytes, ID_BYTES);
		must(str_copy(row.name, sizeof(row.name), device->name));
		say_key(device->key, row.key, sizeof(row.key));
		desk_say(link, WIRE_device, &row);
	}
}

void desk_policy_list(struct desk *desk, struct desk_link *link)
{
	say_people(&desk->policy, link);
	say_contacts(&desk->policy, link);
	say_devices(&desk->policy, link);
	desk_say(link, WIRE_hold_set,
		 &(struct wire_hold_set){.hold_s = desk->policy.hold_s});
	desk_say(link, WIRE_end, &(struct wire_end){.err = OK});
}

void desk_policy_keeping(struct desk *desk, struct desk_link *link)
{
	const struct policy *policy = &desk->policy;
	struct wire_keeping keeping = {
		.days = policy_retention_days(policy, owner_view_id(link->view)),
		.has_box = policy->has_box,
	};

	must(str_copy(keeping.operator_name, sizeof(keeping.operator_name),
		      policy->operator_name));
	must(str_copy(keeping.operator_contact, sizeof(keeping.operator_contact),
		      policy->operator_contact));
	desk_say(link, WIRE_keeping, &keeping);
}
