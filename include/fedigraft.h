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
// and whether to try again. Set the pointer to NULL first and free an error with fedigraft_error_free()
// before the next call: what stands there is overwritten. Success leaves it alone. Errors hold no user data and may be logged. Any function may return FEDIGRAFT_INVALID_ARGUMENT (NULL, not
// UTF-8), FEDIGRAFT_TOO_LARGE (an input over FEDIGRAFT_MAX_INPUT bytes) and FEDIGRAFT_INTERNAL (a bug
// here: a panic is caught and never reaches you); their comments name only the others.
//
// Bytes in. A pointer and a length, read during the call only, never NUL-terminated, NULL only with
// length 0. Text and JSON are UTF-8. For literals there is FEDIGRAFT_STR("...").
//
// Bytes out. A fedigraft_buf, set to FEDIGRAFT_BUF_INIT by you, filled only on FEDIGRAFT_OK, freed
// (and wiped) by fedigraft_buf_free(). A buffer that still holds bytes is refused, so a loop cannot
// leak. Other out parameters too are written only on FEDIGRAFT_OK.
//
// Structure is JSON. What gets hashed (bodies, signatures) travels raw beside it. The head of a request
// as received is {"method","target","headers":[[name,value],...],"client"}: target is the raw path and
// query, each byte of a header value is one code point below 256 (latin-1), client is the peer's
// address or null. The head of an answer is {"url","status","headers","address"}. Times are seconds
// since 1970-01-01 UTC.
//
// Handles. fedigraft_key, fedigraft_public_key and fedigraft_instance never change: any thread
// may use one at any time. A fedigraft_exchange serves one thread at a time; a second one gets
// FEDIGRAFT_BUSY. All of them serve a child after fork(), as POSIX has it: when no other thread was inside
// the library at that moment. Each handle has its own free function; all of them accept NULL. Using a
// handle after freeing it is undefined, as everywhere in C.
//
// Secrets. Private keys never appear in JSON, errors or logs, and are wiped when freed.
//
// Versions. Check once that fedigraft_abi_version() is FEDIGRAFT_ABI_VERSION. Numbers and members of
// JSON objects are only added, never reused: ignore members you do not know.
//
// EXAMPLE: sign one delivery (build with cc sign.c $(pkg-config --cflags --libs fedigraft))
//
// fedigraft_key *key = NULL;
// fedigraft_buf headers = FEDIGRAFT_BUF_INIT;
// fedigraft_error *error = NULL;
// if (fedigraft_key_from_pem(pem, pem_len, &key, &error) == FEDIGRAFT_OK
//     && fedigraft_request_sign(key, FEDIGRAFT_STR("https://me.example/u/1#main-key"), time(NULL),
//            FEDIGRAFT_STR("{\"method\":\"POST\",\"target\":\"/inbox\",\"headers\":[[\"Host\",\"you.example\"],"
//                "[\"Content-Type\",\"application/activity+json\"]]}"),
//            body, body_len, &headers, &error) == FEDIGRAFT_OK)
//     send_it(headers.data, headers.len); // [["Date",...],["Digest",...],["Signature",...]]: headers to add
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

/* An empty buffer: fedigraft_buf out = FEDIGRAFT_BUF_INIT; */
#define FEDIGRAFT_BUF_INIT {NULL, 0}

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

// One short unit of work that may need your help. Serves one thread at a time; a second one gets
// FEDIGRAFT_BUSY. Until its step "done" it has had no effect, so it may be dropped at any time.
// Free with fedigraft_exchange_free().
typedef struct fedigraft_exchange fedigraft_exchange;

// Who the host is on the network: origins, URL templates, policy. Immutable: any thread may use it.
// Free with fedigraft_instance_free(); exchanges begun with it may live longer.
typedef struct fedigraft_instance fedigraft_instance;

// A private RSA key. Immutable: any thread may use it. Free with fedigraft_key_free(), which wipes it.
typedef struct fedigraft_key fedigraft_key;

