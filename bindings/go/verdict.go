package fedigraft

// Verdicts: the outcome of a check, with a part for the wire and a part for the operator.

import (
	"fmt"
	"strings"
)

// Verdict is the outcome of a check.
type Verdict struct {
	// Accepted: every rule held.
	Accepted bool `json:"accepted"`
	// Public may be told to the peer.
	Public VerdictPublic `json:"public"`
	// KeyID is the key the signature names.
	KeyID string `json:"key_id"`
	// Actor is whom it belongs to, once proven.
	Actor string `json:"actor"`
	// Scheme is "cavage" or "rfc9421".
	Scheme string `json:"scheme"`
	// Evidence is for the operator; present when it was asked for.
	Evidence *Evidence `json:"evidence"`
}

// VerdictPublic is the part of a verdict without user data.
type VerdictPublic struct {
	// Code is a stable word such as "digest_mismatch".
	Code string `json:"code"`
	// Status is the HTTP status that fits.
	Status int `json:"status"`
	// Message is one sentence.
	Message string `json:"message"`
}

// Evidence tells the operator why: every rule, the signature base, the likely cause.
type Evidence struct {
	Rules         []Rule `json:"rules"`
	SignatureBase string `json:"signature_base"`
	LikelyCause   string `json:"likely_cause"`
}

// Rule is one rule that was tried: what the message had, what the rule wants, where the rule comes from.
type Rule struct {
	Rule     string `json:"rule"`
	OK       bool   `json:"ok"`
	Seen     string `json:"seen"`
	Expected string `json:"expected"`
	Source   string `json:"source"`
}

// Report gives a few lines for a console: the verdict, each rule, the signature base, the likely cause.
func (v *Verdict) Report() string {
	var out strings.Builder
	word := "refused"
	if v.Accepted {
		word = "accepted"
	}
	fmt.Fprintf(&out, "%s: %s (%s)\n", word, v.Public.Message, v.Public.Code)
	if v.KeyID != "" {
		fmt.Fprintf(&out, "key: %s\n", v.KeyID)
	}
	if v.Evidence == nil {
		return out.String()
	}
	for _, rule := range v.Evidence.Rules {
		if rule.OK {
			fmt.Fprintf(&out, "  ok   %s  [%s]\n", rule.Rule, rule.Source)
			continue
		}
		fmt.Fprintf(&out, "  FAIL %s  [%s]\n", rule.Rule, rule.Source)
		fmt.Fprintf(&out, "         seen:     %s\n         expected: %s\n", rule.Seen, rule.Expected)
	}
	if v.Evidence.SignatureBase != "" {
		out.WriteString("signature base:\n")
		for line := range strings.Lines(v.Evidence.SignatureBase) {
			fmt.Fprintf(&out, "  | %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	if v.Evidence.LikelyCause != "" {
		fmt.Fprintf(&out, "likely cause: %s\n", v.Evidence.LikelyCause)
	}
	return out.String()
}
