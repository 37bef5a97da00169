/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_home - a list of devices in the order in which they came.
 *
 * The list is the truth; struct home is built from it when somebody asks, because a
 * flood of announcements must not cost a rebuild each. Invariants: ids are unique;
 * while the home is clean, home.entities[i] is devices[i].
 */
#include "adapter/mqtt_home.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/discovery.h"
#include "base/json.h"
#include "base/log.h"
#include "base/must.h"
#include "base/str.h"

enum {
	STATE_PAYLOAD_MAX = 64 * 1024,
	PREFIX_BYTES = 128,
	GUARDED_MAX = 512, /* topics of what lets somebody in that are remembered */
};

struct slot {
	struct mqtt_device *device; /* owned */
	uint32_t config_hash;       /* of the topic that announced it */
	uint64_t payload_hash;
	uint64_t generation; /* the connection on which it was last announced */
};

struct mqtt_home {
	char prefix[PREFIX_BYTES];
	mqtt_home_topic_fn *topic_fn;
	void *context;
	struct slot slots[HOME_ENTITIES_MAX];
	size_t count;
	uint64_t generation;
	bool dirty; /* the list changed since home was built */
	struct home home;
	/* Where locks, alarms and doors were ever commanded. Who takes away a lock's
	 * announcement does not make its topic a lamp's. */
	size_t guarded_count;
	bool guarded_full; /* one could not be remembered: nothing new is commanded */
	char guarded[GUARDED_MAX][MQTT_TOPIC_BYTES];
};

enum err mqtt_home_create(const char *prefix, mqtt_home_topic_fn *topic_fn, void *context,
			  struct mqtt_home **out_home)
{
	struct mqtt_home *home = calloc(1, sizeof(*home));

	if (!home)
		return ERR_MEMORY;
	if (!str_copy(home->prefix, sizeof(home->prefix), prefix)) {
		free(home);
		return ERR_LIMIT;
	}
	home->topic_fn = topic_fn;
	home->context = context;
	home_init(&home->home);
	*out_home = home;
	return OK;
}

void mqtt_home_destroy(struct mqtt_home *home)
{
	if (!home)
		return;
	for (size_t i = 0; i < home->count; i++)
		mqtt_device_destroy(home->slots[i].device);
	home_finish(&home->home);
	free(home);
}

size_t mqtt_home_count(const struct mqtt_home *home)
{
	return home->count;
}

static size_t find_slot(const struct mqtt_home *home, const char *id)
{
	for (size_t i = 0; i < home->count; i++)
		if (str_equal(home->slots[i].device->entity.id, id))
			return i;
	return home->count;
}

const struct mqtt_device *mqtt_home_find(const struct mqtt_home *home, const char *id)
{
	size_t at = find_slot(home, id);

	return at < home->count ? home->slots[at].device : NULL;
}

static bool is_heard_by_others(const struct mqtt_home *home, const char *topic,
			       const struct mqtt_device *but)
{
	uint32_t hash = mqtt_topic_hash(topic);

	for (size_t i = 0; i < home->count; i++)
		if (home->slots[i].device != but &&
		    mqtt_device_hears(home->slots[i].device, topic, hash))
			return true;
	return false;
}

/* Also for topics that others hear already: it wants what is retained there. */
static void want_topics(const struct mqtt_home *home, const struct mqtt_device *device)
{
	const char *topic = NULL;

	for (size_t i = 0; (topic = mqtt_device_heard_topic(device, i)); i++)
		home->topic_fn(home->context, topic, true);
}

static void unwant_topics(const struct mqtt_home *home, const struct mqtt_device *device)
{
	const char *topic = NULL;

	for (size_t i = 0; (topic = mqtt_device_heard_topic(device, i)); i++)
		if (!is_heard_by_others(home, topic, device))
			home->topic_fn(home->context, topic, false);
}

/* Equal, or one below the other: "x/set" also takes what is sent to "x/set/state". */
static bool topics_meet(const char *a, const char *b)
{
	size_t size = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	if (strncmp(a, b, size) != 0)
		return false;
	return (a[size] == 0 || a[size] == '/') && (b[size] == 0 || b[size] == '/');
}

static bool is_command(enum mqtt_role role)
{
	return !mqtt_role_is_heard(role) && role != MQTT_SECURE;
}

/* What one sends where the other is heard would be its word for the other's state. */
static bool speaks_for(const struct mqtt_device *device, const struct mqtt_device *other)
{
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		const struct mqtt_channel *own = &device->channels[i];

		if (own->topic && !mqtt_role_is_heard((enum mqtt_role)i) &&
		    mqtt_device_hears(other, own->topic, own->hash))
			return true;
	}
	return false;
}

