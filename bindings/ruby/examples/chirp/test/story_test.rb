# frozen_string_literal: true

require_relative "helper"

# The site as people use it: from signing up to notifications.
class StoryTest < SiteTest
  def test_signing_up_logging_out_and_in
    visitor.join("Alice_1", display_name: "Alice")
    assert_includes visitor.page("/"), "Welcome to Chirp, Alice!"
    visitor.act("/logout")
    assert_includes visitor.page("/local"), "Log in"
    assert_equal 401, visitor.send_form("/login", { name: "alice_1", password: "wrong horse" }).status
    assert_equal 401, visitor.send_form("/login", { name: "nobody", password: "correct horse" }).status
    visitor.act("/login", name: "@ALICE_1", password: "correct horse")
    assert_includes visitor.page("/settings"), "Alice"
  end

  def test_a_name_is_taken_once_and_has_its_letters
    alice
    { "ALICE" => "taken", "a b" => "letters", "" => "letters", "x" * 31 => "letters",
      "bob\n" => nil }.each do |name, why|
      answer = visitor.send_form("/signup", { name: name, password: "correct horse" }, from: "/signup")
      why ? assert_equal(400, answer.status) : assert(answer.redirect?)
      assert_includes answer.body, why if why
      visitor.act("/logout") unless why
    end
    answer = visitor.send_form("/signup", { name: "short", password: "1234567" }, from: "/signup")
    assert_equal 400, answer.status
    assert_includes answer.body, "at least 8"
  end

  def test_sign_up_can_be_closed
    site.sign_up = false
    visitor.page("/signup", 404)
    assert_equal 404, visitor.send_form("/signup", { name: "zoe", password: "correct horse" }).status
  end

  def test_a_login_comes_back_to_the_page_but_never_leaves_the_site
    alice
    answer = visitor.fetch("/notifications")
    assert_equal [302, "/login?next=%2Fnotifications"], [answer.status, answer.location]
    form = { name: "alice", password: "correct horse" }
    assert_equal "/notifications", visitor.act("/login", **form, next: "/notifications")
    ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example", "/\n/evil"].each do |elsewhere|
      assert_equal "/", visitor.send_form("/login", { **form, next: elsewhere }, from: "/@alice/followers").location
    end
  end

  def test_a_new_password_ends_other_sessions
    alice
    phone = Visitor.new(app)
    phone.act("/login", name: "alice", password: "correct horse")
    assert_equal 400, alice.send_form("/settings/password", { old: "no", new: "battery staple" }).status
    alice.act("/settings/password", old: "correct horse", new: "battery staple")
    alice.page("/notifications")
    assert_equal 302, phone.fetch("/notifications").status
    assert_equal 401, phone.send_form("/login", { name: "alice", password: "correct horse" }).status
  end

  def test_home_shows_whom_one_follows_and_local_everyone
    ben.write("Bread is in the oven.")
    chloe.write("Drawing a poster.")
    assert_includes alice.page("/"), "Nothing here yet"
    alice.act("/@ben/follow")
    home = alice.page("/")
    assert_includes home, "Bread is in the oven."
    refute_includes home, "Drawing a poster."
    local = alice.page("/local")
    assert_operator local.index("Drawing a poster."), :<, local.index("Bread is in the oven.")
    alice.act("/@ben/unfollow")
    refute_includes alice.page("/"), "Bread"
  end

  def test_a_boost_carries_a_post_to_followers_once
    post = chloe.write("Look at this.")
    ben && alice.act("/@ben/follow")
    ben.act("/posts/#{post}/boost")
    home = alice.page("/")
    assert_equal 1, home.scan("Look at this.").size
    assert_match(%r{Ben Okafor</a>(\s|&nbsp;)*boosted}, home)
    assert_includes alice.page("/@ben"), "Look at this."
    alice.act("/@chloe/follow")
    assert_equal 1, alice.page("/").scan("Look at this.").size
    ben.act("/posts/#{post}/unboost")
    refute_includes alice.page("/@ben"), "Look at this."
  end

  def test_older_posts_come_page_by_page
    45.times { |number| alice.write(format("number %03d", number)) }
    seen = []
    path = "/"
    while path
      page = alice.page(path)
      seen.concat(page.scan(/number \d{3}/))
      link = page[/href="(\?older=[^"]+)"/, 1]
      path = link && "/#{link}"
    end
    assert_equal 44.downto(0).map { |number| format("number %03d", number) }, seen
    ["nonsense_x", "9" * 40].each { |cursor| alice.page("/?older=#{cursor}") }
  end

  def test_a_profile_with_fields_links_and_picture
    alice.act("/settings", display_name: "Alice M.", bio: "Gardener.\nSee #seeds", field_name_0: "Website",
                           field_value_0: "https://alice.example/me", discoverable: "on", avatar: file(png(40, 40)))
    page = visitor.page("/@alice")
    assert_includes page, "Alice M."
    assert_includes page, '<a href="/tags/seeds"'
    assert_match %r{<a href="https://alice.example/me" rel="me [^"]*">alice.example/me</a>}, page
    avatar = page[%r{<img class="avatar large" src="(/media/[^"]+)"}, 1]
    assert_equal png(40, 40), visitor.fetch(avatar).body.b
    alice.act("/settings", display_name: "Alice M.", remove_avatar: "on")
    assert_equal 404, visitor.fetch(avatar).status
    assert_equal "/@alice", visitor.fetch("/@ALICE").location
  end

  def test_followers_and_following_are_counted_and_listed
    alice && ben.act("/@alice/follow")
    assert_match(%r{<b>1</b>\s*follower\b}, visitor.page("/@alice"))
    assert_includes visitor.page("/@alice/followers"), "@ben"
    assert_includes visitor.page("/@ben/following"), "@alice"
    assert_includes alice.page("/@ben"), "follows you"
    assert_includes alice.page("/@ben"), "Follow back"
    alice.act("/@ben/remove-follower")
    assert_includes visitor.page("/@alice/followers"), "Nobody yet"
  end

  def test_a_locked_account_answers_requests
    alice.act("/settings", locked: "on")
    ben.act("/@alice/follow")
    chloe.act("/@alice/follow")
    assert_includes ben.page("/@alice"), "Requested"
    alice.write("for friends", visibility: "followers")
    refute_includes ben.page("/"), "for friends"
    assert_includes alice.page("/notifications"), "asks to follow you"
    alice.act("/requests/#{person("ben").id}/accept")
    alice.act("/requests/#{person("chloe").id}/decline")
    assert_includes ben.page("/"), "for friends"
    assert_includes ben.page("/notifications"), "lets you follow them"
    assert_includes chloe.page("/@alice"), ">Follow<"
    assert_equal 404, alice.send_form("/requests/99/accept").status
  end

  def test_nobody_follows_themselves
    assert_equal 400, alice.send_form("/@alice/follow").status
  end

  def test_notifications_tell_each_thing_once
    post = alice.write("Hello, is anybody here?")
    ben.act("/@alice/follow")
    %w[like boost].each { |action| ben.act("/posts/#{post}/#{action}") }
    ben.write("@alice I am", reply_to: post)
    chloe.write("hey @alice and @Alice and @ben")
    assert_match(/class="badge">5/, alice.page("/local"))
    page = alice.page("/notifications")
    ["follows you", "likes your post", "boosted your post", "replied to you", "mentioned you"].each do |words|
      assert_equal 1, page.scan(words).size, words
    end
    refute_includes alice.page("/local"), 'class="badge"'
    ben.act("/posts/#{post}/unlike")
    ben.act("/@alice/unfollow")
    page = alice.page("/notifications")
    ["likes your post", "follows you"].each { |words| refute_includes page, words }
    alice.write("@alice talking to myself")
    assert_equal 1, alice.page("/notifications").scan("mentioned you").size
  end

  def test_an_edit_tells_only_those_newly_named
    ben && chloe
    post = alice.write("@ben hello")
    alice.act("/posts/#{post}/edit", text: "@ben @chloe hello")
    [ben, chloe].each { |who| assert_equal 1, who.page("/notifications").scan("mentioned you").size }
  end

  def test_search
    ben
    alice.act("/settings", display_name: "Alice Martin") # not discoverable
    %w[okaf @be].each { |query| assert_includes visitor.page("/search?q=#{query}"), "@ben" }
    refute_includes visitor.page("/search?q=martin"), "/@alice"
    assert_includes visitor.page("/search?q=alice"), "/@alice"
    assert_includes visitor.page("/search?q=%25"), "Nobody is called that"
    post = ben.write("#Bread")
    {
      "%23bread" => "/tags/bread", "@ben@chirp.example" => "/@ben", "http://chirp.example/@ben" => "/@ben",
      "http://chirp.example/posts/#{post}" => "/posts/#{post}"
    }.each { |query, place| assert_equal place, visitor.fetch("/search?q=#{query}").location }
    assert_includes visitor.page("/search?q=@bob@remote.example"), "Log in to look it up"
    assert_includes alice.page("/search?q=@bob@remote.example"), "could not be found"
  end

  def test_somebody_who_only_looks_around_gets_no_cookie
    alice.write("Hello")
    ["/local", "/@alice", "/@alice/feed.atom", "/static/chirp.css"].each do |path|
      assert_nil Visitor.new(app).fetch(path).headers["Set-Cookie"], path
    end
  end
end
