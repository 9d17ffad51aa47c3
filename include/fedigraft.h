// fedigraft: federation (ActivityPub) for the server you already have.
//
// The library signs, verifies and translates, and knows what every message means and what must be
// answered. It does no input or output, starts no thread, reads no clock: you pass bytes, documents and
// the time in, and get requests, documents and events out.
//
// CONVENTIONS
//
// Status. Functions that can fail return a fedigraft_status, 0 is FEDIGRAFT_OK. Their last parameter,
// fedigraft_error **error, may be NULL; a failure stores an error there: status, sentence, JSON detail,
// and whether to try again. Free it with fedigraft_error_free(). Success leaves it alone. Errors
// hold no user data and may be logged. Any function may return FEDIGRAFT_INVALID_ARGUMENT (NULL, not
// UTF-8), FEDIGRAFT_TOO_LARGE (an input over FEDIGRAFT_MAX_INPUT bytes) and FEDIGRAFT_INTERNAL (a bug
// here: a panic is caught and never reaches you); their comments name only the others.
//
// Bytes in. A pointer and a length, read during the call only, never NUL-terminated, NULL only with
// length 0. Text and JSON are UTF-8. For literals there is FEDIGRAFT_STR("...").
//
// Bytes out. A fedigraft_buf, zeroed by you, filled only on FEDIGRAFT_OK, freed (and wiped) by
// fedigraft_buf_free(). A buffer that still holds bytes is refused, so a loop cannot leak. Other out
// parameters too are written only on FEDIGRAFT_OK.
//
// Structure is JSON. What gets hashed (bodies, signatures) travels raw beside it. The head of a request
// as received is {"method","target","headers":[[name,value],...],"client"}: target is the raw path and
// query, each byte of a header value is one code point below 256 (latin-1), client is the peer's
// address or null. The head of an answer is {"url","status","headers","address"}. Times are seconds
// since 1970-01-01 UTC.
//
// Handles. fedigraft_key, fedigraft_public_key and fedigraft_instance never change: any thread
// may use one at any time, also after fork(). A fedigraft_exchange serves one thread at a time; a
// second one gets FEDIGRAFT_BUSY. Each handle has its own free function; all of them accept NULL. Using
// a handle after freeing it is undefined, as everywhere in C.
//
// Secrets. Private keys never appear in JSON, errors or logs, and are wiped when freed.
//
// Versions. Check once that fedigraft_abi_version() is FEDIGRAFT_ABI_VERSION. Numbers and members of
// JSON objects are only added, never reused: ignore members you do not know.
//
// EXAMPLE: sign one delivery (build with cc sign.c $(pkg-config --cflags --libs fedigraft))
//
// fedigraft_key *key = NULL;
// fedigraft_buf headers = {0};
// fedigraft_error *error = NULL;
// if (fedigraft_key_from_pem(pem, pem_len, &key, &error) == FEDIGRAFT_OK
//     && fedigraft_request_sign(key, FEDIGRAFT_STR("https://me.example/u/1#main-key"), time(NULL),
//            FEDIGRAFT_STR("{\"method\":\"POST\",\"url\":\"https://you.example/inbox\"}"),
//            body, body_len, &headers, &error) == FEDIGRAFT_OK)
//     send_it(headers.data, headers.len); // [["Host","you.example"],["Date",...],["Signature",...],...]
// if (error) fprintf(stderr, "%s\n", fedigraft_error_message(error));
// fedigraft_error_free(error); fedigraft_buf_free(&headers); fedigraft_key_free(key);

#ifndef FEDIGRAFT_H
#define FEDIGRAFT_H

/* Generated from src/ffi by build.rs; do not edit. `make header` writes it. */

#include <stddef.h>
#include <stdint.h>

/* The version this header belongs to; fedigraft_version() tells that of the loaded library. */
#define FEDIGRAFT_VERSION "0.1.0"
#define FEDIGRAFT_VERSION_MAJOR 0
#define FEDIGRAFT_VERSION_MINOR 1
#define FEDIGRAFT_VERSION_PATCH 0

