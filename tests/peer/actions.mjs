// What a user of the peer can do. Each action takes Fedify's context and a JSON object from the control
// API, in which `as` names the local user, and answers with the activity that was sent.

import { Temporal } from "@js-temporal/polyfill";
import {
  Announce, Create, Delete, Document, Follow, Hashtag, Like, Mention, Note, PUBLIC_COLLECTION,
  Tombstone, Undo, Update,
} from "@fedify/vocab";
import { answer, signedLoader } from "./federation.mjs";
import { ORIGIN } from "./settings.mjs";
import { followers, notes, record, requests, sent } from "./state.mjs";

const fresh = (kind) => new URL(`/${kind}/${crypto.randomUUID()}`, ORIGIN);

/** The remote object at a URL, or the actor behind a handle; an error when there is none. */
async function find(ctx, query) {
  const found = await ctx.lookupObject(query, await signedLoader(ctx));
  if (found == null) throw new Error(`nothing found for ${query}`);
  return found;
}

async function authorOf(ctx, object) {
  return await object.getAttribution(await signedLoader(ctx));
}

/** Sends `activity` to `recipients` and, if asked, to every follower of its actor. */
async function deliver(ctx, as, activity, recipients, toFollowers) {
  sent.set(activity.id.href, { activity, recipients, toFollowers });
  if (toFollowers && followers.get(as)?.size) {
    await ctx.sendActivity({ identifier: as }, "followers", activity, { preferSharedInbox: true });
  }
  const known = followers.get(as);
  const others = toFollowers ? recipients.filter((r) => !known?.has(r.id.href)) : recipients;
  if (others.length > 0) await ctx.sendActivity({ identifier: as }, others, activity);
  const document = await activity.toJsonLd({ contextLoader: ctx.contextLoader, format: "compact" });
  record("out", { type: activity.constructor.name, id: activity.id.href, recipients: recipients.map((r) => r.id.href) });
  return document;
}

/** to and cc, as Mastodon sets them for each visibility. */
function audience(ctx, as, visibility, mentioned) {
  const own = ctx.getFollowersUri(as);
  switch (visibility) {
    case "public": return { tos: [PUBLIC_COLLECTION], ccs: [own, ...mentioned] };
    case "unlisted": return { tos: [own], ccs: [PUBLIC_COLLECTION, ...mentioned] };
    case "followers": return { tos: [own], ccs: mentioned };
    case "direct": return { tos: mentioned, ccs: [] };
    default: throw new Error(`no such visibility: ${visibility}`);
  }
}

function ownNote(ctx, id) {
  const { identifier, name } = ctx.parseUri(new URL(id)).values;
  const key = `${identifier}/${name}`;
  if (!notes.has(key)) throw new Error(`no such note here: ${id}`);
  return { key, note: notes.get(key) };
}

export const actions = {
  async look_up(ctx, { query }) {
    const found = await find(ctx, query);
    return await found.toJsonLd({ contextLoader: ctx.contextLoader, format: "compact" });
  },

  async follow(ctx, { as, who }) {
    const target = await find(ctx, who);
    const id = ctx.getObjectUri(Follow, { name: crypto.randomUUID() });
    const follow = new Follow({ id, actor: ctx.getActorUri(as), object: target.id, to: target.id });
    return await deliver(ctx, as, follow, [target], false);
  },

  /** Answers a follow that waits; only a locked peer has any. */
  async answer(ctx, { as, follow, accept }) {
    if (!requests.has(follow)) throw new Error(`no request waits with the id ${follow}`);
    await answer(ctx, as, requests.get(follow), accept);
  },

  async post(ctx, { as, content, summary, language, visibility = "public", in_reply_to, mentions = [], hashtags = [], media = [] }) {
    const people = [];
    for (const who of mentions) people.push(await find(ctx, who));
    const parent = in_reply_to ? await find(ctx, in_reply_to) : null;
    const name = crypto.randomUUID();
    const id = ctx.getObjectUri(Note, { identifier: as, name });
    const addressed = audience(ctx, as, visibility, people.map((p) => p.id));
    const published = Temporal.Now.instant();
    const note = new Note({
      id,
      url: id,
      attribution: ctx.getActorUri(as),
      ...(language ? { contents: [content], contentMap: { [language]: content } } : { content }),
      summary,
      sensitive: Boolean(summary),
      published,
      replyTarget: parent?.id,
      attachments: media.map(({ url, media_type, alt }) => new Document({ url: new URL(url), mediaType: media_type, name: alt })),
      tags: [
        ...people.map((p) => new Mention({ href: p.id, name: `@${p.preferredUsername}@${p.id.host}` })),
        ...hashtags.map((tag) => new Hashtag({ href: new URL(`/tags/${tag}`, ORIGIN), name: `#${tag}` })),
      ],
      ...addressed,
    });
    notes.set(`${as}/${name}`, note);
    const create = new Create({ id: fresh("creates"), actor: ctx.getActorUri(as), object: note, published, ...addressed });
    const recipients = parent && visibility !== "direct" ? [await authorOf(ctx, parent), ...people] : people;
    const once = [...new Map(recipients.map((r) => [r.id.href, r])).values()];
    return await deliver(ctx, as, create, once, visibility !== "direct");
  },

  async update(ctx, { as, id, content }) {
    const { key, note } = ownNote(ctx, id);
    const edited = note.clone({ content, updated: Temporal.Now.instant() });
    notes.set(key, edited);
    const update = new Update({ id: fresh("updates"), actor: ctx.getActorUri(as), object: edited, to: PUBLIC_COLLECTION });
    return await deliver(ctx, as, update, [], true);
  },

  async delete(ctx, { as, id }) {
    const { key, note } = ownNote(ctx, id);
    notes.delete(key);
    const gone = new Delete({
      id: fresh("deletes"), actor: ctx.getActorUri(as), object: new Tombstone({ id: note.id }), to: PUBLIC_COLLECTION,
    });
    return await deliver(ctx, as, gone, [], true);
  },

  async like(ctx, { as, object }) {
    const liked = await find(ctx, object);
    const author = await authorOf(ctx, liked);
    const like = new Like({ id: fresh("likes"), actor: ctx.getActorUri(as), object: liked.id, to: author.id });
    return await deliver(ctx, as, like, [author], false);
  },

  async announce(ctx, { as, object }) {
    const boosted = await find(ctx, object);
    const author = await authorOf(ctx, boosted);
    const announce = new Announce({
      id: fresh("announces"), actor: ctx.getActorUri(as), object: boosted.id, published: Temporal.Now.instant(),
      to: PUBLIC_COLLECTION, ccs: [author.id, ctx.getFollowersUri(as)],
    });
    return await deliver(ctx, as, announce, [author], true);
  },

  /** Sends an activity to the same people again, `times` at once: what a retry after a lost answer does. */
  async repeat(ctx, { as, id, times }) {
    if (!sent.has(id)) throw new Error(`never sent: ${id}`);
    const { activity, recipients } = sent.get(id);
    await Promise.all(Array.from({ length: times }, () => ctx.sendActivity({ identifier: as }, recipients, activity)));
  },

  /** Takes a Follow, Like or Announce back; it goes to those who got the first one. */
  async undo(ctx, { as, id }) {
    if (!sent.has(id)) throw new Error(`never sent: ${id}`);
    const { activity, recipients, toFollowers } = sent.get(id);
    const undo = new Undo({ id: fresh("undos"), actor: ctx.getActorUri(as), object: activity, tos: activity.toIds, ccs: activity.ccIds });
    return await deliver(ctx, as, undo, recipients, toFollowers);
  },
};
