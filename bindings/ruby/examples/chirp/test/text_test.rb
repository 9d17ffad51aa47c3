# frozen_string_literal: true

require_relative "helper"

# Plain text to HTML: what becomes a link, and what does not.
class TextTest < Minitest::Test
  PAIRS = {
    "a & <b>" => "<p>a &amp; &lt;b&gt;</p>",
    "one\ntwo\n\n\nthree" => "<p>one<br>\ntwo</p>\n<p>three</p>",
    "hi @alice!" => '<p>hi <a href="/@alice" class="mention" title="@alice">@alice</a>!</p>',
    "hi @nobody" => "<p>hi @nobody</p>",
    "x@alice.com /@alice" => "<p>x@alice.com /@alice</p>",
    "#one#two #3 &#4x;" => '<p><a href="/tags/one" class="tag">#one</a>#two #3 &amp;#4x;</p>',
    "(#Ünï_1)" => '<p>(<a href="/tags/ünï_1" class="tag">#Ünï_1</a>)</p>',
    "@Bob.b@Remote.Example:8080." =>
      '<p><a href="/@Bob.b@remote.example:8080" class="mention" title="@Bob.b@remote.example:8080">@Bob.b</a>.</p>',
    '(see https://a.example/x_(y)?a=1&b=2#@alice).' =>
      '<p>(see <a href="https://a.example/x_(y)?a=1&amp;b=2#@alice" rel="nofollow noopener">' \
      'a.example/x_(y)?a=1&amp;b=2#@alice</a>).</p>',
    'https://a.example/"><script>' =>
      '<p><a href="https://a.example/" rel="nofollow noopener">a.example</a>&quot;&gt;&lt;script&gt;</p>',
    "javascript:alert(1) data:x ftp://a.example" => "<p>javascript:alert(1) data:x ftp://a.example</p>",
    "" => ""
  }.freeze

  def test_to_html
    PAIRS.each { |plain, html| assert_equal html, Chirp::Text.to_html(plain, ["alice"]).to_s }
  end

  def test_mentions_and_hashtags
    words = "@alice @alice @bob@a.example #One #one https://x.example/@not#no mail@x.example @bob@127.0.0.1:5001"
    assert_equal %w[@alice @bob@a.example @bob@127.0.0.1:5001], Chirp::Text.mentions(words)
    assert_equal %w[one], Chirp::Text.hashtags(words)
  end

  def test_text_of_any_kind_takes_little_time
    ["@a", "#a", "https://", "@a.", "@a@a.", "(", "a@", "@a-"].each { |piece| Chirp::Text.to_html(piece * 20_000) }
  end

  def test_times
    clock = Chirp::Clock
    west = Time.new(2024, 2, 29, 23, 59, 59.999r, "-01:00")
    assert_equal "2024-03-01T00:59:59Z", clock.text(clock.past(west))
    assert_equal "2024-02-29T12:00:00Z", clock.text(clock.read("2024-02-29T12:00:00Z"))
    present = clock.now
    [nil, Time.utc(-1), Time.utc(20_000), Time.utc(2999)].each { |odd| assert_operator clock.past(odd), :>=, present }
    assert_equal ["now", "3 Mar 2021"], [clock.ago(present), clock.ago(clock.read("2021-03-03T00:00:00Z"))]
    assert_equal %w[5m 3h 2d], ([300, 10_800, 172_800].map { |seconds| clock.ago(clock.now - seconds) })
  end

  def test_html_is_escaped_once
    inner = Chirp::Html.format("<b>%s</b>", "<&>")
    assert_equal "<p><b>&lt;&amp;&gt;</b> &lt;</p>", Chirp::Html.format("<p>%s %s</p>", inner, "<").to_s
    assert_equal "a < b", Chirp::Html.new("<p>a &lt;\n <!-- no --> <i>b</i></p>").plain
  end
end