// A public RSA key, parsed and ready to verify. Immutable: any thread may use it.
// Free with fedigraft_public_key_free().
typedef struct fedigraft_public_key fedigraft_public_key;

// Bytes owned by this library. Set it to FEDIGRAFT_BUF_INIT before passing it, free it with
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
// for the cause, `at` the place: an argument's name, with a JSON pointer into it ("post/content/format"), a
// JSON pointer alone, a header's name, or null. NUL-terminated UTF-8; "{}" for NULL. Lives as long as the
// error.
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

/* ---- The instance ------------------------------------------------------------------------------------ */

// Opens an instance from its configuration, a JSON object; only "origin" is required:
// {"origin":"https://chirp.example","aliases":[...],"account_domain":"example.com","paths":{...},
// "software":{"name","version"},"name","description","policy":"strict"|"development"|{"base",...},
// "loads":[...],"open_registrations":false}. An unknown member is an error, so that a typing mistake is
// found. Exchanges need "loads", the names the host answers.
// On OK: `*out` is yours, free it with fedigraft_instance_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_instance_new(const uint8_t *config,
                                        size_t config_len,
                                        fedigraft_instance **out,
                                        fedigraft_error **error);

// Says what the instance came to, as JSON: {"origin","hosts","account_domain","instance_actor",
// "shared_inbox","policy","warnings":[...]}. Log the warnings when the server starts.
// On OK: `out` holds the JSON; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_instance_describe(const fedigraft_instance *instance,
                                             fedigraft_buf *out,
                                             fedigraft_error **error);

// Builds one of the instance's own URIs. `kind` is "actor", "inbox", "outbox", "followers", "following" or
// "key" with a profile id; "post" with a post id; "activity" with an activity id; "tag_page" with a hashtag;
// "nodeinfo" with a version; "handle" with a username (@user@domain); "shared_inbox", "instance_actor" or
// "instance_key" with an empty id.
// On OK: `out` holds the URI as text; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_instance_uri(const fedigraft_instance *instance,
                                        const uint8_t *kind,
                                        size_t kind_len,
                                        const uint8_t *id,
                                        size_t id_len,
                                        fedigraft_buf *out,
                                        fedigraft_error **error);

// Frees an instance. NULL is ignored.
void fedigraft_instance_free(fedigraft_instance *instance);

/* ---- Requests ---------------------------------------------------------------------------------------- */

// Signs a request that is about to be sent, in the one form every server accepts. `head` is
// {"method","target","headers"} with Host and, for a body, Content-Type; `body` is the exact bytes to send,
// NULL and 0 for none. Sign each attempt afresh: some servers accept a signature for 60 seconds.
// On OK: `out` holds the headers to add, as JSON [[name,value],...]: Date, Digest when there is a body,
// Signature. Free it with fedigraft_buf_free().
// Statuses: CRYPTO.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_request_sign(const fedigraft_key *key,
                                        const uint8_t *key_id,
                                        size_t key_id_len,
                                        int64_t now,
                                        const uint8_t *head,
                                        size_t head_len,
                                        const uint8_t *body,
                                        size_t body_len,
                                        fedigraft_buf *out,
                                        fedigraft_error **error);

// Says which key a received request claims to be signed with; nothing is verified yet. Fetch that key, then
// call fedigraft_request_verify().
// On OK: `out` holds JSON {"scheme","key_id"}; free it with fedigraft_buf_free().
// Statuses: MALFORMED, with the verdict's code as reason (no signature, one that cannot be read, another
// scheme).
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_request_key_id(const uint8_t *head,
                                          size_t head_len,
                                          fedigraft_buf *out,
                                          fedigraft_error **error);

