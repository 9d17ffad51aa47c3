// The federating half: who the peer's actors are, what it shows and what it does with what arrives.
//
// Fedify does the protocol. A listener runs only for an activity whose signature Fedify has verified.

import { createFederation, generateCryptoKeyPair, MemoryKvStore } from "@fedify/fedify";
import {
  Accept, Activity, Application, Endpoints, Follow, Image, Note, Person, Reject, Undo,
} from "@fedify/vocab";
import {
  AUTHORIZED_FETCH, FIRST_SCHEME, INSTANCE_ACTOR, LOCKED, ORIGIN, USERS,
} from "./settings.mjs";
import { entry, followers, following, notes, record, requests, sent } from "./state.mjs";

export const federation = createFederation({
  kv: new MemoryKvStore(),
  // No queue: an activity is sent, and a failure seen, before the control call returns.
  origin: ORIGIN,
  firstKnock: FIRST_SCHEME,
  allowPrivateAddress: true, // the tests live on loopback
  circuitBreaker: false,
  onOutboxError: (error, activity) =>
    record("error", { id: activity?.id?.href, message: String(error) }),
});

/** Reads documents as the peer's instance actor, with signed GETs. */
export const signedLoader = async (ctx) => ({
  contextLoader: ctx.contextLoader,
  documentLoader: await ctx.getDocumentLoader({ identifier: INSTANCE_ACTOR }),
});

async function mayRead(ctx) {
  if (!AUTHORIZED_FETCH) return true;
  const key = await ctx.getSignedKey(await signedLoader(ctx));
  if (key == null) record("refused", { url: ctx.request.url, message: "GET without a valid signature" });
  return key != null;
}

const keys = new Map();

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, user) => {
    const own = {
      id: ctx.getActorUri(user),
      preferredUsername: user,
      inbox: ctx.getInboxUri(user),
      outbox: ctx.getOutboxUri(user),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
    };
    if (user !== INSTANCE_ACTOR && !USERS.has(user)) return null;
    const pairs = await ctx.getActorKeyPairs(user);
    const identity = {
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    };
    if (user === INSTANCE_ACTOR) return new Application({ ...own, ...identity });
    return new Person({
      ...own,
      ...identity,
      name: user[0].toUpperCase() + user.slice(1),
      summary: `<p>${user} writes from a Fedify server.</p>`,
      url: new URL(`/@${user}`, ORIGIN),
      icon: new Image({ url: new URL(`/avatars/${user}.svg`, ORIGIN), mediaType: "image/svg+xml" }),
      followers: ctx.getFollowersUri(user),
      following: ctx.getFollowingUri(user),
      manuallyApprovesFollowers: LOCKED,
      discoverable: true,
    });
  })
  .setKeyPairsDispatcher((_ctx, user) =>
    entry(keys, user, () =>
      Promise.all([generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), generateCryptoKeyPair("Ed25519")])))
  .mapHandle((_ctx, name) => name)
  // Two servers that both want signed GETs need one actor each that is readable without.
  .authorize((ctx, user) => user === INSTANCE_ACTOR || mayRead(ctx));

federation
  .setFollowersDispatcher("/users/{identifier}/followers", (_ctx, user) => ({
    items: [...entry(followers, user, () => new Map()).values()],
  }))
  .setCounter((_ctx, user) => followers.get(user)?.size ?? 0);

federation
  .setFollowingDispatcher("/users/{identifier}/following", (_ctx, user) => ({
    items: [...entry(following, user, () => new Set())].map((uri) => new URL(uri)),
  }))
  .setCounter((_ctx, user) => following.get(user)?.size ?? 0);

federation.setOutboxDispatcher("/users/{identifier}/outbox", (ctx, user) => ({
  items: [...sent.values()]
    .filter(({ activity, toFollowers }) => toFollowers && activity.actorId.href === ctx.getActorUri(user).href)
    .map(({ activity }) => activity)
    .reverse(),
}));

federation
  .setObjectDispatcher(Note, "/users/{identifier}/notes/{name}", (_ctx, { identifier, name }) =>
    notes.get(`${identifier}/${name}`) ?? null)
  .authorize((ctx) => mayRead(ctx));

// Who answers a Follow may look its id up here instead of trusting a copy.
federation.setObjectDispatcher(Follow, "/follows/{name}", (ctx, { name }) =>
  sent.get(ctx.getObjectUri(Follow, { name }).href)?.activity ?? null);

federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
  software: { name: "fedify-peer", version: "2.3.6" },
  protocols: ["activitypub"],
  usage: { users: { total: USERS.size }, localPosts: notes.size, localComments: 0 },
}));

/** Lets a follower in, or turns it away, and tells it so. */
export async function answer(ctx, user, follow, accepted) {
  requests.delete(follow.id.href);
  const who = await follow.getActor(await signedLoader(ctx));
  if (accepted) entry(followers, user, () => new Map()).set(who.id.href, who);
  const Answer = accepted ? Accept : Reject;
  const id = new URL(`/answers/${crypto.randomUUID()}`, ORIGIN);
  await ctx.sendActivity(
    { identifier: user },
    who,
    new Answer({ id, actor: ctx.getActorUri(user), object: follow, to: who.id }),
  );
  record("out", { type: Answer.name, id: id.href, recipients: [who.id.href] });
}

async function arrived(ctx, activity) {
  record("in", {
    type: activity.constructor.name,
    id: activity.id?.href,
    actor: activity.actorId?.href,
    object: activity.objectId?.href,
    inbox: ctx.recipient ?? "shared",
    document: await activity.toJsonLd({ contextLoader: ctx.contextLoader }),
  });
}

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .setSharedKeyDispatcher(() => ({ identifier: INSTANCE_ACTOR }))
  .on(Follow, async (ctx, follow) => {
    await arrived(ctx, follow);
    const target = ctx.parseUri(follow.objectId);
    if (target?.type !== "actor" || !USERS.has(target.identifier)) return;
    requests.set(follow.id.href, follow);
    if (!LOCKED) await answer(ctx, target.identifier, follow, true);
  })
  .on(Accept, async (ctx, accept) => {
    await arrived(ctx, accept);
    const follow = ownFollow(accept);
    if (follow) entry(following, ctx.parseUri(follow.actorId).identifier, () => new Set()).add(accept.actorId.href);
  })
  .on(Reject, async (ctx, reject) => {
    await arrived(ctx, reject);
    const follow = ownFollow(reject);
    if (follow) following.get(ctx.parseUri(follow.actorId).identifier)?.delete(reject.actorId.href);
  })
  .on(Undo, async (ctx, undo) => {
    await arrived(ctx, undo);
    const object = await undo.getObject(await signedLoader(ctx));
    if (!(object instanceof Follow) || object.actorId?.href !== undo.actorId.href) return;
    followers.get(ctx.parseUri(object.objectId)?.identifier)?.delete(undo.actorId.href);
  })
  .on(Activity, arrived)
  .onError((_ctx, error) => record("error", { message: String(error?.stack ?? error) }))
  .onUnverifiedActivity((_ctx, activity, reason) => {
    record("refused", { type: activity.constructor.name, id: activity.id?.href, message: reason.type });
  });

/** The Follow of ours that an answer names, if it comes from the one who was asked. */
function ownFollow(answered) {
  const follow = sent.get(answered.objectId?.href)?.activity;
  return follow instanceof Follow && follow.objectId.href === answered.actorId?.href ? follow : null;
}