/* The version of the C interface; must equal fedigraft_abi_version(). */
#define FEDIGRAFT_ABI_VERSION 0

/* A string literal as the two arguments pointer and length. */
#define FEDIGRAFT_STR(literal) ((const uint8_t *)("" literal)), (sizeof("" literal) - 1)

/* On functions whose status must not be ignored. Define it yourself to change that. */
#ifndef FEDIGRAFT_MUST_USE
#if defined(__GNUC__) || defined(__clang__)
#define FEDIGRAFT_MUST_USE __attribute__((warn_unused_result))
#else
#define FEDIGRAFT_MUST_USE
#endif
#endif

// The most bytes any input may have.
#define FEDIGRAFT_MAX_INPUT 16777216

// What a call came to. 0 is success. Numbers are never reused, new ones are only appended.
// A refused signature is not a failure: the call is FEDIGRAFT_OK and its verdict says no.
enum fedigraft_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  // Done; every `out` is written.
  FEDIGRAFT_OK = 0,
  // An argument is missing, has the wrong type or contradicts another: a fault in the calling code.
  FEDIGRAFT_INVALID_ARGUMENT = 1,
  // Foreign bytes are not what they claim to be: not UTF-8, not JSON, not PEM, a wrong shape.
  FEDIGRAFT_MALFORMED = 2,
  // Well formed, but of a kind this library does not handle.
  FEDIGRAFT_UNSUPPORTED = 3,
  // Over a documented bound (size, depth, number).
  FEDIGRAFT_TOO_LARGE = 4,
  // A rule forbids it: a private post, a blocked host, a private address.
  FEDIGRAFT_REFUSED = 5,
  // An answer to a step the exchange is not at.
  FEDIGRAFT_OUT_OF_STEP = 6,
  // Another thread is inside this exchange. Retryable.
  FEDIGRAFT_BUSY = 7,
  // The exchange ended early and can only be freed.
  FEDIGRAFT_FAILED = 8,
  // A stored document of a newer major version: keep it and try again after the upgrade.
  FEDIGRAFT_TOO_NEW = 9,
  // The cryptographic backend refused the key or the operation.
  FEDIGRAFT_CRYPTO = 10,
  // A bug in this library; the call had no effect. Please report it.
  FEDIGRAFT_INTERNAL = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fedigraft_status fedigraft_status;
#else
typedef int32_t fedigraft_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Why a call failed. Made by a failing call; free with fedigraft_error_free().
// Immutable: any thread may read it.
typedef struct fedigraft_error fedigraft_error;

// A private RSA key. Immutable: any thread may use it. Free with fedigraft_key_free(), which wipes it.
typedef struct fedigraft_key fedigraft_key;

// A public RSA key, parsed and ready to verify. Immutable: any thread may use it.
// Free with fedigraft_public_key_free().
typedef struct fedigraft_public_key fedigraft_public_key;

// Bytes owned by this library. Zero it before passing it (`fedigraft_buf out = {0};`), free it with
// fedigraft_buf_free(). Not NUL-terminated. `data` is NULL when `len` is 0.
typedef struct {
  // The first byte.
  uint8_t *data;
  // How many bytes.
  size_t len;
} fedigraft_buf;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- The library ------------------------------------------------------------------------------------- */

// The version of the library that is loaded, such as "0.1.0". Compare with FEDIGRAFT_VERSION.
// Never freed.
const char *fedigraft_version(void);

// The version of the C interface that is loaded. Refuse to go on when it is not FEDIGRAFT_ABI_VERSION:
// the functions may then have other parameters. It grows only when something breaks.
uint32_t fedigraft_abi_version(void);

// What this build can do, as JSON: {"version","abi_version","crypto","signature_schemes":[...],
// "keys":[...],"content_formats":[...]}. Ask this instead of comparing versions.
// On OK: `out` holds the JSON; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE fedigraft_status fedigraft_features(fedigraft_buf *out, fedigraft_error **error);

/* ---- Status ------------------------------------------------------------------------------------------ */

// The name of a status, such as "malformed"; "unknown" for a number this version does not know.
// Lives as long as the library is loaded; never freed.
const char *fedigraft_status_name(int32_t status);

