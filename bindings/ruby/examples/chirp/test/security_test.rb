# frozen_string_literal: true

require_relative "helper"

# Forged requests, markup in every field, files that are no pictures, and the headers that hold the line.
class SecurityTest < SiteTest
  NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"

  def test_every_form_needs_its_token
    ben
    post = alice.write("Mine")
    forms = %w[/signup /login /logout /settings /settings/password /posts /@ben/follow /@ben/unfollow
               /@ben/remove-follower /requests/2/accept /requests/2/decline]
    forms += %w[edit delete like unlike boost unboost].map { |action| "/posts/#{post}/#{action}" }
    assert_empty uncovered(forms), "a form that this test does not know"
    forms.product([{}, { csrf: "" }, { csrf: "guess" }, { csrf: "é" }, { csrf: { a: "b" } }]) do |path, form|
      alice.post(path, { text: "forged", **form })
      assert_equal 400, alice.last_response.status, path
      assert_includes alice.last_response.body, "expired"
    end
    refute_includes alice.page("/local"), "forged"
    refute_includes alice.page("/posts/#{post}"), "Liked by"
    alice.post("/posts", { text: "forged", csrf: ben.follow("/login")[/name="csrf" value="([^"]+)"/, 1] })
    assert_equal 400, alice.last_response.status, "the token of another session"
  end

  # The POST routes that none of these paths meets.
  def uncovered(paths)
    patterns = Chirp::App.routes["POST"].map(&:first)
    assert_operator patterns.size, :>, 10
    patterns.reject { |pattern| paths.any? { |path| pattern.match(path) } }
  end

  def test_a_token_from_before_the_login_is_dropped
    alice
    before = visitor.follow("/login")[/name="csrf" value="([^"]+)"/, 1]
    visitor.post("/login", { name: "alice", password: "correct horse", csrf: before })
    visitor.post("/posts", { text: "forged", csrf: before })
    assert_equal 400, visitor.last_response.status
    assert_equal "Mine", visitor.page("/posts/#{visitor.write("Mine")}")[/Mine/]
  end

  def test_a_form_sent_by_another_site_is_refused
    token = alice.follow("/compose")[/name="csrf" value="([^"]+)"/, 1]
    alice.post("/posts", { text: "forged", csrf: token }, "HTTP_ORIGIN" => "https://evil.example")
    assert_equal 400, alice.last_response.status
    refute_includes Visitor.new(app).page("/local"), "forged"
  end

  def test_markup_is_shown_never_run
    ben && alice.act("/settings", display_name: NASTY[0, 60], bio: NASTY, field_name_0: NASTY[0, 40],
                                  field_value_0: NASTY, field_name_1: "x", field_value_1: "javascript:alert(1)",
                                  discoverable: "on")
    post = alice.write("#{NASTY} @ben https://x.example/\"onmouseover=alert(3) javascript:alert(4) #a<b>",
                       warning: NASTY, picture_0: file(png, NASTY), picture_alt_0: NASTY)
    ben.write("@alice #{NASTY}", reply_to: post)
    ben.act("/posts/#{post}/like")
    nasty = Rack::Utils.escape(NASTY)
    paths = ["/local", "/@alice", "/@alice/followers", "/posts/#{post}", "/search?q=#{nasty}", "/search?q=script",
             "/tags/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/compose?to=@#{nasty}", "/login?next=#{nasty}&name=#{nasty}",
             "/settings", "/posts/#{post}/edit", "/posts/#{post}/delete", "/notifications"]
    paths.product([alice, ben, visitor]) { |path, who| assert_harmless(who.follow(path), path) }
    refused = alice.send_form("/posts", { text: NASTY * 30, warning: NASTY })
    assert_equal 400, refused.status
    assert_harmless(refused.body, "/posts")
  end

  def assert_harmless(page, path)
    refute_includes page, "<script", path
    refute_includes page, "<img src=x", path
    refute_includes page, 'href="javascript:', path
    refute_match(/<[^>"]*("[^"]*"[^>"]*)*\son\w+=/, page, path)
  end

  def test_templates_escape_all_but_the_page_in_its_frame
    templates = Dir.glob(File.join(Chirp::ROOT, "views/**/*.erb"))
    assert_operator templates.size, :>, 20
    unescaped = templates.flat_map { |path| File.readlines(path, encoding: "UTF-8").grep(/<%==/).map(&:strip) }
    assert_equal ["<%== yield %>"], unescaped
  end

  def test_headers
    ["/local", "/login", "/nothing", "/static/chirp.css"].each do |path|
      headers = visitor.fetch(path).headers
      policy = headers["Content-Security-Policy"]
      ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"].each do |part|
        assert_includes policy, part
      end
      refute_match(/script-src|unsafe/, policy)
      assert_equal "nosniff", headers["X-Content-Type-Options"]
    end
    cookie = Visitor.new(app).fetch("/login").headers["Set-Cookie"]
    assert_match(/HttpOnly/, cookie)
    assert_match(/SameSite=Lax/, cookie)
    refute_match(/secure/i, cookie)
  end

  def test_pages_bring_no_script_and_no_inline_style
    post = alice.write("Hello", warning: "w", picture_0: file)
    ["/", "/posts/#{post}", "/compose", "/settings", "/@alice", "/notifications", "/search"].each do |path|
      refute_match(/<script| style=|<style/, alice.page(path))
    end
  end

  def test_the_cookie_is_secure_behind_https
    Chirp.configure({}, origin: "https://chirp.example/", database: "#{@folder}/x.sqlite")
    cookie = Visitor.new(Chirp::App.new).fetch("/login").headers["Set-Cookie"]
    assert_match(/; secure/i, cookie)
    path = "#{@folder}/x.sqlite.key"
    assert_equal [0o600, 64], [File.stat(path).mode & 0o777, File.size(path)]
    assert_equal File.read(path), Chirp.configure({}, database: "#{@folder}/x.sqlite").session_key
  end

  def test_a_forged_cookie_is_no_session
    alice
    ["x", "abc--def--ghi", "e30="].each do |value|
      forger = Visitor.new(app)
      forger.set_cookie("chirp=#{value}")
      assert_equal 302, forger.fetch("/settings").status
    end
  end

  NO_PICTURES = [
    "", "plain text", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "<html><script>alert(1)</script>",
    "%PDF-1.7", "\x89PNG\r\n\x1A\n", "\x89PNG\r\n\x1A\n\0\0\xFF\xFFIHDR", "\xFF\xD8\xFF", "\xFF\xD8\xFF\xE1\0\x01",
    "\xFF\xD8\xFF\xE1\0\x10Exif\0\0MM\0*\xFF\xFF\xFF\xFF", "\xFF\xD8\xFF\xE1\0\x08Exif\0\0", "GIF89a",
    "RIFF\0\0\0\0WEBP", "RIFF\0\0\0\0WEBPVP8 ", "RIFF\0\0\0\0WEBPVP8X\0\0\0\0", "\x89PNG\r\n\x1A\n\0\0\0\0IEND"
  ].freeze

  def test_what_is_no_picture_is_refused
    [*NO_PICTURES, png(0, 0), png(20_000, 1)].each do |data|
      answer = alice.send_form("/posts", { text: "look", picture_0: file(data, "photo.png") })
      assert_equal 400, answer.status, data.inspect
      assert_includes answer.body, "picture"
      assert_includes answer.body, "look</textarea>", "what was written must not be lost"
      assert_equal 400, alice.send_form("/settings", { avatar: file(data) }).status
    end
    refute_includes alice.page("/local"), "look"
    assert_empty files
  end

  def test_too_large_a_picture_is_refused
    answer = alice.send_form("/posts", { text: "look", picture_0: file(png << ("\0" * (5 << 20))) })
    assert_equal 400, answer.status
    assert_includes answer.body, "at most 5 MB"
    alice.post("/posts", { picture_0: file("\0" * (21 << 20)) })
    assert_equal 413, alice.last_response.status
    assert_includes alice.last_response.body, "too large"
  end

  def test_a_file_name_leads_nowhere
    alice.write("x", picture_0: file(png, "../../../evil.html"))
    assert_match(/\A[\w-]{24}\.png\z/, File.basename(files.fetch(0)))
    ["/media/../chirp.sqlite", "/media/..%2fchirp.sqlite", "/media/x.html", "/media/.png"].each do |path|
      assert_equal 404, visitor.fetch(path).status, path
    end
  end

  def test_a_failed_transaction_leaves_no_file
    on(:post_published) { |**| raise "no" }
    assert_equal 500, alice.send_form("/posts", { text: "gone", picture_0: file }).status
    refute_includes alice.page("/local"), "gone"
    assert_empty files
  end

  def test_a_photograph_keeps_its_orientation_and_nothing_else
    tiff = "II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x25\x88\x04\0\x01\0\0\0\x1A\0\0\0GPS 47.1 N".b
    exif = "Exif\0\0".b << tiff
    segment = "\xFF\xE1".b << [exif.bytesize + 2].pack("n") << exif
    frame = "\xFF\xC0\0\x0B\x08\0\x64\0\xC8\x01\x01\x11\0".b
    scan = "\xFF\xDA\0\x08\x01\x01\0\0\x3F\0pixels\xFF\xD9".b
    picture = Chirp::Pictures.read("\xFF\xD8".b << segment << frame << scan)
    assert_equal [100, 200], [picture.width, picture.height], "200 x 100, lying on its side"
    refute_includes picture.data, "GPS"
    assert picture.data.end_with?(frame + scan)
    assert_equal picture, Chirp::Pictures.read(picture.data)
  end

  def test_webp_and_gif_sizes
    assert_equal 7, Chirp::Pictures.read("GIF89a\x05\0\x07\0#{"\0" * 20}").height
    body = "WEBPVP8X\x0A\0\0\0\x0C\0\0\0\x63\0\0\x31\0\0EXIF\x04\0\0\0GPS!".b
    picture = Chirp::Pictures.read("RIFF".b << [body.bytesize].pack("V") << body)
    assert_equal [100, 50], [picture.width, picture.height]
    refute_includes picture.data, "GPS"
    assert_equal 0, picture.data.getbyte(20)
  end

  def test_passwords_are_stored_as_werkzeug_does
    stored = "scrypt:32768:8:1$9sBvPJffCcQ8F0cj$233bed39b54231563cf8ccc8e7a8164b1dc9c23382d681af5790e50a49103a2c" \
             "5be32aac8c065df075f73392fc0207619354ced2b0d8a74911e28d4d1bee3c04"
    assert Chirp::Password.right?(stored, "x")
    refute Chirp::Password.right?(stored, "y")
    assert_match(/\Ascrypt:1024:8:1\$[A-Za-z0-9]{16}\$\h{128}\z/, Chirp::Password.hash("x"))
  end

  def test_a_person_from_elsewhere_cannot_log_in
    writing { |db| Chirp::Elsewhere.upsert_person(db, uri: "https://r.example/bob", handle: "@bob@r.example") }
    ["bob", "@bob@r.example", "bob@r.example"].each do |name|
      assert_equal 401, visitor.send_form("/login", { name: name, password: "correct horse" }).status
    end
  end

  def test_bytes_that_are_no_text_break_nothing
    ["/tags/%FF%FE", "/search?q=%FF%23%00", "/search?q[]=x", "/?older=%FF&older[a]=b", "/login?next[]=%FF", "/@%FF",
     "/compose?to=@%FF", "/compose?reply_to=99999999999999999999"].each do |path|
      assert_operator alice.fetch(path).status, :<, 500, path
    end
    assert_operator alice.send_form("/posts", { text: "a\xFF\0b".b, warning: { a: "b" } }).status, :<, 500
    assert_includes alice.page("/local"), "a\u{FFFD}b"
  end
end
