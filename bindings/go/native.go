package fedigraft

// This file is the boundary: every call into the C library, and nothing else. It is the only one that knows
// cgo. Go memory is lent for the time of a call; what the library allocates is copied and freed at once.
// The library keeps no pointer and calls nothing back, which the noescape and nocallback lines promise.

/*
#cgo CFLAGS: -I${SRCDIR}/include
#cgo !fedigraft_shared,linux,amd64 LDFLAGS: ${SRCDIR}/lib/linux_amd64/libfedigraft.a -lm -ldl -lpthread
#cgo fedigraft_shared pkg-config: fedigraft
#cgo noescape fedigraft_features
#cgo nocallback fedigraft_features
#cgo noescape fedigraft_error_message
#cgo nocallback fedigraft_error_message
#cgo noescape fedigraft_error_detail
#cgo nocallback fedigraft_error_detail
#cgo noescape fedigraft_error_is_retryable
#cgo nocallback fedigraft_error_is_retryable
#cgo noescape fedigraft_error_free
#cgo nocallback fedigraft_error_free
#cgo noescape fedigraft_buf_free
#cgo nocallback fedigraft_buf_free
#cgo noescape fedigraft_key_generate
#cgo nocallback fedigraft_key_generate
#cgo noescape fedigraft_key_from_pem
#cgo nocallback fedigraft_key_from_pem
#cgo noescape fedigraft_key_to_pem
#cgo nocallback fedigraft_key_to_pem
#cgo noescape fedigraft_key_public_pem
#cgo nocallback fedigraft_key_public_pem
#cgo noescape fedigraft_key_sign
#cgo nocallback fedigraft_key_sign
#cgo noescape fedigraft_key_free
#cgo nocallback fedigraft_key_free
#cgo noescape fedigraft_public_key_from_pem
#cgo nocallback fedigraft_public_key_from_pem
#cgo noescape fedigraft_public_key_to_pem
#cgo nocallback fedigraft_public_key_to_pem
#cgo noescape fedigraft_public_key_free
#cgo nocallback fedigraft_public_key_free
#cgo noescape fedigraft_instance_new
#cgo nocallback fedigraft_instance_new
#cgo noescape fedigraft_instance_describe
#cgo nocallback fedigraft_instance_describe
#cgo noescape fedigraft_instance_uri
#cgo nocallback fedigraft_instance_uri
#cgo noescape fedigraft_instance_free
#cgo nocallback fedigraft_instance_free
#cgo noescape fedigraft_request_sign
#cgo nocallback fedigraft_request_sign
#cgo noescape fedigraft_request_key_id
#cgo nocallback fedigraft_request_key_id
#cgo noescape fedigraft_request_verify
#cgo nocallback fedigraft_request_verify
#cgo noescape fedigraft_request_explain
#cgo nocallback fedigraft_request_explain
#cgo noescape fedigraft_profile_render
#cgo nocallback fedigraft_profile_render
#cgo noescape fedigraft_profile_read
#cgo nocallback fedigraft_profile_read
#cgo noescape fedigraft_post_render
#cgo nocallback fedigraft_post_render
#cgo noescape fedigraft_post_read
#cgo nocallback fedigraft_post_read
#cgo noescape fedigraft_activity_read
#cgo nocallback fedigraft_activity_read
#cgo noescape fedigraft_html_sanitise
#cgo nocallback fedigraft_html_sanitise
#cgo noescape fedigraft_html_to_text
#cgo nocallback fedigraft_html_to_text
#cgo noescape fedigraft_content_to_html
#cgo nocallback fedigraft_content_to_html
#cgo noescape fedigraft_webfinger_render
#cgo nocallback fedigraft_webfinger_render
#cgo noescape fedigraft_nodeinfo_render
#cgo nocallback fedigraft_nodeinfo_render
#cgo noescape fedigraft_route
#cgo nocallback fedigraft_route
#cgo noescape fedigraft_receive
#cgo nocallback fedigraft_receive
#cgo noescape fedigraft_perform
#cgo nocallback fedigraft_perform
#cgo noescape fedigraft_look_up
#cgo nocallback fedigraft_look_up
#cgo noescape fedigraft_resume
#cgo nocallback fedigraft_resume
#cgo noescape fedigraft_send
#cgo nocallback fedigraft_send
#cgo noescape fedigraft_exchange_step
#cgo nocallback fedigraft_exchange_step
#cgo noescape fedigraft_exchange_answer_load
#cgo nocallback fedigraft_exchange_answer_load
#cgo noescape fedigraft_exchange_answer_fetch
#cgo nocallback fedigraft_exchange_answer_fetch
#cgo noescape fedigraft_exchange_answer_sign
#cgo nocallback fedigraft_exchange_answer_sign
#cgo noescape fedigraft_exchange_answer_failed
#cgo nocallback fedigraft_exchange_answer_failed
#cgo noescape fedigraft_exchange_free
#cgo nocallback fedigraft_exchange_free
#include "fedigraft.h"
*/
import "C"

