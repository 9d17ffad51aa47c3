// What the peer is told by its environment, in one place.
//
// PEER_HOST            its name on the network, and the name in its certificate
// PEER_ADDRESS         the loopback address it listens on
// PEER_PORT            the TLS port; 443 gives plain names, other ports show up in every URL
// PEER_CERTIFICATE     PEM file: the private key and the certificate chain; without it, plain HTTP
// PEER_ORIGIN          how the world reaches it, when that is not https://HOST[:PORT] (behind a proxy)
// PEER_USERS           local user names, separated by commas
// PEER_FIRST_SCHEME    the signature it tries first: "cavage" or "rfc9421"; refused, it tries the other
// PEER_AUTHORIZED_FETCH  "1": actors and notes are given only to a signed GET
// PEER_LOCKED          "1": a follow waits until a user accepts or rejects it
// PEER_LOG             lowest level of Fedify's own log on standard error

const { env } = process;

export const HOST = env.PEER_HOST ?? "fedify.test";
export const ADDRESS = env.PEER_ADDRESS ?? "127.0.0.1";
export const PORT = Number(env.PEER_PORT ?? 443);
export const CERTIFICATE = env.PEER_CERTIFICATE;
export const USERS = new Set((env.PEER_USERS ?? "fred,frida").split(","));
export const FIRST_SCHEME =
  env.PEER_FIRST_SCHEME === "cavage" ? "draft-cavage-http-signatures-12" : "rfc9421";
export const AUTHORIZED_FETCH = env.PEER_AUTHORIZED_FETCH === "1";
export const LOCKED = env.PEER_LOCKED === "1";
export const LOG_LEVEL = env.PEER_LOG ?? "warning";

export const ORIGIN = env.PEER_ORIGIN ?? (PORT === 443 ? `https://${HOST}` : `https://${HOST}:${PORT}`);

/** The actor that signs GETs for no one in particular. Its key is readable unsigned. */
export const INSTANCE_ACTOR = "instance";
