/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls - OpenSSL's TLS 1.3 with pinned keys. The only user of libssl.
 *
 * Opens no socket. Invariants: no byte is passed on before the other side has proved to
 * hold a key that `knows` accepted; certificates carry a key and nothing that is believed,
 * least of all a date; a write to a closed socket raises no signal.
 */
#include "adapter/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/must.h"

enum {
	CERTIFICATE_LIST_BYTES = 4096, /* one small certificate; nobody needs a chain */
	CERTIFICATE_VERSION_3 = 2,
	SERIAL = 1,
};

struct tls_context {
	SSL_CTX *ssl;
	BIO_METHOD *socket;
	tls_knows_fn *knows;
	void *knows_context;
	bool is_server;
};

struct tls {
	struct tls_context *context;
	SSL *ssl;
	uint8_t key[TLS_KEY_BYTES];
	bool knows_peer;
	bool is_over; /* failed: not even goodbye may be said */
	const char *why;
};

/* --- the socket, without signals --- */

static int socket_read(BIO *bio, char *to, int size)
{
	const int *fd = BIO_get_data(bio);
	ssize_t got = recv(*fd, to, (size_t)size, 0);

	BIO_clear_retry_flags(bio);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		BIO_set_retry_read(bio);
	return (int)got;
}

static int socket_write(BIO *bio, const char *bytes, int size)
{
	const int *fd = BIO_get_data(bio);
	ssize_t written = send(*fd, bytes, (size_t)size, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	/* Not yet connected is ENOTCONN or EAGAIN. */
	if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)written;
}

static long socket_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static int socket_free(BIO *bio)
{
	free(BIO_get_data(bio));
	BIO_set_data(bio, NULL);
	return 1;
}

static enum err make_method(BIO_METHOD **out_method)
{
	BIO_METHOD *method =
		BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");

	if (!method)
		return ERR_MEMORY;
	if (BIO_meth_set_read(method, socket_read) != 1 ||
	    BIO_meth_set_write(method, socket_write) != 1 ||
	    BIO_meth_set_ctrl(method, socket_control) != 1 ||
	    BIO_meth_set_destroy(method, socket_free) != 1) {
		BIO_meth_free(method);
		return ERR_MEMORY;
	}
	*out_method = method;
	return OK;
}

static BIO *make_socket(const struct tls_context *context, int fd)
{
	BIO *bio = BIO_new(context->socket);
	int *number = malloc(sizeof(*number));

	if (!bio || !number) {
		BIO_free(bio);
		free(number);
		return NULL;
	}
	*number = fd;
	BIO_set_data(bio, number);
	BIO_set_init(bio, 1);
	return bio;
}

/* --- certificates --- */

/* All that is in it besides the key must be there, and means nothing. */
static enum err fill_certificate(X509 *certificate, EVP_PKEY *key)
{
	static const unsigned char name[] = "behest";
	X509_NAME *subject = X509_get_subject_name(certificate);

	if (X509_set_version(certificate, CERTIFICATE_VERSION_3) != 1 ||
	    ASN1_INTEGER_set(X509_get_serialNumber(certificate), SERIAL) != 1 ||
	    ASN1_TIME_set_string(X509_getm_notBefore(certificate), "19700101000000Z") !=
		    1 ||
	    ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") !=
		    1 ||
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) !=
		    1 ||
	    X509_set_issuer_name(certificate, subject) != 1 ||
	    X509_set_pubkey(certificate, key) != 1 ||
	    X509_sign(certificate, key, NULL) <= 0)
		return ERR_UNSUPPORTED;
	return OK;
}

static enum err use_key(SSL_CTX *ssl, const uint8_t seed[TLS_KEY_BYTES])
{
	EVP_PKEY *key =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, TLS_KEY_BYTES);
	X509 *certificate = X509_new();
	enum err err = key && certificate ? OK : ERR_MEMORY;

	if (err == OK)
		err = fill_certificate(certificate, key);
	if (err == OK && (SSL_CTX_use_certificate(ssl, certificate) != 1 ||
			  SSL_CTX_use_PrivateKey(ssl, key) != 1))
		err = ERR_UNSUPPORTED;
	X509_free(certificate);
	EVP_PKEY_free(key);
	return err;
}

static bool key_of(X509 *certificate, uint8_t out_key[TLS_KEY_BYTES])
{
	EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
	size_t size = TLS_KEY_BYTES;

	return key && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
	       EVP_PKEY_get_raw_public_key(key, out_key, &size) == 1 &&
	       size == TLS_KEY_BYTES;
}

/* Instead of a chain of authorities: is it a key we know? Whether the other side holds its
 * secret half is shown next, by TLS itself. */
static int on_certificate(X509_STORE_CTX *store, void *given)
{
	SSL *ssl =
		X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *tls = SSL_get_app_data(ssl);
	const struct tls_context *context = given;

	tls->knows_peer = key_of(X509_STORE_CTX_get0_cert(store), tls->key) &&
			  context->knows(context->knows_context, tls->key);
	X509_STORE_CTX_set_error(store,
				 tls->knows_peer ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
	return tls->knows_peer ? 1 : 0;
}

/* --- contexts --- */

static bool limit(SSL_CTX *ssl)
{
	SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ssl, CERTIFICATE_LIST_BYTES);
	return SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_num_tickets(ssl, 0) == 1 &&
	       SSL_CTX_set1_sigalgs_list(ssl, "ed25519") == 1 &&
	       SSL_CTX_set1_groups_list(ssl, "X25519") == 1;
}