/* What a device sends to; a guarded one's secure topic is held against others as well. */
static bool commands_meet(const struct mqtt_device *device,
			  const struct mqtt_device *guarded)
{
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		const char *own = device->channels[i].topic;

		if (!own || (!is_command((enum mqtt_role)i) && i != MQTT_SECURE))
			continue;
		for (size_t j = 0; j < MQTT_ROLE_COUNT; j++)
			if (guarded->channels[j].topic && is_command((enum mqtt_role)j) &&
			    topics_meet(own, guarded->channels[j].topic))
				return true;
	}
	return false;
}

static void make_read_only(struct mqtt_device *device, struct err_note *note)
{
	if (device->entity.read_only)
		return;
	device->entity.read_only = true;
	(void)err_say(
		ERR_DENIED, note,
		"%s: its command would reach a lock, an alarm or a door of another; "
		"it is only read",
		device->config_topic);
}

static void remember_guarded(struct mqtt_home *home, const struct mqtt_device *device)
{
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		const char *topic = device->channels[i].topic;
		size_t at = 0;

		if (!topic || !is_command((enum mqtt_role)i))
			continue;
		while (at < home->guarded_count && !str_equal(home->guarded[at], topic))
			at++;
		if (at < home->guarded_count)
			continue;
		if (at == GUARDED_MAX) {
			home->guarded_full = true;
			continue;
		}
		must(str_copy(home->guarded[at], MQTT_TOPIC_BYTES, topic));
		home->guarded_count++;
	}
}

/* Also where the lock is not announced any more; and anything might meet what there was no
 * room to remember. */
static bool meets_remembered(const struct mqtt_home *home,
			     const struct mqtt_device *device)
{
	if (home->guarded_full)
		return true;
	for (size_t i = 0; i < MQTT_ROLE_COUNT; i++) {
		const char *own = device->channels[i].topic;

		if (!own || mqtt_role_is_heard((enum mqtt_role)i))
			continue;
		for (size_t j = 0; j < home->guarded_count; j++)
			if (topics_meet(own, home->guarded[j]))
				return true;
	}
	return false;
}

/* A light whose command topic is a lock's would be a way around the lock's class. Of two locks
 * with one topic nobody can tell which an approval is for, and which of them was announced
 * first is up to the broker: neither is commanded. */
static void keep_off_guarded(struct mqtt_home *home, struct mqtt_device *added,
			     struct err_note *note)
{
	bool is_guarded = mqtt_device_is_guarded(added);

	if (!is_guarded && meets_remembered(home, added))
		make_read_only(added, note);
	if (is_guarded)
		remember_guarded(home, added);
	for (size_t i = 0; i < home->count; i++) {
		struct mqtt_device *other = home->slots[i].device;

		if (str_equal(other->entity.id, added->entity.id))
			continue;
		if (mqtt_device_is_guarded(other) &&
		    (commands_meet(added, other) || speaks_for(added, other)))
			make_read_only(added, note);
		if (is_guarded &&
		    (commands_meet(other, added) || speaks_for(other, added)))
			make_read_only(other, note);
	}
}

/* Letters and digits alone are spoken; what is not ASCII is taken as it is. */
static const char *next_spoken(const char *text)
{
	while (*text && (uint8_t)*text < 0x80 && !isalnum((uint8_t)*text))
		text++;
	return text;
}

static bool is_spoken_alike(const char *a, const char *b)
{
	for (a = next_spoken(a), b = next_spoken(b); *a && *b;
	     a = next_spoken(a + 1), b = next_spoken(b + 1))
		if (tolower((uint8_t)*a) != tolower((uint8_t)*b))
			return false;
	return !*a && !*b;
}

/* Two things of one kind, name and room can only confuse: voice gets the first. */
static void hide_namesake(const struct mqtt_home *home, struct mqtt_device *added,
			  struct err_note *note)
{
	for (size_t i = 0; i < home->count; i++) {
		const struct mqtt_device *other = home->slots[i].device;

		if (str_equal(other->entity.id, added->entity.id) ||
		    !added->entity.exposed || !other->entity.exposed ||
		    other->entity.domain != added->entity.domain ||
		    !is_spoken_alike(other->entity.name, added->entity.name) ||
		    !str_equal_folded(other->area, added->area))
			continue;
		added->entity.exposed = false;
		(void)err_say(ERR_EXISTS, note,
			      "%s: its name and room are those of %s; it is not exposed",
			      added->config_topic, other->config_topic);
	}
}

