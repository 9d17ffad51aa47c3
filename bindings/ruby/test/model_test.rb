# frozen_string_literal: true

# The values and their JSON; and that the core takes what they write.
require_relative "helper"
require "date"

class ModelTest < FedigraftTest
  include Fedigraft

  # What is raised first when every call is checked against its signature (rake rbs_test).
  WRONG_TYPE = defined?(RBS::Test::Tester::TypeError) ? [RBS::Test::Tester::TypeError] : []
  WHEN = Time.utc(2026, 10, 5, 15, 0, Rational(1, 4))
  FULL = Post.new(
    id: 1, author: 7, visibility: :public, content: Content.new("Hello", format: :markdown), kind: "article", title: "T",
    spoiler: "careful", sensitive: true, language: "en", url: "/posts/1", in_reply_to: "https://a.example/2",
    mentions: [Mention.new(handle: "@b@b.example", uri: "https://b.example/b")], hashtags: ["rust"],
    emojis: [Emoji.new("cat", "https://a/cat.png", media_type: "image/png")],
    media: [Media.new("/1.png", media_type: "image/png", alt: "a hill", width: 640, height: 480, focal_point: [0.0, -0.5],
                                duration: 1.5)],
    links: [Link.new("https://c.example", title: "C")], published: WHEN, updated: WHEN + 3600,
    interaction_policy: InteractionPolicy.new(reply: InteractionRule.new(automatic: ["followers"])), not_before: 5
  )
  PROFILE = Profile.new(
    id: 7, username: "ann", display_name: "Ann", bio: "Hi", avatar: Image.new("/a.png", media_type: "image/png", alt: "me"),
    fields: [Field.new("web", "https://ann.example")], federated: true, created: WHEN,
    also_known_as: ["https://old.example/ann"]
  )

  def test_what_is_written_reads_back
    [FULL, PROFILE, Post.new(id: "1", author: "2", visibility: "direct")].each do |value|
      assert_equal value, value.class.from_h(value.to_h)
      assert_equal value, value.class.from_h(JSON.parse(JSON.generate(value)))
      assert_equal value, Marshal.load(Marshal.dump(value))
      assert_equal value.hash, value.class.from_h(value.to_h).hash
    end
  end

  def test_a_poll_reads_back
    poll = Poll.new(options: [PollOption.new("yes", votes: 3), PollOption.new("no")], multiple: true, ends: WHEN, voters: 3)
    assert_equal poll, Poll.from_h(poll.to_h)
    assert poll.multiple?
  end

  def test_what_is_empty_is_left_out_and_null_is_absent
    post = Post.new(id: "1", author: "7", visibility: "public", content: "x")
    expected = {
      id: "1", author: "7", visibility: "public", content: { text: "x", format: "plain" }, kind: "note", sensitive: false
    }
    assert_equal expected, post.to_h
    again = Post.from_h(post.to_h.merge(title: nil, media: nil, content: nil, v: 1))
    assert_equal post.with(content: Content.new), again
    assert_equal({ items: [], next: nil, total: nil }, Posts.new([]).to_h)
  end

  def test_unknown_members_are_kept
    document = FULL.to_h.merge(reactions: [1])
    post = Post.from_h(document)
    assert_equal({ "reactions" => [1] }, post.extra)
    assert_equal document, post.to_h
  end

  {
    { visibility: nil } => "/visibility", { id: 5 } => "/id", { media: [{ url: "/a" }, {}] } => "/media/1/url",
    { media: "x" } => "/media", { content: "x" } => "/content", { sensitive: 1 } => "/sensitive",
    { not_before: true } => "/not_before", { published: "yesterday" } => "/published"
  }.each do |change, place|
    define_method("test_a_wrong_#{change.keys.first}_says_where_#{place}") do
      assert_equal place, refused(Malformed) { Post.from_h(FULL.to_h.merge(change)) }.place
    end
  end

  def test_a_mistake_of_the_host_says_where
    {
      { sensitive: 1 } => "/sensitive", { id: nil } => "/id", { media: [Media.new("/a"), "x"] } => "/media/1",
      { published: "now" } => "/published", { content: 5 } => "/content", { title: "\xff" } => "/title"
    }.each do |change, place|
      assert_equal place, refused(InvalidArgument) { FULL.with(**change) }.place
    end
    assert_equal "/visibility", refused(InvalidArgument) { Post.new(id: 1, author: 2) }.place
    assert_raises(ArgumentError) { Post.new(id: 1, author: 2, visibility: "public", text: "x") }
    assert_raises(ArgumentError) { Content.new("a", "b") }
  end

  def test_ruby_has_several_words_for_one_thing
    post = Post.new(id: 1, author: 2, visibility: :unlisted, content: "x".b, published: DateTime.new(2026, 10, 5, 15))
    assert_equal %w[1 2 unlisted], [post.id, post.author, post.visibility]
    assert_equal "2026-10-05T15:00:00Z", post.to_h[:published]
    assert_equal WHEN, FULL.with(updated: "2026-10-05T15:00:00.25Z").updated
    assert_equal Encoding::UTF_8, Post.new(id: 1, author: 2, visibility: "public", content: "é".b).content.text.encoding
    assert_equal "é", Content.new("\xE9".dup.force_encoding("ISO-8859-1")).text
  end

  def test_predicates
    assert FULL.public?
    assert FULL.sensitive?
    assert FULL.reply?
    assert FULL.with(visibility: "unlisted").unlisted?
    assert FULL.with(visibility: "followers").followers_only?
    assert FULL.with(visibility: "direct").direct?
    assert PROFILE.federated?
    refute PROFILE.locked?
    refute Profile.new(id: 1, username: "a").federated?
  end

  def test_times_travel_in_utc
    assert_equal "2026-10-05T15:00:00.250000Z", Value.format_time(WHEN)
    assert_equal "2026-10-05T15:00:00.250000Z", Value.format_time(WHEN.getlocal("+02:00"))
    assert_equal WHEN, Value.parse_time("2026-10-05T15:00:00.250Z")
    assert_equal WHEN, Value.parse_time("2026-10-05T17:00:00.250000999+02:00")
    ["2026-10-05", "2026-10-05T15:00:00", "2026-13-05T15:00:00Z", "yesterday", "\uff12026-10-05T15:00:00Z",
     "2026-10-05T15:00:00Z\n"].each do |text|
      assert_raises(Malformed) { Value.parse_time(text) }
    end
  end

  def test_all_are_immutable
    assert FULL.frozen?
    assert FULL.media.frozen?
    assert FULL.content.text.frozen?
    assert_raises(FrozenError) { FULL.title << "x" }
    text = +"mine"
    Content.new(text)
    text << " still"
  end

  def test_pattern_matching
    case FULL
    in Post[content: Content[text:], visibility: "public"] then assert_equal "Hello", text
    end
  end

  def test_the_core_renders_and_reads_what_the_values_say
    Instance.open("https://chirp.example") do |instance|
      key = PrivateKey.generate
      actor = instance.render_profile(PROFILE, key.public_key)
      assert_equal instance.uri("actor", 7), actor["id"]
      assert_equal key.public_pem, actor["publicKey"]["publicKeyPem"]
      note = instance.render_post(PROFILE, FULL)
      assert_equal instance.uri(:post, "1"), note["id"]
      assert_equal "a hill", note["attachment"][0]["name"]
      post = Fedigraft.read_post(JSON.generate(note))
      assert_equal [actor["id"], "public", "en"], [post.author, post.visibility, post.language]
      profile = Fedigraft.read_profile(JSON.generate(actor))
      assert_equal %w[ann Ann], [profile.username, profile.display_name]
      assert_equal "acct:ann@chirp.example", instance.render_webfinger(PROFILE)["subject"]
      assert_equal 3, instance.render_nodeinfo("2.0", { users: 3 })["usage"]["users"]["total"]
      error = refused(InvalidArgument) { instance.render_post(PROFILE, FULL.with(visibility: "pubic")) }
      assert_includes error.place, "visibility"
    end
  end

  def test_foreign_html_and_activities
    assert_equal "<p>a</p>", Fedigraft.sanitise('<p onclick="x">a<script>b</script></p>')
    assert_equal %w[a b c & d], Fedigraft.html_to_text("<p>a<br>b</p><p>c &amp; d</p>").split
    activity = Fedigraft.read_activity('{"type":"Like","id":"https://a/1","actor":"https://a/u","object":"https://b/2"}')
    assert_equal ["Like", "https://a/u", "https://b/2"], activity.values_at("type", "actor", "object")
    %i[read_post read_profile read_activity].each do |read|
      ["", "[]", "{", "\xff", "[" * 100_000, '{"id":1}'].each do |data|
        assert_raises(Fedigraft::Error) { Fedigraft.public_send(read, data) }
      end
      assert_raises(InvalidArgument, *WRONG_TYPE) { Fedigraft.public_send(read, nil) }
    end
  end

  def test_content_becomes_html_once
    Instance.open("https://chirp.example") do |instance|
      assert_equal "<p>a &lt; b</p>", instance.content_to_html("a < b")[:html]
      assert_includes instance.content_to_html(Content.new("**a**", format: "markdown"))[:html], "<strong>"
    end
  end

  def test_events_are_typed_and_unknown_ones_are_kept
    document = {
      "v" => 1, "type" => "post_created", "at" => 5, "actor" => { "id" => "https://a/u", "username" => "a" },
      "post" => { "id" => "https://a/1", "author" => "https://a/u", "visibility" => "public" }, "mentioned" => ["7"],
      "reply_to" => nil, "followers" => true, "new" => 1
    }
    event = Events.read(document)
    assert_instance_of Events::PostCreated, event
    assert_equal [:post_created, 5, ["7"], true], [event.type, event.at, event.mentioned, event.followers?]
    assert_equal({ "new" => 1 }, event.extra)
    unknown = Events.read({ "type" => "moved", "at" => 1 })
    assert_instance_of Events::Unknown, unknown
    assert_equal "moved", unknown.extra["type"]
  end

  def test_every_event_of_the_core_has_its_class
    expected = %i[
      follow_requested followed unfollowed follow_accepted follow_rejected post_created post_updated post_deleted liked
      unliked shared unshared profile_updated profile_deleted delivery_failed
    ]
    assert_equal expected, Events::CLASSES.keys
    assert_equal Events::Liked, Events.class_of("liked")
    assert_equal "unknown_event", refused(InvalidArgument) { Events.class_of(:post_cretaed) }.reason
  end
end
