# frozen_string_literal: true

require_relative "helper"

# Followers-only and direct posts: seen by those they are for, and on no page by anybody else.
class PrivacyTest < SiteTest
  SECRET = "the key is under the blue pot"

  # Ben follows Alice, Chloé does not. All have something to do with Alice's public post.
  def setup
    super
    alice.page("/") && chloe.page("/")
    ben.act("/@alice/follow")
    @public = alice.write("Something public #garden")
  end

  def pages(post)
    ["/", "/local", "/tags/secret", "/@alice", "/@alice?replies=1", "/@alice/feed.atom", "/@ben", "/@ben?replies=1",
     "/notifications", "/search?q=blue", "/search?q=http://chirp.example/posts/#{post}", "/posts/#{@public}",
     "/posts/#{post}", "/posts/#{post}/edit", "/posts/#{post}/delete", "/compose?reply_to=#{post}"]
  end

  def seen_by(who, post)
    pages(post).select { |path| who.follow(path).match?(/#{SECRET}|blue pot described/o) }
  end

  def write(visibility, text = SECRET)
    alice.write("#{text} #secret", visibility: visibility, reply_to: @public, picture_0: file,
                                   picture_alt_0: "blue pot described")
  end

  def test_followers_only
    post = write("followers")
    assert_empty seen_by(visitor, post)
    assert_empty seen_by(chloe, post)
    seen = seen_by(ben, post)
    assert_empty ["/", "/@alice?replies=1", "/posts/#{@public}", "/posts/#{post}", "/compose?reply_to=#{post}"] - seen
    assert_empty ["/tags/secret", "/@alice/feed.atom"] & seen
    ben.act("/@alice/unfollow")
    assert_empty seen_by(ben, post)
  end

  def test_a_request_to_follow_shows_nothing_yet
    alice.act("/settings", locked: "on")
    post = write("followers")
    chloe.act("/@alice/follow")
    assert_empty seen_by(chloe, post)
  end

  def test_direct
    post = write("direct", "@chloe #{SECRET}")
    assert_empty seen_by(visitor, post)
    assert_empty seen_by(ben, post)
    seen = seen_by(chloe, post)
    assert_empty ["/notifications", "/posts/#{post}"] - seen
    assert_empty ["/local", "/@alice", "/@alice?replies=1", "/tags/secret", "/@alice/feed.atom"] & seen
    assert_includes alice.page("/"), SECRET
  end

  def test_a_hidden_post_answers_as_a_missing_one
    post = write("followers")
    %w[like unlike boost unboost edit delete].each do |action|
      hidden, missing = [post, 999].map do |number|
        answer = chloe.send_form("/posts/#{number}/#{action}", { text: "x" })
        [answer.status, answer.body.gsub(/value="[^"]*"/, "")]
      end
      assert_equal 404, hidden[0], action
      assert_equal missing, hidden
    end
    assert_equal 404, chloe.send_form("/posts", { text: "re", reply_to: post }).status
    assert_equal 400, ben.send_form("/posts/#{post}/boost").status
  end

  def test_a_reply_in_a_hidden_thread_stays_hidden
    post = write("followers", "a question")
    answer = ben.write("@alice #{SECRET}", reply_to: post, visibility: "direct")
    remark = alice.write("public remark below", reply_to: post)
    open_answer = ben.write("an open answer", reply_to: @public)
    alice.write("@ben #{SECRET}", reply_to: open_answer, visibility: "direct")
    assert_includes ben.page("/posts/#{@public}"), SECRET
    assert_includes chloe.page("/posts/#{@public}"), "an open answer"
    assert_includes alice.page("/posts/#{post}"), SECRET
    assert_empty seen_by(chloe, answer)
    page = chloe.page("/posts/#{remark}")
    refute_includes page, "a question"
    assert_includes page, "The beginning of this thread is gone, or not for everyone"
  end

  def test_counts_do_not_tell_of_hidden_replies
    chloe.page("/local") # reads the welcome
    before, after = Array.new(2) do |n|
      write("direct") if n == 1
      chloe.page("/posts/#{@public}").gsub(/name="csrf" value="[^"]*"/, "")
    end
    assert_equal before, after
  end

  def test_one_who_is_named_later_sees_it_then
    post = write("direct")
    chloe.page("/posts/#{post}", 404)
    alice.act("/posts/#{post}/edit", text: "@chloe #{SECRET}", alt_0: "")
    chloe.page("/posts/#{post}")
    alice.act("/posts/#{post}/edit", text: SECRET, alt_0: "")
    chloe.page("/posts/#{post}", 404)
    refute_includes chloe.page("/notifications"), SECRET
  end
end