static uint64_t payload_hash(const char *payload, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)payload[i]) * UINT64_C(1099511628211);
	return hash;
}

static bool is_announced_by(const struct slot *slot, const char *topic, uint32_t hash)
{
	return slot->config_hash == hash && str_equal(slot->device->config_topic, topic);
}

/* The same announcement as before: true, and its devices are current. */
static bool is_known(struct mqtt_home *home, const char *topic, uint32_t hash,
		     uint64_t hash_of_payload)
{
	bool known = false;

	for (size_t i = 0; i < home->count; i++) {
		struct slot *slot = &home->slots[i];

		if (!is_announced_by(slot, topic, hash) ||
		    slot->payload_hash != hash_of_payload)
			continue;
		slot->generation = home->generation;
		known = true;
	}
	return known;
}

static void remove_slot(struct mqtt_home *home, size_t at)
{
	struct mqtt_device *device = home->slots[at].device;

	home->count--;
	memmove(&home->slots[at], &home->slots[at + 1],
		(home->count - at) * sizeof(home->slots[0]));
	unwant_topics(home, device);
	mqtt_device_destroy(device);
	home->dirty = true;
}

static bool has_id(const struct discovery *discovery, const char *id)
{
	for (size_t i = 0; i < discovery->count; i++)
		if (discovery->devices[i] &&
		    str_equal(discovery->devices[i]->entity.id, id))
			return true;
	return false;
}

/* Removes what the topic announced before and does not announce now. */
static bool remove_gone(struct mqtt_home *home, const char *topic, uint32_t hash,
			const struct discovery *discovery)
{
	bool removed = false;

	for (size_t i = home->count; i-- > 0;) {
		const struct slot *slot = &home->slots[i];

		if (!is_announced_by(slot, topic, hash) ||
		    has_id(discovery, slot->device->entity.id))
			continue;
		remove_slot(home, i);
		removed = true;
	}
	return removed;
}

/* The same device, announced anew: keeps its place; what it retained comes again. */
static void replace(struct mqtt_home *home, struct slot *slot, struct mqtt_device *device)
{
	struct mqtt_device *before = slot->device;

	slot->device = device;
	unwant_topics(home, before);
	want_topics(home, device);
	mqtt_device_destroy(before);
}

/* The part behind the kind: "x" of "lock.x". */
static const char *own_id(const struct mqtt_device *device)
{
	const char *dot = strchr(device->entity.id, '.');

	return dot ? dot + 1 : device->entity.id;
}

/* What was a lock and is a lamp now is told; it is another thing to everybody. */
static void tell_changed_kind(const struct mqtt_home *home, const char *topic,
			      uint32_t hash, const struct discovery *discovery,
			      struct err_note *note)
{
	for (size_t i = 0; i < home->count; i++) {
		const struct mqtt_device *before = home->slots[i].device;

		if (!is_announced_by(&home->slots[i], topic, hash))
			continue;
		for (size_t j = 0; j < discovery->count; j++) {
			const struct mqtt_device *now = discovery->devices[j];

			if (now->entity.domain != before->entity.domain &&
			    str_equal(own_id(now), own_id(before)))
				(void)err_say(
					ERR_DENIED, note,
					"%s: what was a %s says that it is a %s; it is "
					"taken as another device",
					topic, entity_domain_text(before->entity.domain),
					entity_domain_text(now->entity.domain));
		}
	}
}

static enum err place(struct mqtt_home *home, struct mqtt_device *device, uint32_t hash,
		      uint64_t hash_of_payload, struct err_note *note)
{
	size_t at = find_slot(home, device->entity.id);
	struct slot *slot = &home->slots[at];

	if (at == HOME_ENTITIES_MAX)
		return err_say(ERR_LIMIT, note, "%s: more than %d devices",
			       device->config_topic, HOME_ENTITIES_MAX);
	if (at < home->count && !is_announced_by(slot, device->config_topic, hash))
		return err_say(ERR_EXISTS, note, "%s: its unique_id belongs to %s",
			       device->config_topic, slot->device->config_topic);
	keep_off_guarded(home, device, note);
	hide_namesake(home, device, note);
	if (at < home->count) {
		replace(home, slot, device);
	} else {
		slot->device = device;
		home->count++;
		want_topics(home, device);
	}
	slot->config_hash = hash;
	slot->payload_hash = hash_of_payload;
	slot->generation = home->generation;
	home->dirty = true;
	return OK;
}

