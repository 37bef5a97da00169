/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests adapter/mqtt_status, beside whom the house says that it is there, and
 * adapter/mqtt_trouble, what TLS says of a broker.
 */
#include "cmocka_all.h"

#include <string.h>

#include "adapter/mqtt_status.h"
#include "adapter/mqtt_trouble.h"

static bool hear(struct mqtt_status *status, const char *word, bool retained, int64_t now)
{
	return mqtt_status_hear(status, word, strlen(word), retained, now);
}

static void test_our_own_word_comes_back(void **state)
{
	struct mqtt_status status = {0};

	(void)state;
	mqtt_status_begin(&status);
	mqtt_status_sent(&status);
	assert_false(hear(&status, "online", false, 0));
	assert_false(status.has_neighbour);
	assert_false(hear(&status, "online", false, 0));
	assert_true(status.has_neighbour);
	mqtt_status_begin(&status);
	assert_true(status.has_neighbour);
}

static void test_what_is_retained_is_not_ours(void **state)
{
	struct mqtt_status status = {0};

	(void)state;
	mqtt_status_sent(&status);
	assert_false(hear(&status, "online", true, 0));
	assert_true(status.has_neighbour);
	status = (struct mqtt_status){0};
	assert_true(hear(&status, "offline", true, 0));
	assert_true(status.has_neighbour);
}

/* Two of us beside each other, one of whom ends: no word is answered for ever. */
static void test_offline_is_answered_but_rarely(void **state)
{
	struct mqtt_status status = {0};

	(void)state;
	assert_true(hear(&status, "offline", false, 1000));
	assert_false(status.has_neighbour); /* it may be our own will */
	assert_false(hear(&status, "offline", false, 1000 + MQTT_STATUS_AGAIN_MS - 1));
	assert_true(hear(&status, "offline", false, 1000 + MQTT_STATUS_AGAIN_MS));
	assert_false(hear(&status, "offlin", false, 1000000));
	assert_false(hear(&status, "", false, 2000000));
}

static void test_troubles(void **state)
{
	(void)state;
	assert_null(mqtt_trouble_words("Client x sending CONNECT"));
	assert_non_null(strstr(mqtt_trouble_words("OpenSSL Error[0]: error:0A000086:SSL "
						  "routines::certificate verify failed"),
			       "[broker] authority"));
	assert_non_null(strstr(mqtt_trouble_words("OpenSSL Error[0]: tlsv13 alert "
						  "certificate required"),
			       "a certificate of ours"));
	assert_non_null(mqtt_trouble_words("OpenSSL Error[0]: something new"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_own_word_comes_back),
		cmocka_unit_test(test_what_is_retained_is_not_ours),
		cmocka_unit_test(test_offline_is_answered_but_rarely),
		cmocka_unit_test(test_troubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
