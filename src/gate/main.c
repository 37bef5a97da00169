/* SPDX-License-Identifier: Apache-2.0 */
/*
 * behest-gate - carries out what a paired device approved, and nothing else.
 *
 * The only program whose broker user may unlock, disarm and open, and the only one that
 * reaches a mail server, a push server, a weather service or other houses. It has no recording,
 * no words and no say in what is done: it takes the keeper's signed orders over one socket,
 * carries each out, and tells how it went.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/broker_user.h"
#include "adapter/bus_mqtt.h"
#include "adapter/clock_system.h"
#include "adapter/identity.h"
#include "adapter/keeper_mark.h"
#include "adapter/link_unix.h"
#include "adapter/mail_user.h"
#include "adapter/mqtt_binding.h"
#include "adapter/push_user.h"
#include "adapter/rand_system.h"
#include "adapter/weather_open_meteo.h"
#include "base/file.h"
#include "base/log.h"
#include "base/program.h"
#include "base/seal.h"
#include "base/str.h"
#include "domain/proof.h"
#include "gate/abroad.h"
#include "gate/alerts.h"
#include "gate/confine.h"
#include "gate/forecasts.h"
#include "gate/orders.h"

enum { RETRY_MS = 250, RETRY_MAX_MS = 8000 };

struct gate {
	struct loop *loop;
	const char *data;
	const char *run;
	struct settings settings;
	struct keeper_mark keeper;
	struct identity identity;
	char keeper_socket[FILE_PATH_BYTES];
	struct link *link; /* NULL while the keeper is away */
	int64_t retry_ms;
	struct bus bus;
	struct mail mail;       /* without ops: no server is set */
	struct push push;       /* the same */
	struct weather weather; /* without ops: no service is set */
	struct alerts *alerts;
	struct forecasts *forecasts;
	uint64_t forecasts_timer;
	struct ledger *ledger;
	struct letters *letters;
	struct abroad *abroad; /* NULL: no message goes to or comes from other houses */
	struct orders *orders;
};

static const char USAGE[] =
	"usage: behest-gate --data DIR [--run DIR]\n"
	"Carries out what a paired device approved. Usually started by `behest up`.\n"
	"Reads DIR/behest.conf; see behest-gate(8).\n";

static void connect_keeper(void *context);

static void try_later(struct gate *gate)
{
	if (loop_after(gate->loop, gate->retry_ms, connect_keeper, gate, NULL))
		log_line("gate: cannot set a timer");
	gate->retry_ms =
		gate->retry_ms * 2 < RETRY_MAX_MS ? gate->retry_ms * 2 : RETRY_MAX_MS;
}

static void on_opened(void *context, struct link *link)
{
	struct gate *gate = context;

	(void)link;
	gate->retry_ms = RETRY_MS;
	log_line("gate: connected to the keeper");
}

/* The keeper tells nothing to whoever has not shown that it is the gate. */
static enum err show_identity(const struct gate *gate, struct link *link,
			      const struct wire_challenge *challenge)
{
	const struct identity *identity = &gate->identity;
	uint8_t bytes[PROOF_BYTES];
	uint8_t signature[SEAL_SIGNATURE_BYTES];
	const struct wire_identity said = {.key = {identity->public_key,
						   sizeof(identity->public_key)},
					   .signature = {signature, sizeof(signature)}};
	enum err err;

	if (challenge->nonce.size != PROOF_NONCE_BYTES)
		return ERR_FORMAT;
	proof_bytes(gate->keeper.household, challenge->nonce.bytes, (uint32_t)getpid(),
		    bytes);
	err = seal_sign_labelled(secret_view(identity->seed), PROOF_GATE_LABEL, bytes,
				 sizeof(bytes), signature);
	return err ? err : link_send_identity(link, &said);
}