// Verifies a received request with the key of its sender: coverage, Host, time, digest, signature. `head` and
// `body` are as received, before any decoding. That the key belongs to the actor is yours to prove;
// fedigraft_receive() does all of it.
// On OK: `out` holds the verdict as JSON {"accepted","public":{"code","status","message"},"key_id",
// "scheme"}. A refusal is OK with "accepted":false. Free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_request_verify(const fedigraft_instance *instance,
                                          const fedigraft_public_key *public_key,
                                          int64_t now,
                                          const uint8_t *head,
                                          size_t head_len,
                                          const uint8_t *body,
                                          size_t body_len,
                                          fedigraft_buf *out,
                                          fedigraft_error **error);

// Like fedigraft_request_verify(), and tells the operator why: every rule is tried, also after one has
// failed. For logs and consoles, not for the peer.
// On OK: `out` holds the verdict with "evidence":{"rules":[{"rule","ok","seen","expected","source"}],
// "signature_base","likely_cause"}. Free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_request_explain(const fedigraft_instance *instance,
                                           const fedigraft_public_key *public_key,
                                           int64_t now,
                                           const uint8_t *head,
                                           size_t head_len,
                                           const uint8_t *body,
                                           size_t body_len,
                                           fedigraft_buf *out,
                                           fedigraft_error **error);

/* ---- Profiles ---------------------------------------------------------------------------------------- */

// Writes a local profile as the actor document other servers read. `profile` is a native Profile, `public_key`
// the public half of its key. Who may see it is not decided here.
// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
// Statuses: MALFORMED (not JSON), TOO_NEW.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_profile_render(const fedigraft_instance *instance,
                                          const uint8_t *profile,
                                          size_t profile_len,
                                          const fedigraft_public_key *public_key,
                                          fedigraft_buf *out,
                                          fedigraft_error **error);

// Reads an actor document of any server. That it is genuine is yours to prove.
// On OK: `out` holds JSON {"profile","inbox","shared_inbox","outbox","followers","following","keys":
// [{"id","owner","pem"}],"webfinger","skipped":[{"at","reason"}]}; "profile" is a native Profile, its bio
// sanitised. Free it with fedigraft_buf_free().
// Statuses: MALFORMED, UNSUPPORTED (not an actor).
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_profile_read(const uint8_t *actor,
                                        size_t actor_len,
                                        fedigraft_buf *out,
                                        fedigraft_error **error);

/* ---- Posts and activities ---------------------------------------------------------------------------- */

// Writes a local post as the object other servers read. `profile` is the native Profile of the author, `post` a
// native Post; who is mentioned is linked when "mentions" has the "uri". Who may see it is not decided here.
// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
// Statuses: MALFORMED (not JSON), UNSUPPORTED, TOO_NEW.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_post_render(const fedigraft_instance *instance,
                                       const uint8_t *profile,
                                       size_t profile_len,
                                       const uint8_t *post,
                                       size_t post_len,
                                       fedigraft_buf *out,
                                       fedigraft_error **error);

// Reads a post of any server, in any of its shapes. That it is genuine is yours to prove.
// On OK: `out` holds JSON {"post","attributed_to","to","cc","audience","skipped":[{"at","reason"}]}; "post" is a
// native Post, its content sanitised HTML. Free it with fedigraft_buf_free().
// Statuses: MALFORMED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_post_read(const uint8_t *object,
                                     size_t object_len,
                                     fedigraft_buf *out,
                                     fedigraft_error **error);

// Reads any activity: who did what to what. That it is genuine is yours to prove.
// On OK: `out` holds JSON {"id","type","actor","object","others":[...],"target","to","cc","published"}; an
// object is its URI or the document itself. Free it with fedigraft_buf_free().
// Statuses: MALFORMED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_activity_read(const uint8_t *activity,
                                         size_t activity_len,
                                         fedigraft_buf *out,
                                         fedigraft_error **error);

/* ---- Text and HTML ----------------------------------------------------------------------------------- */

// Reduces the HTML of a stranger to an allow list, so that it can stand in a page. HTML beyond the bounds
// (100 KB, depth 100, 5,000 elements) becomes plain text.
// On OK: `out` holds the HTML; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_html_sanitise(const uint8_t *html,
                                         size_t html_len,
                                         fedigraft_buf *out,
                                         fedigraft_error **error);

