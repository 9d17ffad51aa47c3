package fedigraft

// Vectors that are exchanges: each step is compared and answered, and its Go type must mean what its JSON says.

import (
	"encoding/json"
	"errors"
	"fmt"
)

// play goes through the steps of an exchange.
func (v *vectors) play(exchange *Exchange, text json.RawMessage, now int64) error {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil || len(items) == 0 {
		return errors.New("`steps` is no list")
	}
	address := addressOf(exchange)
	defer exchange.leave()
	for i, item := range items {
		given, err := onlyMembers(item, "", "step body answer error")
		if err != nil {
			return err
		}
		step, body, err := nativeExchangeStep(address)
		if given["error"] != nil {
			var failed *Error
			if len(given) != 1 || i+1 != len(items) || !errors.As(err, &failed) {
				return fmt.Errorf("step %d: expected %s alone at the end, found %v", i+1, given["error"], err)
			}
			return sameError(failed, given["error"])
		}
		if err != nil {
			return err
		}
		if given["step"] == nil || (given["answer"] != nil) == (i+1 == len(items)) {
			return errors.New("every item has a `step`, and all but the last have an `answer`")
		}
		if err := same(step, given["step"]); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		want := given["body"]
		if want == nil {
			want = json.RawMessage(`""`)
		}
		if err := sameBytes(body, want); err != nil {
			return fmt.Errorf("step %d: body: %w", i+1, err)
		}
		read, err := readStep(step, body)
		if err != nil {
			return err
		}
		if err := read.means(step); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		if given["answer"] == nil {
			continue
		}
		if err := v.answer(address, read, given["answer"], now); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

func (v *vectors) answer(address pointer, step *Step, text json.RawMessage, now int64) error {
	const always = " now number error"
	given, err := onlyMembers(text, "", "load fetch body sign signature failed retryable"+always)
	if err != nil {
		return err
	}
	number := step.Number
	for name, into := range map[string]any{"now": &now, "number": &number} {
		if given[name] != nil {
			if err := json.Unmarshal(given[name], into); err != nil {
				return err
			}
		}
	}
	switch {
	case given["load"] != nil:
		_, err = onlyMembers(text, "load", always)
		if err == nil {
			err = nativeExchangeAnswerLoad(address, number, now, compact(given["load"]))
		}
	case given["fetch"] != nil:
		if _, err = onlyMembers(text, "fetch body", always); err != nil {
			break
		}
		var body []byte
		if body, err = readBytes(given["body"]); err == nil {
			err = nativeExchangeAnswerFetch(address, number, now, compact(given["fetch"]), body)
		}
	case given["sign"] != nil:
		key, known := v.keys[word(given["sign"])]
		if _, err = onlyMembers(text, "sign", always); err != nil {
			break
		}
		if !known || step.Sign == nil {
			return errors.New("there is nothing to sign, or no such key")
		}
		var signature []byte
		if signature, err = key.Sign(step.Sign.Bytes); err == nil {
			err = nativeExchangeAnswerSign(address, number, now, signature)
		}
	case given["signature"] != nil:
		if _, err = onlyMembers(text, "signature", always); err != nil {
			break
		}
		var signature []byte
		if signature, err = readBytes(given["signature"]); err == nil {
			err = nativeExchangeAnswerSign(address, number, now, signature)
		}
	default:
		if _, err = onlyMembers(text, "failed retryable", always); err == nil {
			err = nativeExchangeAnswerFailed(address, number, now, word(given["failed"]), string(given["retryable"]) == "true")
		}
	}
	var failed *Error
	switch {
	case given["error"] == nil:
		return err
	case errors.As(err, &failed):
		return sameError(failed, given["error"])
	}
	return fmt.Errorf("expected %s, found %v", given["error"], err)
}

// means checks that the typed step has what its JSON says.
func (s *Step) means(text []byte) error {
	wire := plainObject(text)
	switch {
	case s.Done != nil:
		done := plainObject(wire["done"])
		for name, count := range map[string]int{
			"events": len(s.Done.Events), "jobs": len(s.Done.Jobs), "deliveries": len(s.Done.Deliveries),
			"store": len(s.Done.Store), "once": len(s.Done.Once),
		} {
			if len(typed[[]any](done[name])) != count {
				return fmt.Errorf("done has %d %s", count, name)
			}
		}
		for _, document := range s.Done.Events {
			event, err := ReadEvent(document)
			if err != nil {
				return err
			}
			if _, unknown := event.(UnknownEvent); unknown {
				return fmt.Errorf("this module does not know the event %s", event.Name())
			}
			if remote, ok := event.(RemoteEvent); ok && remote.By().ID == "" {
				return errors.New("the event has no actor")
			}
		}
		return nil
	case s.Fetch != nil:
		back := plainObject(asJSON(s.Fetch))
		back["timeout"] = asJSON(s.Fetch.Timeout.Seconds())
		if s.Fetch.SignAs == "" {
			back["sign_as"] = json.RawMessage("null")
		}
		return same(asJSON(back), wire["fetch"])
	case s.Sign != nil:
		return same(asJSON(s.Sign), wire["sign"])
	}
	var back []any
	for _, one := range s.Load {
		wanted := map[string]any{"name": one.Name, "key": one.Key}
		if one.Cursor != "" {
			wanted["cursor"] = one.Cursor
		}
		back = append(back, wanted)
	}
	return same(asJSON(back), wire["load"])
}