enum err mqtt_home_announce(struct mqtt_home *home, const char *topic,
			    const char *payload, size_t size, bool *out_changed,
			    struct err_note *note)
{
	uint32_t hash = mqtt_topic_hash(topic);
	uint64_t hash_of_payload = payload_hash(payload, size);
	struct discovery discovery = {0};
	bool changed = false;
	enum err err = OK;

	if (is_known(home, topic, hash, hash_of_payload)) {
		*out_changed = false;
		return OK;
	}
	err = discovery_parse(home->prefix, topic, payload, size, &discovery, note);
	if (err)
		return err;
	tell_changed_kind(home, topic, hash, &discovery, note);
	changed = remove_gone(home, topic, hash, &discovery);
	for (size_t i = 0; i < discovery.count; i++) {
		if (place(home, discovery.devices[i], hash, hash_of_payload, note))
			continue;
		discovery.devices[i] = NULL; /* taken */
		changed = true;
	}
	discovery_finish(&discovery);
	*out_changed = changed;
	return OK;
}

/* Payloads are text: what holds a NUL or is no UTF-8 says nothing. */
static bool to_text(const char *payload, size_t size, char **out_text)
{
	char *text = NULL;

	if (size > STATE_PAYLOAD_MAX || !str_is_utf8(payload, size))
		return false;
	text = calloc(1, size + 1);
	if (!text)
		return false;
	if (size > 0)
		memcpy(text, payload, size);
	*out_text = text;
	return true;
}

/* Most states are plain words, so what is no JSON is no trouble; what is too deep is. */
static const struct json_value *state_json(const char *topic, const char *payload,
					   size_t size, struct json **json,
					   struct err_note *note)
{
	struct err_note why = {""};
	enum err err = json_parse(topic, payload, size, STATE_PAYLOAD_MAX, json, &why);

	if (err == ERR_LIMIT)
		(void)err_say(err, note, "%s", why.text);
	return err ? NULL : json_root(*json);
}

static void show_state(struct mqtt_home *home, size_t at)
{
	if (home->dirty)
		return;
	must(at < home->home.entity_count);
	home->home.entities[at].state = home->slots[at].device->entity.state;
}

bool mqtt_home_hear(struct mqtt_home *home, const char *topic, const char *payload,
		    size_t size, struct err_note *note)
{
	uint32_t hash = mqtt_topic_hash(topic);
	struct template_input input = {0};
	struct json *json = NULL;
	char *text = NULL;
	bool changed = false;

	if (!to_text(payload, size, &text)) {
		(void)err_say(
			ERR_LIMIT, note,
			"%s: a state of %zu bytes; at most %d bytes of text are heard",
			topic, size, STATE_PAYLOAD_MAX);
		return false;
	}
	input.text = text;
	if (size > 0)
		input.json = state_json(topic, payload, size, &json, note);
	for (size_t i = 0; i < home->count; i++) {
		if (!mqtt_device_hears(home->slots[i].device, topic, hash) ||
		    !mqtt_device_hear(home->slots[i].device, topic, hash, input))
			continue;
		show_state(home, i);
		changed = true;
	}
	json_destroy(json);
	free(text);
	return changed;
}

static void rebuild(struct mqtt_home *home)
{
	uint64_t version = home->home.names_version;

	home_finish(&home->home);
	home_init(&home->home);
	for (size_t i = 0; i < home->count; i++) {
		const struct mqtt_device *device = home->slots[i].device;
		struct entity entity = device->entity;
		struct entity *added = NULL;

		if (device->area[0])
			entity.area = home_area(&home->home, device->area);
		if (home_add_entity(&home->home, &entity, &added)) {
			log_line("bus: out of memory devices=%zu", home->count);
			home_finish(&home->home);
			home->home.names_version = version + 1;
			return; /* still dirty: the next asking tries again */
		}
		added->state = device->entity.state;
	}
	home->home.names_version = version + 1;
	home->dirty = false;
}

const struct home *mqtt_home_value(struct mqtt_home *home)
{
	if (home->dirty)
		rebuild(home);
	return &home->home;
}

void mqtt_home_begin(struct mqtt_home *home)
{
	home->generation++;
	for (size_t i = 0; i < home->count; i++) {
		struct mqtt_device *device = home->slots[i].device;

		mqtt_device_forget_state(device);
		show_state(home, i);
		want_topics(home, device);
	}
}

bool mqtt_home_sweep(struct mqtt_home *home)
{
	bool removed = false;

	for (size_t i = home->count; i-- > 0;) {
		if (home->slots[i].generation == home->generation)
			continue;
		remove_slot(home, i);
		removed = true;
	}
	return removed;
}