// Turns HTML into readable plain text, for notifications and search.
// On OK: `out` holds the text; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_html_to_text(const uint8_t *html,
                                        size_t html_len,
                                        fedigraft_buf *out,
                                        fedigraft_error **error);

// Turns what a local user wrote into the HTML other servers get, to show or to preview it: links and hashtags
// are linked, mentions are found but not linked, as that needs a look-up. `content` is JSON {"format":
// "plain"|"markdown"|"html","text"}.
// On OK: `out` holds JSON {"html","mentions":[{"user","domain"}],"hashtags":[...],"links":[...]}; free it with
// fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_content_to_html(const fedigraft_instance *instance,
                                           const uint8_t *content,
                                           size_t content_len,
                                           fedigraft_buf *out,
                                           fedigraft_error **error);

/* ---- Discovery --------------------------------------------------------------------------------------- */

// Writes the WebFinger answer for a local profile (RFC 7033), of type application/jrd+json. `profile` is a
// native Profile. Whether it may be found is not decided here.
// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
// Statuses: MALFORMED (not JSON), TOO_NEW.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_webfinger_render(const fedigraft_instance *instance,
                                            const uint8_t *profile,
                                            size_t profile_len,
                                            fedigraft_buf *out,
                                            fedigraft_error **error);

// Writes the NodeInfo document of a version, "2.0" or "2.1"; with an empty version the one at
// /.well-known/nodeinfo, which links to them. `usage` are the numbers to publish, JSON {"users","active_month",
// "active_halfyear","local_posts","local_comments"}, each optional; NULL and 0 for none.
// On OK: `out` holds the document as JSON; free it with fedigraft_buf_free().
// Statuses: UNSUPPORTED (another version).
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_nodeinfo_render(const fedigraft_instance *instance,
                                           const uint8_t *version,
                                           size_t version_len,
                                           const uint8_t *usage,
                                           size_t usage_len,
                                           fedigraft_buf *out,
                                           fedigraft_error **error);

/* ---- Beginning an exchange --------------------------------------------------------------------------- */

// Says whether a request is for the library, from its head alone; read no body before. {"ours":false,
// "headers":[...]}: not ours, serve it as ever and add these headers. {"ours":true,"endpoint","max_body"}:
// read at most `max_body` bytes of body, answer 413 beyond, and call fedigraft_receive().
// On OK: `out` holds the JSON; free it with fedigraft_buf_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_route(const fedigraft_instance *instance,
                                 const uint8_t *head,
                                 size_t head_len,
                                 fedigraft_buf *out,
                                 fedigraft_error **error);

// Begins to answer a request that is ours, as received. Its "done" holds the response and what the message
// means.
// On OK: `*out` is yours, free it with fedigraft_exchange_free().
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_receive(const fedigraft_instance *instance,
                                   int64_t now,
                                   const uint8_t *head,
                                   size_t head_len,
                                   const uint8_t *body,
                                   size_t body_len,
                                   fedigraft_exchange **out,
                                   fedigraft_error **error);

// Begins what a local user does, as JSON {"type":"publish","post":{...}}. Types: publish, update, delete
// (post); follow, unfollow, accept, reject (profile, actor); like, unlike, share, unshare (profile, object);
// update_profile, delete_profile (profile).
// On OK: `*out` is yours, free it with fedigraft_exchange_free().
// Statuses: REFUSED, UNSUPPORTED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_perform(const fedigraft_instance *instance,
                                   int64_t now,
                                   const uint8_t *action,
                                   size_t action_len,
                                   fedigraft_exchange **out,
                                   fedigraft_error **error);

// Begins to find a remote profile or post. `query` is a handle (@user@host) or a URL.
// On OK: `*out` is yours, free it with fedigraft_exchange_free().
// Statuses: REFUSED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_look_up(const fedigraft_instance *instance,
                                   int64_t now,
                                   const uint8_t *query,
                                   size_t query_len,
                                   fedigraft_exchange **out,
                                   fedigraft_error **error);

