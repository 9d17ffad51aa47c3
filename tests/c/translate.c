/* Translates both ways: a profile and a post of the host to ActivityPub documents, and those of strangers back. */

#include "json.h"

static const char *ANN =
    "{\"id\":\"1\",\"username\":\"ann\",\"display_name\":\"Ann\",\"federated\":true,"
    "\"bio\":{\"format\":\"plain\",\"text\":\"I like #rust\"}}";
static const char *POST =
    "{\"id\":\"7\",\"author\":\"1\",\"visibility\":\"public\",\"language\":\"en\","
    "\"content\":{\"format\":\"plain\",\"text\":\"Look <here>: https://example.org/ #rust\"},"
    "\"media\":[{\"url\":\"/m/7.png\",\"media_type\":\"image/png\",\"alt\":\"A crab\",\"width\":640,\"height\":480}],"
    "\"published\":\"2023-11-14T22:13:20Z\"}";
static const char *STRANGE_NOTE =
    "{\"@context\":\"https://www.w3.org/ns/activitystreams\",\"id\":\"https://remote.example/n/1\",\"type\":\"Note\","
    "\"attributedTo\":\"https://remote.example/u/bob\",\"to\":\"as:Public\","
    "\"content\":\"<p onclick='x()'>Hi <script>alert(1)</script><b>there</b></p>\","
    "\"published\":\"2023-11-14T22:13:20.123+01:00\"}";
static const char *HTML = "<p>One<br>two</p><img src=x onerror=alert(1)><p>three &amp; four</p>";

static fedigraft_error *error;

/* Whether a member of a JSON object, found by one or two names, is exactly this. */
static int is(const fedigraft_buf *document, const char *name, const char *inner, const char *expected)
{
    char *text = copy_text(document);
    json value = {text, document->len};
    int same;
    value = json_member(value, name);
    if (inner != NULL)
        value = json_member(value, inner);
    same = json_is(value, expected);
    if (!same)
        fprintf(stderr, "%s in %s\n", name, text);
    free(text);
    return same;
}

static void profiles(fedigraft_instance *chirp)
{
    fedigraft_key *key = NULL;
    fedigraft_public_key *public_key = NULL;
    fedigraft_buf pem = FEDIGRAFT_BUF_INIT, actor = FEDIGRAFT_BUF_INIT, read = FEDIGRAFT_BUF_INIT;

    must(fedigraft_key_generate(&key, &error), &error);
    must(fedigraft_key_public_pem(key, &pem, &error), &error);
    must(fedigraft_public_key_from_pem(pem.data, pem.len, &public_key, &error), &error);

    must(fedigraft_profile_render(chirp, bytes_of(ANN), strlen(ANN), public_key, &actor, &error), &error);
    CHECK(is(&actor, "id", NULL, "\"https://chirp.example/ap/users/1\""));
    CHECK(is(&actor, "type", NULL, "\"Person\""));
    CHECK(is(&actor, "preferredUsername", NULL, "\"ann\""));
    CHECK(is(&actor, "publicKey", "id", "\"https://chirp.example/ap/users/1#main-key\""));
    printf("%.*s\n\n", (int)actor.len, (const char *)actor.data);

    must(fedigraft_profile_read(actor.data, actor.len, &read, &error), &error);
    CHECK(is(&read, "profile", "display_name", "\"Ann\""));
    CHECK(is(&read, "inbox", NULL, "\"https://chirp.example/ap/users/1/inbox\""));
    CHECK(is(&read, "shared_inbox", NULL, "\"https://chirp.example/ap/inbox\""));

    fedigraft_buf_free(&read);
    must(fedigraft_webfinger_render(chirp, bytes_of(ANN), strlen(ANN), &read, &error), &error);
    CHECK(is(&read, "subject", NULL, "\"acct:ann@chirp.example\""));
    fedigraft_buf_free(&read);
    must(fedigraft_nodeinfo_render(chirp, FEDIGRAFT_STR("2.1"), FEDIGRAFT_STR("{\"users\":3}"), &read, &error), &error);
    CHECK(is(&read, "version", NULL, "\"2.1\""));
    CHECK(has(&read, "\"total\":3"));

    fedigraft_buf_free(&read);
    fedigraft_buf_free(&actor);
    fedigraft_buf_free(&pem);
    fedigraft_public_key_free(public_key);
    fedigraft_key_free(key);
}