/* token 0: the link itself is refused. */
static void take_refusal(struct gate *gate, const struct wire_refused *refused)
{
	const bool is_err = refused->err > OK && refused->err < ERR_COUNT;

	log_line("gate: the keeper refuses: %s", refused->words);
	letters_fetched(gate->letters, refused->token,
			is_err ? (enum err)refused->err : ERR_DENIED);
}

static void take_answer(struct gate *gate, const struct wire_message *message)
{
	const struct wire_memo_sound *sound = &message->memo_sound;
	const struct wire_done *done = &message->done;

	if (message->type == WIRE_memo_sound)
		letters_sound(gate->letters, sound->token, sound->opus.bytes,
			      sound->opus.size, sound->last);
	else if (message->type == WIRE_done)
		letters_fetched(gate->letters, done->token,
				done->err < ERR_COUNT ? (enum err)done->err : ERR_IO);
	else if (message->type == WIRE_refused)
		take_refusal(gate, &message->refused);
}

static void on_forecasts_due(void *context);

/* Called whenever something may have changed about when it is asked again. */
static void arm_forecasts(struct gate *gate)
{
	const int64_t next_ms = forecasts_next_ms(gate->forecasts);

	loop_cancel(gate->loop, gate->forecasts_timer);
	gate->forecasts_timer = 0;
	if (next_ms >= 0 && loop_after(gate->loop, next_ms, on_forecasts_due, gate,
				       &gate->forecasts_timer))
		log_line("gate: cannot set a timer");
}

static void on_forecasts_due(void *context)
{
	struct gate *gate = context;

	forecasts_tick(gate->forecasts);
	arm_forecasts(gate);
}

static void on_weather(void *context, uint64_t token, const struct weather_result *result)
{
	struct gate *gate = context;

	forecasts_done(gate->forecasts, token, result);
	arm_forecasts(gate);
}

/* Lost while the keeper is away: it asks again, and is told the newest. */
static void tell_forecast(void *context, const struct wire_forecast *told)
{
	const struct gate *gate = context;

	if (gate->link && link_send_forecast(gate->link, told))
		log_line("gate: the keeper could not be told");
}

/* Nothing is set up that could take it anywhere. */
static void decline(struct link *link, const struct wire_parcel *parcel)
{
	const struct wire_parcel_taken taken = {.token = parcel->token,
						.err = ERR_UNSUPPORTED};

	if (link_send_parcel_taken(link, &taken))
		log_line("gate: the keeper could not be told");
}

static void on_message(void *context, struct link *link,
		       const struct wire_message *message)
{
	struct gate *gate = context;

	if (gate->abroad && abroad_message(gate->abroad, message))
		return;
	if (message->type == WIRE_challenge) {
		if (show_identity(gate, link, &message->challenge))
			log_line("gate: the keeper cannot be shown who this is");
	} else if (message->type == WIRE_order) {
		if (orders_take(gate->orders, &message->order))
			log_line("gate: an order is not signed by this house's keeper");
	} else if (message->type == WIRE_alert) {
		alerts_take(gate->alerts, &message->alert);
	} else if (message->type == WIRE_weather_place) {
		forecasts_place(gate->forecasts, &message->weather_place);
		arm_forecasts(gate);
	} else if (message->type == WIRE_parcel) {
		decline(link, &message->parcel);
	} else {
		take_answer(gate, message);
	}
}

static void on_closed(void *context, struct link *link, enum err err, const char *why)
{
	struct gate *gate = context;

	(void)link;
	(void)err;
	log_line("gate: the keeper is gone why=\"%s\"", why);
	gate->link = NULL;
	letters_lost(gate->letters);
	if (gate->abroad)
		abroad_keeper_lost(gate->abroad);
	try_later(gate);
}

static void connect_keeper(void *context)
{
	struct gate *gate = context;
	const struct link_listener listener = {gate, on_opened, on_message, on_closed};

	if (link_connect(gate->loop, gate->keeper_socket, WIRE_LINK_GATE_KEEPER,
			 WIRE_PARTY_GATE, "gate", &listener, &gate->link, NULL))
		try_later(gate);
}

