/* What happened elsewhere (events.h). Each event is told once, inside the transaction that stores what came with it. */

#include "events.h"

#include <stdlib.h>
#include <string.h>

#include "guests.h"

static const char *text(const json_t *object, const char *name)
{
    const char *said = json_string_value(json_object_get(object, name));
    return said != NULL ? said : "";
}

int seen_by_board(sqlite3 *db, const json_t *actor)
{
    const char *uri = text(actor, "id"), *name = text(actor, "display_name"), *url = text(actor, "url");
    return guest_seen(db, uri, text(actor, "handle"), name[0] != '\0' ? name : text(actor, "username"),
                      url[0] != '\0' ? url : uri);
}

/* The board has no page that only some may read. */
static int is_for_all(const json_t *post)
{
    const char *visibility = text(post, "visibility");
    return strcmp(visibility, "public") == 0 || strcmp(visibility, "unlisted") == 0;
}

static int came(sqlite3 *db, const json_t *author, const json_t *post, const char *reply_to)
{
    const char *uri = text(post, "id"), *url = text(post, "url");
    if (!is_for_all(post))
        return 0;
    return seen_by_board(db, author) != 0
           || letter_came(db, uri, text(author, "id"), text(json_object_get(post, "content"), "text"),
                          url[0] != '\0' ? url : uri, text(post, "published"), strtoll(reply_to, NULL, 10),
                          text(post, "in_reply_to")) != 0 ? -1 : 0;
}

int happened_to_board(sqlite3 *db, const json_t *event)
{
    const char *type = text(event, "type");
    const json_t *actor = json_object_get(event, "actor"), *post = json_object_get(event, "post");
    const char *who = text(actor, "id");
    int64_t note = strtoll(text(event, "post"), NULL, 10), person = strtoll(text(event, "profile"), NULL, 10);

    if (strcmp(type, "post_created") == 0)
        return came(db, actor, post, text(event, "reply_to"));
    if (strcmp(type, "post_updated") == 0 && !is_for_all(post))
        return letter_gone(db, text(post, "id"));
    if (strcmp(type, "post_updated") == 0)
        return letter_changed(db, text(post, "id"), text(json_object_get(post, "content"), "text"));
    if (strcmp(type, "post_deleted") == 0)
        return letter_gone(db, text(event, "uri"));
    if (strcmp(type, "liked") == 0)
        return seen_by_board(db, actor) != 0 ? -1 : reaction_came(db, "like", who, note);
    if (strcmp(type, "unliked") == 0)
        return reaction_gone(db, "like", who, note);
    if (strcmp(type, "shared") == 0 && json_is_object(json_object_get(event, "remote_post")))
        return came(db, json_object_get(event, "author"), json_object_get(event, "remote_post"), "");
    if (strcmp(type, "shared") == 0)
        return seen_by_board(db, actor) != 0 ? -1 : reaction_came(db, "share", who, note);
    if (strcmp(type, "unshared") == 0)
        return reaction_gone(db, "share", who, note);
    if (strcmp(type, "follow_accepted") == 0)
        return following_is(db, person, who, "follows");
    if (strcmp(type, "follow_rejected") == 0)
        return following_is(db, person, who, NULL);
    if (strcmp(type, "profile_updated") == 0)
        return seen_by_board(db, actor);
    if (strcmp(type, "profile_deleted") == 0)
        return guest_gone(db, text(event, "uri"));
    return 0; /* followers are in the store; a newer library may tell more */
}