import (
	"encoding/json"
	"fmt"
	"unsafe"
)

// LibraryVersion is the version of the native library that is linked, such as "0.1.0". Version is that of
// this module.
func LibraryVersion() string { return C.GoString(C.fedigraft_version()) }

// Linked says how the native library is part of this program: "static", or "shared" under the build tag
// fedigraft_shared.
func Linked() string { return linked }

func init() {
	if found := C.fedigraft_abi_version(); found != C.FEDIGRAFT_ABI_VERSION {
		panic(fmt.Sprintf("fedigraft: the %s native library has ABI version %d, this module needs %d; "+
			"install both from the same release", linked, found, C.FEDIGRAFT_ABI_VERSION))
	}
}

// reply receives what a call writes: its bytes, or why it failed.
type reply struct {
	buf C.fedigraft_buf
	err *C.fedigraft_error
}

// bytes takes the bytes over and frees them on the other side.
func (r *reply) bytes(status C.fedigraft_status) ([]byte, error) {
	if status != C.FEDIGRAFT_OK {
		return nil, r.failure(status)
	}
	out := C.GoBytes(unsafe.Pointer(r.buf.data), C.int(r.buf.len))
	C.fedigraft_buf_free(&r.buf)
	return out, nil
}

// text is as bytes, for what is UTF-8.
func (r *reply) text(status C.fedigraft_status) (string, error) {
	if status != C.FEDIGRAFT_OK {
		return "", r.failure(status)
	}
	out := C.GoStringN((*C.char)(unsafe.Pointer(r.buf.data)), C.int(r.buf.len))
	C.fedigraft_buf_free(&r.buf)
	return out, nil
}

// failure makes the error of a status that is not OK, and frees the library's.
func (r *reply) failure(status C.fedigraft_status) error {
	made := &Error{Code: codeOf(int32(status))}
	if r.err == nil {
		made.Reason, made.Message = string(made.Code), fmt.Sprintf("the native library answered status %d", int32(status))
		return made
	}
	var detail struct {
		Reason, Message, At string
	}
	// The library writes this JSON itself; were it unreadable, the code would still stand.
	_ = json.Unmarshal([]byte(C.GoString(C.fedigraft_error_detail(r.err))), &detail)
	made.Reason, made.Message, made.Place = detail.Reason, detail.Message, detail.At
	if made.Message == "" {
		made.Message = C.GoString(C.fedigraft_error_message(r.err))
	}
	made.Retryable = C.fedigraft_error_is_retryable(r.err) != 0
	C.fedigraft_error_free(r.err)
	r.err = nil
	return made
}

// codeOf names a status; one that this module does not know is a newer library's.
func codeOf(status int32) Code {
	code := Code(C.GoString(C.fedigraft_status_name(C.int32_t(status))))
	if code == "unknown" {
		return CodeInternal
	}
	return code
}

// nothing is for calls that write nothing but an error.
func (r *reply) nothing(status C.fedigraft_status) error {
	if status != C.FEDIGRAFT_OK {
		return r.failure(status)
	}
	return nil
}

// text and data are the pointer half of "a pointer and a length".
func text(s string) *C.uint8_t { return (*C.uint8_t)(unsafe.StringData(s)) }
func data(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(b)) }

type pointer = unsafe.Pointer

// The library.

func nativeFeatures() ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_features(&r.buf, &r.err))
}

// Keys.

func nativeKeyGenerate() (pointer, error) {
	var r reply
	var made *C.fedigraft_key
	err := r.nothing(C.fedigraft_key_generate(&made, &r.err))
	return pointer(made), err
}

func nativeKeyFromPEM(pem []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_key
	err := r.nothing(C.fedigraft_key_from_pem(data(pem), C.size_t(len(pem)), &made, &r.err))
	return pointer(made), err
}