/* ---- Errors ------------------------------------------------------------------------------------------ */

// The status of the call that made this error; FEDIGRAFT_OK for NULL.
fedigraft_status fedigraft_error_code(const fedigraft_error *error);

// One sentence: what happened, where and what was expected. NUL-terminated UTF-8; "" for NULL.
// Lives as long as the error.
const char *fedigraft_error_message(const fedigraft_error *error);

// The whole error as JSON: {"status","code","reason","message","at","retryable"}. `reason` is a stable word
// for the cause, `at` a JSON pointer, header name or argument name, or null. NUL-terminated UTF-8; "{}" for
// NULL. Lives as long as the error.
const char *fedigraft_error_detail(const fedigraft_error *error);

// 1 when the same call may succeed later, else 0; 0 for NULL.
int32_t fedigraft_error_is_retryable(const fedigraft_error *error);

// Frees an error. NULL is ignored.
void fedigraft_error_free(fedigraft_error *error);

/* ---- Buffers ----------------------------------------------------------------------------------------- */

// Wipes and frees the bytes and resets the buffer to zero, so that freeing it twice is harmless.
// NULL and an empty buffer are ignored.
void fedigraft_buf_free(fedigraft_buf *buf);

/* ---- Keys -------------------------------------------------------------------------------------------- */

// Makes a new RSA-2048 key with randomness from the operating system. Takes tens of milliseconds or more.
// On OK: `*out` is yours, free it with fedigraft_key_free().
// Statuses: CRYPTO.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_key_generate(fedigraft_key **out,
                                        fedigraft_error **error);

// Reads a private key of 2048 to 8192 bits from PEM, PKCS#8 or PKCS#1. Line breaks may have become spaces
// or a literal \n.
// On OK: `*out` is yours, free it with fedigraft_key_free().
// Statuses: MALFORMED; UNSUPPORTED (encrypted, not RSA, wrong size); CRYPTO.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_key_from_pem(const uint8_t *pem,
                                        size_t pem_len,
                                        fedigraft_key **out,
                                        fedigraft_error **error);

// Writes the private key as PKCS#8 PEM. Keep it out of logs.
// On OK: `out` holds the text; fedigraft_buf_free() wipes it.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_key_to_pem(const fedigraft_key *key,
                                      fedigraft_buf *out,
                                      fedigraft_error **error);

// Writes the public half as SPKI PEM, as it stands in an actor's `publicKeyPem`.
// On OK: `out` holds the text; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_key_public_pem(const fedigraft_key *key,
                                          fedigraft_buf *out,
                                          fedigraft_error **error);

// Signs any bytes with RSASSA-PKCS1-v1_5 and SHA-256; answers the `sign` step of an exchange.
// On OK: `out` holds the raw signature (256 bytes for RSA-2048); free it with fedigraft_buf_free().
// Statuses: CRYPTO.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_key_sign(const fedigraft_key *key,
                                    const uint8_t *message,
                                    size_t message_len,
                                    fedigraft_buf *out,
                                    fedigraft_error **error);

// Wipes and frees a key. NULL is ignored.
void fedigraft_key_free(fedigraft_key *key);

// Reads a public key of 2048 to 8192 bits from PEM, SPKI or PKCS#1. Line breaks may have become spaces or a
// literal \n: actors with such keys exist.
// On OK: `*out` is yours, free it with fedigraft_public_key_free().
// Statuses: MALFORMED; UNSUPPORTED (not RSA, wrong size); CRYPTO.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_public_key_from_pem(const uint8_t *pem,
                                               size_t pem_len,
                                               fedigraft_public_key **out,
                                               fedigraft_error **error);

// Writes a public key as SPKI PEM.
// On OK: `out` holds the text; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_public_key_to_pem(const fedigraft_public_key *key,
                                             fedigraft_buf *out,
                                             fedigraft_error **error);

// Frees a public key. NULL is ignored.
void fedigraft_public_key_free(fedigraft_public_key *key);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FEDIGRAFT_H */
