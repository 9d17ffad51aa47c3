# frozen_string_literal: true

require_relative "helper"
require "rexml/document"

# Posts: threads, pictures, warnings, edits, likes, hashtags, the feed.
class PostsTest < SiteTest
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
end