static void posts(fedigraft_instance *chirp)
{
    fedigraft_buf note = FEDIGRAFT_BUF_INIT, read = FEDIGRAFT_BUF_INIT;

    must(fedigraft_post_render(chirp, bytes_of(ANN), strlen(ANN), bytes_of(POST), strlen(POST), &note, &error), &error);
    CHECK(is(&note, "id", NULL, "\"https://chirp.example/ap/posts/7\""));
    CHECK(is(&note, "type", NULL, "\"Note\""));
    CHECK(is(&note, "attributedTo", NULL, "\"https://chirp.example/ap/users/1\""));
    CHECK(has(&note, "Look &lt;here&gt;: "));
    CHECK(has(&note, "https://chirp.example/m/7.png") && has(&note, "\"A crab\""));
    CHECK(has(&note, "https://www.w3.org/ns/activitystreams#Public"));
    printf("%.*s\n\n", (int)note.len, (const char *)note.data);

    must(fedigraft_post_read(note.data, note.len, &read, &error), &error);
    CHECK(is(&read, "post", "visibility", "\"public\""));
    CHECK(is(&read, "post", "hashtags", "[\"rust\"]"));
    fedigraft_buf_free(&read);

    /* A stranger's post: another spelling of Public, a foreign clock, and HTML that must not reach a page. */
    must(fedigraft_post_read(bytes_of(STRANGE_NOTE), strlen(STRANGE_NOTE), &read, &error), &error);
    CHECK(is(&read, "post", "author", "\"https://remote.example/u/bob\""));
    CHECK(is(&read, "post", "visibility", "\"public\""));
    CHECK(has(&read, "there") && !has(&read, "onclick") && !has(&read, "script"));
    printf("%.*s\n\n", (int)read.len, (const char *)read.data);
    fedigraft_buf_free(&read);

    /* A mistake in a native document is named with its place. */
    CHECK(fedigraft_post_render(chirp, bytes_of(ANN), strlen(ANN),
                                FEDIGRAFT_STR("{\"id\":\"7\",\"author\":\"1\",\"visibilty\":\"public\"}"),
                                &read, &error) == FEDIGRAFT_INVALID_ARGUMENT);
    printf("%s\n", fedigraft_error_message(error));
    fedigraft_error_free(error);
    error = NULL;

    must(fedigraft_activity_read(FEDIGRAFT_STR("{\"id\":\"https://remote.example/a/1\",\"type\":\"Like\","
                                               "\"actor\":{\"id\":\"https://remote.example/u/bob\"},"
                                               "\"object\":[\"https://chirp.example/ap/posts/7\"]}"),
                                 &read, &error), &error);
    CHECK(is(&read, "type", NULL, "\"Like\""));
    CHECK(is(&read, "actor", NULL, "\"https://remote.example/u/bob\""));
    CHECK(is(&read, "object", NULL, "\"https://chirp.example/ap/posts/7\""));
    fedigraft_buf_free(&read);
    fedigraft_buf_free(&note);
}

static void texts(fedigraft_instance *chirp)
{
    fedigraft_buf out = FEDIGRAFT_BUF_INIT;

    must(fedigraft_html_sanitise(bytes_of(HTML), strlen(HTML), &out, &error), &error);
    CHECK(has(&out, "<p>One<br") && !has(&out, "img") && !has(&out, "onerror"));
    fedigraft_buf_free(&out);

    must(fedigraft_html_to_text(bytes_of(HTML), strlen(HTML), &out, &error), &error);
    CHECK(has(&out, "One\ntwo") && has(&out, "three & four"));
    fedigraft_buf_free(&out);

    must(fedigraft_content_to_html(chirp, FEDIGRAFT_STR("{\"format\":\"markdown\",\"text\":\"*Hi* @bob@remote.example #Rust\"}"),
                                   &out, &error), &error);
    CHECK(has(&out, "<em>Hi</em>"));
    CHECK(is(&out, "hashtags", NULL, "[\"Rust\"]"));
    CHECK(is(&out, "mentions", NULL, "[{\"user\":\"bob\",\"domain\":\"remote.example\"}]"));
    fedigraft_buf_free(&out);

    must(fedigraft_instance_uri(chirp, FEDIGRAFT_STR("followers"), FEDIGRAFT_STR("1"), &out, &error), &error);
    CHECK(has(&out, "https://chirp.example/ap/users/1/followers"));
    fedigraft_buf_free(&out);
    must(fedigraft_features(&out, &error), &error);
    CHECK(has(&out, "\"cavage\""));
    fedigraft_buf_free(&out);
}

int main(void)
{
    fedigraft_instance *chirp = NULL;
    must(fedigraft_instance_new(FEDIGRAFT_STR(CHIRP), &chirp, &error), &error);
    profiles(chirp);
    posts(chirp);
    texts(chirp);
    fedigraft_instance_free(chirp);
    return 0;
}