func nativeKeyPEM(key pointer) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_key_to_pem((*C.fedigraft_key)(key), &r.buf, &r.err))
}

func nativeKeyPublicPEM(key pointer) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_key_public_pem((*C.fedigraft_key)(key), &r.buf, &r.err))
}

func nativeKeySign(key pointer, message []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_key_sign((*C.fedigraft_key)(key), data(message), C.size_t(len(message)), &r.buf, &r.err))
}

func nativeKeyFree(key pointer) { C.fedigraft_key_free((*C.fedigraft_key)(key)) }

func nativePublicKeyFromPEM(pem []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_public_key
	err := r.nothing(C.fedigraft_public_key_from_pem(data(pem), C.size_t(len(pem)), &made, &r.err))
	return pointer(made), err
}

func nativePublicKeyPEM(key pointer) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_public_key_to_pem((*C.fedigraft_public_key)(key), &r.buf, &r.err))
}

func nativePublicKeyFree(key pointer) { C.fedigraft_public_key_free((*C.fedigraft_public_key)(key)) }

// The instance.

func nativeInstanceNew(config []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_instance
	err := r.nothing(C.fedigraft_instance_new(data(config), C.size_t(len(config)), &made, &r.err))
	return pointer(made), err
}

func nativeInstanceDescribe(instance pointer) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_instance_describe((*C.fedigraft_instance)(instance), &r.buf, &r.err))
}

func nativeInstanceURI(instance pointer, kind, id string) (string, error) {
	var r reply
	return r.text(C.fedigraft_instance_uri((*C.fedigraft_instance)(instance),
		text(kind), C.size_t(len(kind)), text(id), C.size_t(len(id)), &r.buf, &r.err))
}

func nativeInstanceFree(instance pointer) {
	C.fedigraft_instance_free((*C.fedigraft_instance)(instance))
}

// Requests.

func nativeRequestSign(key pointer, keyID string, now int64, head, body []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_request_sign((*C.fedigraft_key)(key), text(keyID), C.size_t(len(keyID)), C.int64_t(now),
		data(head), C.size_t(len(head)), data(body), C.size_t(len(body)), &r.buf, &r.err))
}

func nativeRequestKeyID(head []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_request_key_id(data(head), C.size_t(len(head)), &r.buf, &r.err))
}

func nativeRequestVerify(instance, key pointer, now int64, head, body []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_request_verify((*C.fedigraft_instance)(instance), (*C.fedigraft_public_key)(key),
		C.int64_t(now), data(head), C.size_t(len(head)), data(body), C.size_t(len(body)), &r.buf, &r.err))
}

func nativeRequestExplain(instance, key pointer, now int64, head, body []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_request_explain((*C.fedigraft_instance)(instance), (*C.fedigraft_public_key)(key),
		C.int64_t(now), data(head), C.size_t(len(head)), data(body), C.size_t(len(body)), &r.buf, &r.err))
}

// Profiles, posts, activities, text, discovery.

func nativeProfileRender(instance pointer, profile []byte, key pointer) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_profile_render((*C.fedigraft_instance)(instance),
		data(profile), C.size_t(len(profile)), (*C.fedigraft_public_key)(key), &r.buf, &r.err))
}

func nativeProfileRead(actor []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_profile_read(data(actor), C.size_t(len(actor)), &r.buf, &r.err))
}

func nativePostRender(instance pointer, profile, post []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_post_render((*C.fedigraft_instance)(instance),
		data(profile), C.size_t(len(profile)), data(post), C.size_t(len(post)), &r.buf, &r.err))
}

func nativePostRead(object []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_post_read(data(object), C.size_t(len(object)), &r.buf, &r.err))
}

func nativeActivityRead(activity []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_activity_read(data(activity), C.size_t(len(activity)), &r.buf, &r.err))
}

func nativeSanitise(html string) (string, error) {
	var r reply
	return r.text(C.fedigraft_html_sanitise(text(html), C.size_t(len(html)), &r.buf, &r.err))
}

func nativeHTMLToText(html string) (string, error) {
	var r reply
	return r.text(C.fedigraft_html_to_text(text(html), C.size_t(len(html)), &r.buf, &r.err))
}

