// What the peer remembers, in memory: it lives as long as one test.

/** Everything that happened, oldest first: what came in verified, what was refused, what went out. */
export const log = [];

/** "user/name" -> Note */
export const notes = new Map();

/** Activity URI -> { activity, recipients, toFollowers }: what was sent, for Undo and for reading back. */
export const sent = new Map();

/** Follow URI -> Follow: requests that came in and wait for a user's answer. */
export const requests = new Map();

/** user -> Map(actor URI -> Recipient) */
export const followers = new Map();

/** user -> Set(actor URI) */
export const following = new Map();

/** The value under `key`, made by `make` the first time. */
export function entry(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

/** Adds one line to the log. `direction` is "in", "out", "refused" or "error". */
export function record(direction, what) {
  log.push({ at: new Date().toISOString(), direction, ...what });
}