static void log_failure(enum err err)
{
	static const struct {
		enum err err;
		const char *words;
	} rows[] = {
		{ERR_UNSUPPORTED,
		 "a message was not sent, because nothing is set up that could send it; "
		 "for mail see [mail] in behest.conf(5)"},
		{ERR_EXISTS,
		 "nobody knows whether an order was carried out, and it is not tried "
		 "again; a message may have been delivered"},
	};

	for (size_t i = 0; i < STR_COUNT(rows); i++) {
		if (rows[i].err != err)
			continue;
		log_line("gate: %s", rows[i].words);
		return;
	}
	log_line("gate: an order was not carried out: %s", err_words(err));
}

/* When the keeper is away it tells the order again, and is answered from the ledger. */
static void on_carried(void *context, struct proposal_id id, enum err err)
{
	struct gate *gate = context;
	struct wire_carried carried = {.err = (uint32_t)err};

	memcpy(carried.id.bytes, id.bytes, ID_BYTES);
	if (err && err != ERR_BUSY) /* told before its time, which is no news */
		log_failure(err);
	if (gate->link && link_send_carried(gate->link, &carried))
		log_line("gate: the keeper could not be told");
}

static void on_bus_done(void *context, uint64_t token, enum err err)
{
	const struct gate *gate = context;

	orders_bus_done(gate->orders, token, err);
}

static void on_bus_changed(void *context)
{
	(void)context;
}

static enum err fetch(void *context, uint64_t token, struct proposal_id id)
{
	const struct gate *gate = context;
	struct wire_memo_get get = {.token = token};

	memcpy(get.id.bytes, id.bytes, ID_BYTES);
	return gate->link ? link_send_memo_get(gate->link, &get) : ERR_CLOSED;
}

/* Its words may quote an address: only the number is for the log. */
static void on_mailed(void *context, uint64_t token, const struct delivery *result)
{
	const struct gate *gate = context;

	if (result->outcome != DELIVERY_ACCEPTED)
		log_line("gate: the mail server has not taken a message code=%u",
			 result->code);
	letters_mailed(gate->letters, token, result);
}

static enum err open_letters(struct gate *gate, const struct secret *password,
			     struct err_note *note)
{
	const struct letters_parts parts = {
		.clock = clock_system(),
		.ledger = gate->ledger,
		.mail = &gate->mail,
		.language = gate->settings.house_language,
		.from_name = gate->settings.mail_from_name,
		.fetch = fetch,
		.carried = on_carried,
		.context = gate,
	};
	const struct mail_listener listener = {gate, on_mailed};
	enum err err = letters_create(&parts, &gate->letters);

	if (!err && mail_user_is_set(&gate->settings))
		err = mail_user_open(gate->loop, &gate->settings, password, listener,
				     &gate->mail, note);
	return err;
}

/* Its words may quote the topic: only the number is for the log. */
static void on_pushed(void *context, uint64_t token, const struct delivery *result)
{
	(void)context;
	(void)token;
	if (result->outcome != DELIVERY_ACCEPTED)
		log_line("gate: the push server has not taken a notice code=%u",
			 result->code);
}

static enum err open_alerts(struct gate *gate, const struct secret *token,
			    struct err_note *note)
{
	const struct alerts_parts parts = {
		.clock = clock_system(),
		.push = &gate->push,
		.has_names = str_equal(gate->settings.push_names, "yes"),
	};
	const struct push_listener listener = {gate, on_pushed};
	enum err err = alerts_create(&parts, &gate->alerts);

	if (!err && push_user_is_set(&gate->settings))
		err = push_user_open(gate->loop, &gate->settings, token, listener,
				     &gate->push, note);
	return err;
}