func nativeContentToHTML(instance pointer, content []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_content_to_html((*C.fedigraft_instance)(instance),
		data(content), C.size_t(len(content)), &r.buf, &r.err))
}

func nativeWebFingerRender(instance pointer, profile []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_webfinger_render((*C.fedigraft_instance)(instance),
		data(profile), C.size_t(len(profile)), &r.buf, &r.err))
}

func nativeNodeInfoRender(instance pointer, version string, usage []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_nodeinfo_render((*C.fedigraft_instance)(instance),
		text(version), C.size_t(len(version)), data(usage), C.size_t(len(usage)), &r.buf, &r.err))
}

// Exchanges.

func nativeRoute(instance pointer, head []byte) ([]byte, error) {
	var r reply
	return r.bytes(C.fedigraft_route((*C.fedigraft_instance)(instance), data(head), C.size_t(len(head)), &r.buf, &r.err))
}

func nativeReceive(instance pointer, now int64, head, body []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_exchange
	err := r.nothing(C.fedigraft_receive((*C.fedigraft_instance)(instance), C.int64_t(now),
		data(head), C.size_t(len(head)), data(body), C.size_t(len(body)), &made, &r.err))
	return pointer(made), err
}

func nativePerform(instance pointer, now int64, action []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_exchange
	err := r.nothing(C.fedigraft_perform((*C.fedigraft_instance)(instance), C.int64_t(now),
		data(action), C.size_t(len(action)), &made, &r.err))
	return pointer(made), err
}

func nativeLookUp(instance pointer, now int64, query []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_exchange
	err := r.nothing(C.fedigraft_look_up((*C.fedigraft_instance)(instance), C.int64_t(now),
		data(query), C.size_t(len(query)), &made, &r.err))
	return pointer(made), err
}

func nativeResume(instance pointer, now int64, job []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_exchange
	err := r.nothing(C.fedigraft_resume((*C.fedigraft_instance)(instance), C.int64_t(now),
		data(job), C.size_t(len(job)), &made, &r.err))
	return pointer(made), err
}

func nativeSend(instance pointer, now int64, delivery []byte) (pointer, error) {
	var r reply
	var made *C.fedigraft_exchange
	err := r.nothing(C.fedigraft_send((*C.fedigraft_instance)(instance), C.int64_t(now),
		data(delivery), C.size_t(len(delivery)), &made, &r.err))
	return pointer(made), err
}

func nativeExchangeStep(exchange pointer) (step, body []byte, err error) {
	var r, raw reply
	status := C.fedigraft_exchange_step((*C.fedigraft_exchange)(exchange), &r.buf, &raw.buf, &r.err)
	if step, err = r.bytes(status); err != nil {
		return nil, nil, err
	}
	body, err = raw.bytes(status)
	return step, body, err
}

func nativeExchangeAnswerLoad(exchange pointer, step uint32, now int64, values []byte) error {
	var r reply
	return r.nothing(C.fedigraft_exchange_answer_load((*C.fedigraft_exchange)(exchange), C.uint32_t(step), C.int64_t(now),
		data(values), C.size_t(len(values)), &r.err))
}

func nativeExchangeAnswerFetch(exchange pointer, step uint32, now int64, head, body []byte) error {
	var r reply
	return r.nothing(C.fedigraft_exchange_answer_fetch((*C.fedigraft_exchange)(exchange), C.uint32_t(step), C.int64_t(now),
		data(head), C.size_t(len(head)), data(body), C.size_t(len(body)), &r.err))
}

func nativeExchangeAnswerSign(exchange pointer, step uint32, now int64, signature []byte) error {
	var r reply
	return r.nothing(C.fedigraft_exchange_answer_sign((*C.fedigraft_exchange)(exchange), C.uint32_t(step), C.int64_t(now),
		data(signature), C.size_t(len(signature)), &r.err))
}

func nativeExchangeAnswerFailed(exchange pointer, step uint32, now int64, reason string, retryable bool) error {
	var r reply
	again := C.int32_t(0)
	if retryable {
		again = 1
	}
	return r.nothing(C.fedigraft_exchange_answer_failed((*C.fedigraft_exchange)(exchange), C.uint32_t(step), C.int64_t(now),
		text(reason), C.size_t(len(reason)), again, &r.err))
}

func nativeExchangeFree(exchange pointer) {
	C.fedigraft_exchange_free((*C.fedigraft_exchange)(exchange))
}
