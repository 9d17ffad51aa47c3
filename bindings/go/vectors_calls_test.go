package fedigraft

// The functions that vectors call, by name, with their inputs: one line of native.go each.

import (
	"reflect"
)

// vectorCalls are the functions with their inputs.
var vectorCalls = map[string]string{
	"key_from_pem": "pem", "key_to_pem": "key", "key_public_pem": "key", "key_sign": "key message",
	"public_key_from_pem": "pem", "public_key_to_pem": "public_key", "instance_new": "config",
	"instance_describe": "instance", "instance_uri": "instance kind id", "request_sign": "key key_id now head body",
	"request_key_id": "head", "request_verify": "instance public_key now head body",
	"request_explain": "instance public_key now head body", "profile_render": "instance profile public_key",
	"profile_read": "actor", "post_render": "instance profile post", "post_read": "object", "activity_read": "activity",
	"html_sanitise": "html", "html_to_text": "html", "content_to_html": "instance content",
	"webfinger_render": "instance profile", "nodeinfo_render": "instance version usage", "route": "instance head",
	"receive": "instance now head body", "perform": "instance now action", "look_up": "instance now query",
	"resume": "instance now job", "send": "instance now delivery",
}

// call calls the function of the header.
func (in *inputs) call(name string) ([]byte, *Exchange, error) {
	instance, key, public := addressOf(in.instance), addressOf(in.key), addressOf(in.public)
	b := in.bytes
	asBytes := func(text string, err error) ([]byte, *Exchange, error) { return []byte(text), nil, err }
	plain := func(text []byte, err error) ([]byte, *Exchange, error) { return text, nil, err }
	opened := func(made pointer, err error, free func(pointer)) ([]byte, *Exchange, error) {
		if err == nil {
			free(made)
		}
		return nil, nil, err
	}
	begun := func(made pointer, err error) ([]byte, *Exchange, error) {
		if err != nil {
			return nil, nil, err
		}
		exchange := &Exchange{}
		return nil, own(exchange, &exchange.handle, made, nativeExchangeFree, "Exchange"), nil
	}
	switch name {
	case "key_from_pem":
		made, err := nativeKeyFromPEM(b["pem"])
		return opened(made, err, nativeKeyFree)
	case "public_key_from_pem":
		made, err := nativePublicKeyFromPEM(b["pem"])
		return opened(made, err, nativePublicKeyFree)
	case "instance_new":
		made, err := nativeInstanceNew(b["config"])
		return opened(made, err, nativeInstanceFree)
	case "key_to_pem":
		return plain(nativeKeyPEM(key))
	case "key_public_pem":
		return plain(nativeKeyPublicPEM(key))
	case "key_sign":
		return plain(nativeKeySign(key, b["message"]))
	case "public_key_to_pem":
		return plain(nativePublicKeyPEM(public))
	case "instance_describe":
		return plain(nativeInstanceDescribe(instance))
	case "instance_uri":
		return asBytes(nativeInstanceURI(instance, string(b["kind"]), string(b["id"])))
	case "request_sign":
		return plain(nativeRequestSign(key, string(b["key_id"]), in.now, b["head"], b["body"]))
	case "request_key_id":
		return plain(nativeRequestKeyID(b["head"]))
	case "request_verify":
		return plain(nativeRequestVerify(instance, public, in.now, b["head"], b["body"]))
	case "request_explain":
		return plain(nativeRequestExplain(instance, public, in.now, b["head"], b["body"]))
	case "profile_render":
		return plain(nativeProfileRender(instance, b["profile"], public))
	case "profile_read":
		return plain(nativeProfileRead(b["actor"]))
	case "post_render":
		return plain(nativePostRender(instance, b["profile"], b["post"]))
	case "post_read":
		return plain(nativePostRead(b["object"]))
	case "activity_read":
		return plain(nativeActivityRead(b["activity"]))
	case "html_sanitise":
		return asBytes(nativeSanitise(string(b["html"])))
	case "html_to_text":
		return asBytes(nativeHTMLToText(string(b["html"])))
	case "content_to_html":
		return plain(nativeContentToHTML(instance, b["content"]))
	case "webfinger_render":
		return plain(nativeWebFingerRender(instance, b["profile"]))
	case "nodeinfo_render":
		return plain(nativeNodeInfoRender(instance, string(b["version"]), b["usage"]))
	case "route":
		return plain(nativeRoute(instance, b["head"]))
	case "receive":
		return begun(nativeReceive(instance, in.now, b["head"], b["body"]))
	case "perform":
		return begun(nativePerform(instance, in.now, b["action"]))
	case "look_up":
		return begun(nativeLookUp(instance, in.now, b["query"]))
	case "resume":
		return begun(nativeResume(instance, in.now, b["job"]))
	}
	return begun(nativeSend(instance, in.now, b["delivery"]))
}

// addressOf is the pointer of a handle that stays open as long as the test; nil of none.
func addressOf(from interface{ enter() (pointer, error) }) pointer {
	if reflect.ValueOf(from).IsNil() {
		return nil
	}
	address, err := from.enter()
	if err != nil {
		panic(err)
	}
	return address
}