enum err tls_context_create(bool is_server, const uint8_t seed[TLS_KEY_BYTES],
			    tls_knows_fn *knows, void *knows_context,
			    struct tls_context **out_context)
{
	struct tls_context *context = calloc(1, sizeof(*context));
	enum err err = ERR_MEMORY;

	must(knows);
	if (!context)
		return err;
	context->is_server = is_server;
	context->knows = knows;
	context->knows_context = knows_context;
	context->ssl = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
	if (context->ssl)
		err = limit(context->ssl) ? OK : ERR_UNSUPPORTED;
	if (err == OK)
		err = make_method(&context->socket);
	if (err == OK)
		err = use_key(context->ssl, seed);
	if (err == OK) {
		SSL_CTX_set_verify(context->ssl,
				   SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
				   NULL);
		SSL_CTX_set_cert_verify_callback(context->ssl, on_certificate, context);
		*out_context = context;
	} else {
		tls_context_destroy(context);
	}
	ERR_clear_error();
	return err;
}

void tls_context_destroy(struct tls_context *context)
{
	if (!context)
		return;
	SSL_CTX_free(context->ssl);
	BIO_meth_free(context->socket);
	free(context);
}

/* --- one connection --- */

enum err tls_open(struct tls_context *context, int fd, struct tls **out_tls)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	BIO *bio = make_socket(context, fd);
	enum err err = ERR_MEMORY;

	if (!tls || !bio)
		goto out;
	tls->context = context;
	tls->ssl = SSL_new(context->ssl);
	if (!tls->ssl)
		goto out;
	SSL_set_app_data(tls->ssl, tls);
	SSL_set_bio(tls->ssl, bio, bio); /* takes it */
	bio = NULL;
	if (context->is_server)
		SSL_set_accept_state(tls->ssl);
	else
		SSL_set_connect_state(tls->ssl);
	*out_tls = tls;
	tls = NULL;
	err = OK;
out:
	BIO_free(bio);
	tls_close(tls);
	return err;
}

void tls_close(struct tls *tls)
{
	if (!tls)
		return;
	ERR_clear_error();
	if (tls->ssl && !tls->is_over && SSL_is_init_finished(tls->ssl))
		(void)SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	ERR_clear_error();
	explicit_bzero(tls, sizeof(*tls));
	free(tls);
}

static const char WHO_WE_ARE[] = "the other side does not know our key";

/* Alerts with which a side says that it does not want this key. */
static bool is_refusal(unsigned long error)
{
	const int reason = ERR_GET_REASON(error);

	return reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA ||
	       reason == SSL_R_TLSV1_ALERT_ACCESS_DENIED ||
	       reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE ||
	       reason == SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN ||
	       reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED;
}

static enum err shake_failed(struct tls *tls, int error, struct err_note *note)
{
	unsigned long queued = ERR_peek_error();

	tls->is_over = true;
	if (!tls->knows_peer && ERR_GET_REASON(queued) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return err_say(ERR_AUTH, note, "its key is not one we know");
	if (is_refusal(queued))
		return err_say(ERR_AUTH, note, "%s", WHO_WE_ARE);
	if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN || queued == 0)
		return err_say(ERR_CLOSED, note,
			       "the other side hung up while shaking hands");
	return err_say(ERR_FORMAT, note, "it does not speak TLS 1.3 as we do");
}

enum err tls_shake(struct tls *tls, bool *out_wants_write, struct err_note *note)
{
	enum err err = OK;

	*out_wants_write = false;
	ERR_clear_error();
	int done = SSL_do_handshake(tls->ssl);
	int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(tls->ssl, done);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		*out_wants_write = error == SSL_ERROR_WANT_WRITE;
		return ERR_BUSY;
	}
	if (error != SSL_ERROR_NONE)
		err = shake_failed(tls, error, note);
	else
		must(tls->knows_peer && SSL_version(tls->ssl) == TLS1_3_VERSION);
	ERR_clear_error();
	return err;
}

const uint8_t *tls_peer_key(const struct tls *tls)
{
	return tls->knows_peer ? tls->key : NULL;
}

/* What SSL_read or SSL_write said, as recv(2) and send(2) would. */
static ssize_t answer(struct tls *tls, int done, size_t moved)
{
	int number = errno;
	int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(tls->ssl, done);
	unsigned long queued = ERR_peek_error();

	ERR_clear_error();
	if (error == SSL_ERROR_NONE)
		return (ssize_t)moved;
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	tls->is_over = true;
	tls->why = is_refusal(queued) ? WHO_WE_ARE : NULL;
	errno = error == SSL_ERROR_SYSCALL && number != 0 ? number : EPROTO;
	return -1;
}

ssize_t tls_read(struct tls *tls, void *to, size_t size)
{
	size_t got = 0;

	errno = 0;
	ERR_clear_error();
	int done = SSL_read_ex(tls->ssl, to, size, &got);
	return answer(tls, done, got);
}

ssize_t tls_write(struct tls *tls, const void *bytes, size_t size)
{
	size_t written = 0;

	errno = 0;
	ERR_clear_error();
	int done = SSL_write_ex(tls->ssl, bytes, size, &written);
	return answer(tls, done, written);
}

bool tls_has_more(const struct tls *tls)
{
	return SSL_has_pending(tls->ssl) == 1;
}

const char *tls_why(const struct tls *tls)
{
	return tls->why;
}
