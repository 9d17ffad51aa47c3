# frozen_string_literal: true

require_relative "helper"
require "open3"
require "rexml/document"

# The whole site as people use it: from signing up to notifications.
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
      answer = visitor.send_form("/signup", { name:, password: "correct horse" }, from: "/signup")
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

  def test_a_thread_stands_in_order
    first = alice.write("What is for dinner?")
    second = ben.write("@alice Soup.", reply_to: first)
    third = alice.write("@ben Again?", reply_to: second)
    other = chloe.write("@alice Bread.", reply_to: first)
    page = visitor.page("/posts/#{first}")
    places = [first, second, third, other].map { |number| page.index("id=\"post-#{number}\"") }
    assert_equal places.sort, places
    middle = visitor.page("/posts/#{second}").partition("<h1").last
    words = ["What is for dinner?", "Soup.", "Again?"].map { |text| middle.index(text) }
    assert_equal words.sort, words
    assert_match(%r{<textarea[^>]*>@alice </textarea>}, ben.page("/compose?reply_to=#{third}"))
    alice.act("/posts/#{first}/delete")
    assert_includes visitor.page("/posts/#{second}"), "The beginning of this thread is gone"
  end

  def test_pictures_with_descriptions
    post = alice.write("Beds", picture_0: file(png(30, 20, "GPS\0 47.1 N")), picture_alt_0: 'Rows of "kale" <ready>',
                               picture_1: file(png(5, 5)), sensitive: "on")
    page = visitor.page("/posts/#{post}")
    images = page.scan(%r{<img src="(/media/[^"]+)" alt="([^"]*)" width="(\d+)" height="(\d+)"})
    assert_equal [["Rows of &quot;kale&quot; &lt;ready&gt;", "30", "20"], ["", "5", "5"]], (images.map do |_, *rest|
                                                                                              rest
                                                                                            end)
    assert_includes page, "Sensitive picture"
    stored = visitor.fetch(images[0][0])
    assert_equal png(30, 20), stored.body.b, "what the camera wrote must not leave"
    assert_equal "image/png", stored.content_type
    assert_includes stored.headers["Cache-Control"], "immutable"
    assert_equal "default-src 'none'; sandbox", stored.headers["Content-Security-Policy"]
    alice.act("/posts/#{post}/edit", text: "Beds", alt_0: "Kale", remove_1: "on", picture_0: file(png(7, 7)))
    page = visitor.page("/posts/#{post}")
    assert_includes page, 'alt="Kale"'
    assert_includes page, 'width="7"'
    refute_includes page, 'width="5"'
    assert_equal [200, 404], (images.map { |image| visitor.fetch(image[0]).status })
    alice.act("/posts/#{post}/delete")
    assert_empty files
  end

  def test_a_post_has_at_most_four_pictures
    four = (0..3).to_h { |n| [:"picture_#{n}", file] }
    post = alice.write("four", **four)
    answer = alice.send_form("/posts/#{post}/edit", { text: "five", picture_0: file })
    assert_equal 400, answer.status
    assert_includes answer.body, "A post may have 4 pictures."
    assert_equal 4, files.size
  end

  def test_a_content_warning_folds_the_post
    post = alice.write("The butler did it.", warning: "Spoiler:  the\n ending", language: "en")
    page = visitor.page("/posts/#{post}")
    assert_match(%r{<details class="fold"><summary>Spoiler: the ending</summary>.*butler}m, page)
    assert_includes page, '<div class="text" lang="en"'
    refute_includes visitor.page("/posts/#{post}")[%r{<title>.*</title>}], "butler"
  end

  def test_what_is_too_long_or_empty_is_refused_and_not_lost
    answer = alice.send_form("/posts", { text: "x" * 1001 })
    assert_equal 400, answer.status
    assert_includes answer.body, "That is 1001 characters; a post may have 1000."
    assert_includes answer.body, "x" * 1001
    assert_includes alice.send_form("/posts", { text: " \r\n " }).body, "Write something"
    assert_includes alice.send_form("/posts", { text: "x", visibility: "all" }).body, "Choose who may see it"
  end

  def test_editing_says_so_and_only_the_author_can
    post = alice.write("Tpyo #first")
    alice.act("/posts/#{post}/edit", text: "Typo #second", language: "de")
    page = ben.page("/posts/#{post}")
    ["Typo", "edited", 'lang="de"'].each { |part| assert_includes page, part }
    refute_includes page, "Tpyo"
    assert_includes ben.page("/tags/second"), "Typo"
    refute_includes ben.page("/tags/first"), "Typo"
    %w[edit delete].each do |action|
      ben.page("/posts/#{post}/#{action}", 403)
      assert_equal 403, ben.send_form("/posts/#{post}/#{action}", { text: "mine" }).status
    end
    assert_equal 400, alice.send_form("/posts/#{post}/edit", { text: " " }).status
    alice.act("/posts/#{post}/delete")
    ben.page("/posts/#{post}", 404)
  end

  def test_likes_count_once_and_can_be_taken_back
    post = alice.write("Hello")
    2.times { assert_equal "/posts/#{post}#post-#{post}", ben.act("/posts/#{post}/like") }
    page = ben.page("/posts/#{post}")
    assert_includes page, 'aria-pressed="true" title="Like"'
    assert_match(%r{class="reactions".*Liked by.*<a href="/@ben"}m, page)
    ben.act("/posts/#{post}/unlike")
    refute_includes ben.page("/posts/#{post}"), "Liked by"
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

  def test_a_hashtag_page_holds_public_posts
    alice.write("one #Café")
    alice.write("two #café", visibility: "unlisted")
    page = visitor.page("/tags/caf%C3%A9")
    assert_includes page, "one"
    refute_includes page, "two"
    assert_equal "/tags/caf%C3%A9", visitor.fetch("/search?q=%23caf%C3%A9").location
  end

  def test_the_feed_is_well_formed
    alice.write("<b>Tom & Jerry</b> ]]>", picture_0: file, picture_alt_0: '"a" & <b>')
    alice.write("for friends", visibility: "followers")
    answer = visitor.fetch("/@alice/feed.atom")
    assert_equal "application/atom+xml", answer.media_type
    contents = REXML::Document.new(answer.body).root.get_elements("entry/content").map(&:text)
    assert_equal 1, contents.size
    assert_includes contents[0], "&lt;b&gt;Tom &amp; Jerry"
    assert_includes contents[0], "<img src=\"#{ORIGIN}/media/"
    assert_includes contents[0], 'alt="&quot;a&quot; &amp; &lt;b&gt;"'
  end

  def test_somebody_who_only_looks_around_gets_no_cookie
    alice.write("Hello")
    ["/local", "/@alice", "/@alice/feed.atom", "/static/chirp.css"].each do |path|
      assert_nil Visitor.new(app).fetch(path).headers["Set-Cookie"], path
    end
  end

  def test_the_commands
    run = lambda do |*arguments|
      environment = { "CHIRP_DATABASE" => site.database, "CHIRP_MEDIA" => site.media, "CHIRP_ORIGIN" => ORIGIN }
      out, done = Open3.capture2e(environment, "ruby", File.join(Chirp::ROOT, "chirp.rb"), *arguments)
      [out, done.success?]
    end
    assert_includes run.call("init-db").first, "ready"
    assert_includes run.call("add-person", "zoe", "--password", "correct horse").first, "@zoe can log in"
    refute run.call("add-person", "zoe", "--password", "correct horse").last
    visitor.act("/login", name: "zoe", password: "correct horse")
    assert run.call("set-password", "zoe", "--password", "battery staple").last
    assert_equal 302, visitor.fetch("/notifications").status
    run.call("add-person", "sue", "--password", "correct horse", "--display-name", "Sue", "--federated")
    assert_equal [true, false, "Sue"], [person("sue").federated?, person("zoe").federated?, person("sue").display_name]
    ["work", "dance", "serve --listen x --worker"].each { |line| refute run.call(*line.split).last, line }
  end

  def test_without_a_database_the_error_says_what_to_do
    site.database = "#{@folder}/none/x.sqlite"
    error = assert_raises(Chirp::Database::NotPrepared) { reading { nil } }
    assert_includes error.message, "init-db"
    assert_includes visitor.page("/local", 500), "Something broke"
  end

  def test_settings_come_from_the_environment
    settings = Chirp::Settings.from("CHIRP_NAME" => "Nest", "CHIRP_SIGN_UP" => "no", "CHIRP_POST_LENGTH" => "280",
                                    "CHIRP_FEDERATED" => "Yes", "SECRET_KEY" => "x")
    assert_equal ["Nest", false, 280, true, "x"],
                 settings.to_h.values_at(:name, :sign_up, :post_length, :federated, :secret_key)
    settings.origin = "https://nest.example:8443"
    assert_equal ["nest.example:8443", 8443], [settings.home, settings.port]
  end
end