static enum err open_forecasts(struct gate *gate, struct err_note *note)
{
	const struct forecasts_parts parts = {
		.clock = clock_system(),
		.weather = &gate->weather,
		.tell = tell_forecast,
		.context = gate,
	};
	const struct weather_listener listener = {gate, on_weather};
	struct err_note why = {""};
	enum err err = forecasts_create(&parts, &gate->forecasts);

	if (!err && gate->settings.weather_url[0])
		err = weather_open_meteo_open(gate->loop, gate->settings.weather_url,
					      listener, &gate->weather, &why);
	return err ? err_say(err, note, "behest.conf, [weather]: %s", why.text) : OK;
}

static enum err open_bus(struct gate *gate, const char *password, struct err_note *note)
{
	const struct settings *from = &gate->settings;
	const struct bus_mqtt_settings settings = {
		.host = from->broker_host[0] ? from->broker_host : "127.0.0.1",
		.port = (uint16_t)from->broker_port,
		.user = broker_user_name(BROKER_USER_GATE, from),
		.password = password,
		.discovery = from->broker_discovery,
		.tls = {.on = str_equal(from->broker_tls, "yes"),
			.authority = from->broker_authority,
			.certificate = broker_user_certificate(BROKER_USER_GATE, from),
			.key = broker_user_key(BROKER_USER_GATE, from)},
		.is_silent = true, /* the hub says it for the house */
		.command = mqtt_binding_command,
	};
	const struct bus_listener listener = {.context = gate,
					      .done = on_bus_done,
					      .changed = on_bus_changed};

	if (bus_mqtt_open(gate->loop, &settings, listener, rand_system(), &gate->bus))
		return err_say(ERR_RANGE, note, "broker: a setting is empty or too long");
	return OK;
}

/* What the broker, the mail server and the push server want to hear. */
struct passwords {
	char broker[BROKER_PASSWORD_BYTES];
	struct secret *mail; /* NULL: none */
	struct secret *push; /* the same */
};

static enum err read_passwords(struct gate *gate, struct passwords *passwords,
			       struct err_note *note)
{
	enum err err =
		broker_user_settings(gate->data, BROKER_USER_GATE, &gate->settings, note);

	if (!err)
		err = broker_user_password(gate->data, BROKER_USER_GATE, &gate->settings,
					   passwords->broker, note);
	if (!err)
		err = broker_user_check_tls(BROKER_USER_GATE, &gate->settings, note);
	if (!err)
		err = mail_user_password(gate->data, &gate->settings, &passwords->mail,
					 note);
	return err ? err
		   : push_user_token(gate->data, &gate->settings, &passwords->push, note);
}

/* By what it knows the keeper, and the keeper it. */
static enum err read_keys(struct gate *gate, struct err_note *note)
{
	const struct rand rand = rand_system();
	char keeper[FILE_PATH_BYTES];
	char key[FILE_PATH_BYTES];
	enum err err;

