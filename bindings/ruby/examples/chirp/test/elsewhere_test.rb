# frozen_string_literal: true

require_relative "helper"

# People and posts from elsewhere, and the events: what somebody who extends chirp builds on.
class ElsewhereTest < SiteTest
  include Chirp

  BOB = { uri: "https://remote.example/users/bob", handle: "@bob@remote.example" }.freeze
  FIRST = "https://remote.example/1"

  def bob(db, **more)
    Elsewhere.upsert_person(
      db, **BOB, display_name: "Bob <T>", bio_html: "<p>Birds, <em>mostly</em></p>",
                 avatar_url: "https://remote.example/bob.png", url: "https://remote.example/@bob",
                 fields: [["Web", "https://bob.example"], ["Fun", "<script>x</script>"]], **more
    )
  end

  def test_a_person_from_elsewhere_has_a_page
    writing { |db| assert_equal bob(db, display_name: "Old name").id, bob(db).id }
    page = visitor.page("/@bob@remote.example")
    ["Bob &lt;T&gt;", "@bob@remote.example", "<em>mostly</em>", '<a href="https://bob.example" rel="nofollow noopener"',
     "&lt;script&gt;x", 'href="https://remote.example/@bob"', 'src="https://remote.example/bob.png"'].each do |part|
      assert_includes page, part
    end
    ["Old name", 'rel="me'].each { |part| refute_includes page, part }
    visitor.page("/@bob", 404)
    visitor.page("/@bob@remote.example/feed.atom", 404)
  end

  def test_a_handle_that_changed_hands
    writing do |db|
      old = bob(db)
      new = bob(db, uri: "https://remote.example/users/2")
      refute_equal old.id, new.id
      assert_equal new.id, People.by_handle(db, "@bob@remote.example").id
      assert People.by_uri(db, BOB[:uri])
      ["bob", "@bob", "@bob@chirp.example", "@@remote.example"].each do |handle|
        assert_match(/form @name@domain/, assert_raises(ArgumentError) { bob(db, handle: handle) }.message)
      end
    end
  end

  def test_addresses_that_are_no_web_pages_are_dropped
    post = writing do |db|
      who = bob(db, url: "javascript:alert(1)", avatar_url: "data:image/svg+xml,x")
      assert_equal [nil, nil], [who.url, who.avatar]
      film = Media.new("https://remote.example/v.mp4", "video/mp4", "A film")
      Elsewhere.upsert_post(db, uri: FIRST, author: who, html: "<p>x</p>", url: "javascript:alert(1)",
                                media: [Media.new("javascript:alert(1)", "image/png", ""), film])
    end
    page = visitor.page(post.path)
    refute_includes page, "javascript:"
    assert_includes page, '<a class="file" href="https://remote.example/v.mp4"'
  end

  def test_a_post_from_elsewhere_in_a_thread
    number = alice.write("Beds")
    reply = writing do |db|
      Elsewhere.upsert_post(
        db, uri: FIRST, url: "https://remote.example/@bob/1", author: bob(db), html: "<p>Lovely <em>beds</em></p>",
            published: Time.new(2024, 5, 1, 10, 0, 0.123r, "+02:00"), reply_to_id: number,
            mentions: [People.by_handle(db, "alice")], tags: ["#Birds"],
            media: [Media.new("https://remote.example/1.png", "image/png", "A swift")]
      )
    end
    assert_equal ["2024-05-01T08:00:00Z", ["birds"]], [Clock.text(reply.published), reply.tags]
    page = visitor.page("/posts/#{number}")
    ["Lovely <em>beds</em>", 'alt="A swift"', 'href="https://remote.example/@bob/1"'].each { |part| assert_includes page, part }
    assert_includes alice.page("/notifications"), "replied to you"
    assert_includes visitor.page("/tags/birds"), "Lovely"
    refute_includes visitor.page("/local"), "Lovely"
    assert_equal reply.path, alice.fetch("/search?q=https://remote.example/@bob/1").location
    writing do |db|
      Elsewhere.upsert_post(db, uri: FIRST, author: bob(db), html: "<p>New</p>")
      thief = bob(db, uri: "https://evil.example/e", handle: "@e@evil.example")
      assert_raises(ArgumentError) { Elsewhere.upsert_post(db, uri: FIRST, author: thief, html: "<p>Stolen</p>") }
    end
    assert_includes visitor.page("/posts/#{number}"), "New"
    writing { |db| [FIRST, "https://remote.example/unknown"].each { |uri| Elsewhere.delete_post(db, uri) } }
    visitor.page(reply.path, 404)
  end

  def test_a_thread_closes_when_its_parent_comes
    child = writing do |db|
      Elsewhere.upsert_post(db, uri: "https://remote.example/2", author: bob(db), html: "<p>Second</p>",
                                reply_to_uri: FIRST)
    end
    assert_includes visitor.page(child.path), "a post elsewhere"
    parent = writing { |db| Elsewhere.upsert_post(db, uri: FIRST, author: bob(db), html: "<p>First</p>") }
    assert_includes visitor.page(child.path), "First"
    assert_includes visitor.page(parent.path), "Second"
  end

  def test_private_posts_from_elsewhere_stay_private
    alice
    direct = writing do |db|
      Elsewhere.upsert_post(db, uri: FIRST, author: bob(db), html: "<p>psst</p>", visibility: "direct",
                                mentions: [People.by_handle(db, "alice")])
    end
    assert_includes alice.page(direct.path), "psst"
    assert_includes alice.page("/notifications"), "psst"
    ben.page(direct.path, 404)
  end

  def test_nobody_is_told_of_an_answer_that_they_may_not_see
    number = alice.write("Hello")
    writing do |db|
      Elsewhere.upsert_post(db, uri: FIRST, author: bob(db), html: "<p>psst</p>", visibility: "followers",
                                reply_to_id: number)
    end
    refute_includes alice.page("/local"), 'class="badge"'
  end

  def test_they_follow_like_and_boost
    number = alice.write("Hello")
    writing do |db|
      post = Posts.get(db, number)
      assert_equal "accepted", Social.follow(db, bob(db), post.author)
      Social.like(db, bob(db), post)
      Social.boost(db, bob(db), post)
    end
    page = alice.page("/notifications")
    ["follows you", "likes your post", "boosted your post"].each { |words| assert_includes page, words }
    assert_includes alice.page("/@alice/followers"), "@bob@remote.example"
    writing do |db|
      post = Posts.get(db, number)
      Social.unboost(db, bob(db), post)
      Social.unlike(db, bob(db), post)
      assert_equal [0, 0, 0, false, false], Social.tallies(db, nil, [number])[number].to_a
      Elsewhere.delete_person(db, BOB[:uri])
    end
    assert_includes alice.page("/@alice/followers"), "Nobody yet"
  end

  def test_following_somebody_elsewhere_waits_and_needs_consent
    writing { |db| bob(db) }
    assert_equal "/settings", alice.act("/@bob@remote.example/follow")
    site.federated = true
    alice.act("/settings", display_name: "Alice", federated: "on")
    assert_includes alice.page("/@alice"), "@alice@chirp.example"
    alice.act("/@bob@remote.example/follow")
    assert_includes alice.page("/@bob@remote.example"), "Requested"
    writing { |db| Social.answer_follow(db, People.by_handle(db, "alice"), bob(db), accepted: true) }
    assert_includes alice.page("/@bob@remote.example"), "Following"
    assert_includes alice.page("/notifications"), "lets you follow them"
  end

  def test_the_choice_is_hidden_until_it_means_something
    refute_includes alice.page("/settings"), "other sites"
    alice.act("/settings", display_name: "A", federated: "on")
    refute person("alice").federated?
    site.federated = true
    assert_includes alice.page("/settings"), "Let people on other sites find and follow me"
  end

  def test_every_event_comes_in_the_open_transaction
    heard = []
    (Events::NAMES.keys - [:unknown_address]).each do |name|
      on(name) do |db:, **values|
        assert db.transaction_active?
        heard << [name, values]
      end
    end
    post = alice.write("Hello")
    alice.act("/posts/#{post}/edit", text: "Hello!")
    %w[like like boost boost unlike unlike unboost unboost].each { |action| ben.act("/posts/#{post}/#{action}") }
    %w[follow follow unfollow unfollow].each { |action| ben.act("/@alice/#{action}") }
    alice.act("/settings", display_name: "A", locked: "on")
    ben.act("/@alice/follow")
    2.times { alice.act("/requests/#{person("ben").id}/accept") }
    alice.act("/posts/#{post}/delete")
    assert_equal %i[post_published post_edited liked boosted unliked unboosted followed unfollowed profile_edited
                    followed follow_answered post_deleted], heard.map(&:first)
    told = heard.to_h
    assert_equal "pending", told[:followed][:state]
    assert_equal "ben", told[:liked][:person].name
    assert_equal ["Hello!", post], [told[:post_edited][:post].text, told[:post_deleted][:post].id]
  end

  def test_ours_leaves_out_people_from_elsewhere
    number = alice.write("Hello")
    heard = []
    %i[liked followed follow_answered].each do |event|
      @subscriptions << Events.ours(event) { |**values| heard << [event, *values.keys] }
    end
    writing do |db|
      post = Posts.get(db, number)
      Social.like(db, bob(db), post)
      Social.follow(db, bob(db), post.author)
      assert_empty heard
      Social.like(db, post.author, post)
      Social.follow(db, post.author, bob(db))
      Social.answer_follow(db, post.author, bob(db), accepted: true)
      Social.answer_follow(db, bob(db), post.author, accepted: false)
    end
    assert_equal %i[liked followed follow_answered], heard.map(&:first)
  end

  def test_a_subscriber_that_fails_undoes_everything
    done = []
    on(:post_published) do |db:, post:|
      db.execute("UPDATE people SET bio = 'half done'")
      db.after_commit { done << "sent" }
      raise "no" if post.text.include?("fail")
    end
    assert_equal 500, alice.send_form("/posts", { text: "fail" }).status
    refute_includes alice.page("/@alice"), "half done"
    refute_includes alice.page("/local"), "fail"
    assert_empty done
    alice.write("well")
    assert_includes alice.page("/@alice"), "half done"
    assert_equal ["sent"], done
  end

  def test_somebody_unknown_is_looked_up_by_a_subscriber
    asked = []
    on(:unknown_address) do |query:|
      asked << query
      writing { |db| bob(db) } if query.include?("bob")
    end
    query = "/search?q=bob@remote.example"
    visitor.page(query)
    assert_empty asked
    assert_includes alice.page("/search?q=https://remote.example/nothing"), "could not be found"
    2.times { assert_equal "/@bob@remote.example", alice.fetch(query).location }
    assert_equal ["https://remote.example/nothing", "bob@remote.example"], asked
    post = alice.write("hello @bob@remote.example and @zoe@other.example")
    page = alice.page("/posts/#{post}")
    %w[bob@remote zoe@other].each { |handle| assert_includes page, %(href="/@#{handle}.example") }
    assert_equal "/search?q=%40zoe%40other.example", alice.fetch("/@zoe@other.example").location
    visitor.page("/@zoe@other.example", 404)
    mentioned = reading { |db| Posts.get(db, post).mentions }
    assert_equal ["@bob@remote.example"], mentioned.map(&:handle)
  end

  def test_a_subscriber_that_cannot_find_out_breaks_nothing
    on(:unknown_address) { |**| raise "the network is down" }
    _out, log = capture_io { assert_includes alice.page("/search?q=@bob@remote.example"), "could not be found" }
    assert_includes log + alice.last_request.env["rack.errors"].tap(&:rewind).read, "the network is down"
  end

  def test_public_posts_of_an_author_in_pages
    numbers = %w[public followers unlisted direct].map { |visibility| alice.write("n", visibility: visibility) }
    reading do |db|
      newest, total = Posts.by_author(db, person("alice"), limit: 1)
      assert_equal [[numbers[2]], 2], [newest.map(&:id), total]
      older, = Posts.by_author(db, person("alice"), before: newest[0].id, limit: 1)
      assert_equal [numbers[0]], older.map(&:id)
    end
  end

  def test_a_transaction_that_somebody_else_begins
    number = alice.write("Hello", picture_0: file)
    reading do |db|
      %i[rollback commit].each do |ending|
        db.execute("BEGIN IMMEDIATE")
        Social.follow(db, bob(db), People.by_handle(db, "alice"))
        Posts.delete(db, Posts.one(db, number))
        assert_equal 1, files.size, "a file stays as long as the row may come back"
        db.public_send(ending)
      end
    end
    assert_includes alice.page("/notifications"), "follows you"
    assert_empty files
  end

  def test_a_transaction_that_is_left_early_is_rolled_back
    alice
    catch(:halt) do
      writing do |db|
        db.execute("UPDATE people SET bio = 'half done'")
        throw :halt
      end
    end
    assert_equal "", person("alice").bio
  end

  def test_writers_wait_for_each_other
    alice
    slow = nil
    writing do |db|
      db.execute("UPDATE people SET bio = bio || 'a'")
      slow = ::Thread.new { writing { |other| other.execute("UPDATE people SET bio = bio || 'b'") } }
      sleep 0.05 # the other one waits, and lets this one go on
    end
    slow.join
    assert_equal "ab", person("alice").bio
  end

  def test_a_subscriber_may_refuse_in_words
    on(:followed) { |**| raise Refused, "Not today." }
    alice
    answer = ben.send_form("/@alice/follow")
    assert_equal 400, answer.status
    assert_includes answer.body, "Not today."
    assert_includes ben.page("/@alice/followers"), "Nobody yet"
  end

  def test_events_are_announced_with_what_they_promise
    assert_raises(ArgumentError) { Events.announce(:liked, db: nil) }
    assert_raises(KeyError) { Events.on(:sneezed) { nil } }
  end
end
