package fedigraft

// Keys: private ones that sign, public ones that verify (RSA, RSASSA-PKCS1-v1_5 with SHA-256). A key is parsed
// once and then held by the native library, which wipes it when it is freed. The private half leaves only by
// PEM and never by fmt or an error.

// PrivateKey signs. Immutable; safe for concurrent use. Close it, or let it go.
type PrivateKey struct{ handle }

// GeneratePrivateKey makes a new RSA key of 2048 bits. Takes about a tenth of a second.
func GeneratePrivateKey() (*PrivateKey, error) {
	made, err := nativeKeyGenerate()
	return ownPrivateKey(made, err)
}

// ParsePrivateKey reads a PEM of PKCS#8 or PKCS#1 form, also one whose newlines became spaces or \n.
// ErrMalformed: it is not such a PEM. ErrUnsupported: a key of another kind, or one that is too small.
func ParsePrivateKey(pem []byte) (*PrivateKey, error) {
	made, err := nativeKeyFromPEM(pem)
	return ownPrivateKey(made, err)
}

func ownPrivateKey(made pointer, err error) (*PrivateKey, error) {
	if err != nil {
		return nil, err
	}
	key := &PrivateKey{}
	return own(key, &key.handle, made, nativeKeyFree, "PrivateKey"), nil
}

// PEM is the private key as PKCS#8. Keep it where only the server can read it; clear(pem) wipes it from memory.
func (k *PrivateKey) PEM() ([]byte, error) {
	address, err := k.enter()
	if err != nil {
		return nil, err
	}
	defer k.leave()
	return nativeKeyPEM(address)
}

// PublicPEM is the public half as SPKI PEM, the form that actors publish. In a JSON document it is text: string(pem).
func (k *PrivateKey) PublicPEM() ([]byte, error) {
	address, err := k.enter()
	if err != nil {
		return nil, err
	}
	defer k.leave()
	return nativeKeyPublicPEM(address)
}

// Public is the public half.
func (k *PrivateKey) Public() (*PublicKey, error) {
	pem, err := k.PublicPEM()
	if err != nil {
		return nil, err
	}
	return ParsePublicKey(pem)
}

// Sign signs any bytes: what answers a sign step. About 0.3 ms.
func (k *PrivateKey) Sign(message []byte) ([]byte, error) {
	address, err := k.enter()
	if err != nil {
		return nil, err
	}
	defer k.leave()
	return nativeKeySign(address, message)
}

// String names the type and nothing of the key.
func (k *PrivateKey) String() string { return "fedigraft.PrivateKey" }

// GoString is as String, for %#v.
func (k *PrivateKey) GoString() string { return k.String() }

// PublicKey verifies. Immutable; safe for concurrent use. Close it, or let it go.
type PublicKey struct{ handle }

// ParsePublicKey reads a PEM of SPKI or PKCS#1 form, also one whose newlines became spaces or \n.
// ErrMalformed: it is not such a PEM. ErrUnsupported: a key of another kind, or one that is too small.
func ParsePublicKey(pem []byte) (*PublicKey, error) {
	made, err := nativePublicKeyFromPEM(pem)
	if err != nil {
		return nil, err
	}
	key := &PublicKey{}
	return own(key, &key.handle, made, nativePublicKeyFree, "PublicKey"), nil
}

// PEM is the key as SPKI PEM ("BEGIN PUBLIC KEY").
func (k *PublicKey) PEM() ([]byte, error) {
	address, err := k.enter()
	if err != nil {
		return nil, err
	}
	defer k.leave()
	return nativePublicKeyPEM(address)
}