// Begins a job that an earlier "done" handed over, as that document. The new "done" replaces it: delete the
// row and commit what comes instead.
// On OK: `*out` is yours, free it with fedigraft_exchange_free().
// Statuses: TOO_NEW, UNSUPPORTED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_resume(const fedigraft_instance *instance,
                                  int64_t now,
                                  const uint8_t *job,
                                  size_t job_len,
                                  fedigraft_exchange **out,
                                  fedigraft_error **error);

// Begins one attempt of a delivery that an earlier "done" handed over, as that document. It is signed afresh.
// The new "done" replaces it, as for fedigraft_resume().
// On OK: `*out` is yours, free it with fedigraft_exchange_free().
// Statuses: TOO_NEW.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_send(const fedigraft_instance *instance,
                                int64_t now,
                                const uint8_t *delivery,
                                size_t delivery_len,
                                fedigraft_exchange **out,
                                fedigraft_error **error);

/* ---- Exchanges --------------------------------------------------------------------------------------- */

// Says what the exchange needs next. Asking again gives the same.
//   {"step":1,"load":[{"name","key","cursor"},...]}             answer_load
//   {"step":2,"fetch":{"method","url","headers","max_body",...}} answer_fetch; the request's body is in `body`
//   {"step":3,"sign":{"key_id","actor","algorithm","bytes"}}     answer_sign; "bytes" is base64
//   {"step":4,"done":{"response","events","store","jobs","deliveries","once","result","verdict","spent"}}
//                                                      commit it, then send the response, whose body is in `body`
// Any question may be answered with answer_failed.
// On OK: `step` holds the JSON, `body` raw bytes or nothing; free both with fedigraft_buf_free().
// Statuses: BUSY; the status it ended with when the exchange failed, such as FAILED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_exchange_step(fedigraft_exchange *exchange,
                                         fedigraft_buf *step,
                                         fedigraft_buf *body,
                                         fedigraft_error **error);

// Answers a "load": a JSON array with, for each thing asked for and in order, {"value":...}, null (known not
// to exist) or {"error":"...","retryable":true}. `step` is the number of the step answered.
// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_exchange_answer_load(fedigraft_exchange *exchange,
                                                uint32_t step,
                                                int64_t now,
                                                const uint8_t *values,
                                                size_t values_len,
                                                fedigraft_error **error);

// Answers a "fetch" with the answer's head, JSON {"url","status","headers","address"}, and the body as read,
// at most the step's max_body bytes. Follow no redirect: it comes back as a fetch of its own.
// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_exchange_answer_fetch(fedigraft_exchange *exchange,
                                                 uint32_t step,
                                                 int64_t now,
                                                 const uint8_t *head,
                                                 size_t head_len,
                                                 const uint8_t *body,
                                                 size_t body_len,
                                                 fedigraft_error **error);

// Answers a "sign" with the raw signature, by fedigraft_key_sign() or a key service.
// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_exchange_answer_sign(fedigraft_exchange *exchange,
                                                uint32_t step,
                                                int64_t now,
                                                const uint8_t *signature,
                                                size_t signature_len,
                                                fedigraft_error **error);

// Answers any question: it could not be done (network, DNS, database). `reason` is one line for the
// operator; `retryable` is not 0 when it may work later.
// Statuses: OUT_OF_STEP (nothing happened), BUSY, FAILED.
FEDIGRAFT_MUST_USE
fedigraft_status fedigraft_exchange_answer_failed(fedigraft_exchange *exchange,
                                                  uint32_t step,
                                                  int64_t now,
                                                  const uint8_t *reason,
                                                  size_t reason_len,
                                                  int32_t retryable,
                                                  fedigraft_error **error);

// Frees an exchange, finished or not. NULL is ignored. No other thread may be inside.
void fedigraft_exchange_free(fedigraft_exchange *exchange);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FEDIGRAFT_H */