	if (!file_join(keeper, sizeof(keeper), gate->data, "keeper") ||
	    identity_gate_path(key, gate->data) != OK ||
	    !file_join(gate->keeper_socket, sizeof(gate->keeper_socket), gate->run,
		       "keeper/gate.sock"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", gate->data);
	/* The keeper writes the mark last: then the key is there, too. */
	err = keeper_mark_read(keeper, &gate->keeper, note);
	return err ? err : identity_open(key, &rand, &gate->identity, note);
}

static enum err open_ledger(struct gate *gate, char folder[FILE_PATH_BYTES],
			    struct err_note *note)
{
	char path[FILE_PATH_BYTES];
	enum err err = OK;

	if (!file_join(folder, FILE_PATH_BYTES, gate->data, "gate") ||
	    !file_join(path, sizeof(path), folder, "ledger"))
		return err_say(ERR_LIMIT, note, "%s: the path is too long", gate->data);
	err = file_make_folder(folder, note);
	return err ? err : ledger_open(path, &gate->ledger, note);
}

static enum err open_abroad(struct gate *gate, const char *folder, struct err_note *note)
{
	const struct abroad_parts parts = {
		.loop = gate->loop,
		.clock = clock_system(),
		.settings = &gate->settings,
		.identity = &gate->identity,
		.folder = folder,
		.keeper = &gate->link,
		.carried = on_carried,
		.context = gate,
	};

	return gate->abroad ? abroad_open(gate->abroad, &parts, note) : OK;
}

static enum err open_orders(struct gate *gate)
{
	const struct orders_parts parts = {
		.keeper = gate->keeper,
		.clock = clock_system(),
		.ledger = gate->ledger,
		.bus = &gate->bus,
		.letters = gate->letters,
		.abroad = gate->abroad,
		.carried = on_carried,
		.context = gate,
	};

	return orders_create(&parts, &gate->orders);
}

static enum err open_all(struct gate *gate, const struct passwords *passwords,
			 const char *folder, struct err_note *note)
{
	enum err err = loop_create(&gate->loop);

	if (!err)
		err = loop_stop_on_signals(gate->loop);
	if (!err)
		err = open_letters(gate, passwords->mail, note);
	if (!err)
		err = open_alerts(gate, passwords->push, note);
	if (!err)
		err = open_forecasts(gate, note);
	if (!err)
		err = open_abroad(gate, folder, note);
	if (!err)
		err = open_orders(gate);
	if (!err)
		err = open_bus(gate, passwords->broker, note);
	return err;
}

static void close_all(struct gate *gate)
{
	link_close(gate->link);
	gate->link = NULL;
	bus_close(&gate->bus);
	mail_close(&gate->mail);
	push_close(&gate->push);
	weather_close(&gate->weather);
	forecasts_destroy(gate->forecasts);
	alerts_destroy(gate->alerts);
	orders_destroy(gate->orders);
	abroad_destroy(gate->abroad);
	letters_destroy(gate->letters);
	ledger_close(gate->ledger);
	identity_close(&gate->identity);
	loop_destroy(gate->loop);
}

static void forget(struct passwords *passwords)
{
	secret_destroy(passwords->mail);
	secret_destroy(passwords->push);
	seal_wipe(passwords, sizeof(*passwords));
}

/* What is in the folder is read first; then nothing but its own can be. */
static enum err begin(struct gate *gate, struct passwords *passwords,
		      struct err_note *note)
{
	char folder[FILE_PATH_BYTES];
	enum err err = seal_init();

	if (!err)
		err = read_passwords(gate, passwords, note);
	if (!err)
		err = read_keys(gate, note);
	if (!err)
		err = open_ledger(gate, folder, note);
	if (!err && abroad_is_set(&gate->settings))
		err = abroad_create(&gate->settings, &gate->abroad, note);
	if (!err)
		err = gate_confine(&gate->settings, folder, note);
	return err ? err : open_all(gate, passwords, folder, note);
}

int main(int count, char **words)
{
	static struct program program = {.name = "behest-gate", .usage = USAGE};
	static struct gate gate = {.retry_ms = RETRY_MS};
	struct passwords passwords = {.mail = NULL};
	struct err_note note = {""};
	int status = PROGRAM_FAILED;
	enum err err;

	log_name(program.name);
	(void)umask(0077);
	if (!program_read(&program, count, words, &status))
		return status;
	gate.data = program.data;
	gate.run = program.run;
	err = begin(&gate, &passwords, &note);
	forget(&passwords);
	if (!err) {
		log_line("gate: ready%s%s", gate.mail.ops ? ", also for mail" : "",
			 gate.abroad ? ", also for other houses" : "");
		connect_keeper(&gate);
		err = loop_run(gate.loop);
	}
	if (err)
		log_line("gate: %s", note.text[0] ? note.text : err_words(err));
	close_all(&gate);
	return err ? PROGRAM_FAILED : PROGRAM_DONE;
}
