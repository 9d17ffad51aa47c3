# frozen_string_literal: true

require_relative "../media_folder"
require_relative "../posts"
require_relative "../social"
require_relative "../timelines"

module Chirp
  # A post's page with its thread; writing, editing, deleting; liking and boosting.
  class App
    POST = %r{/posts/(?<id>\d{1,17})}

    # The post, what it answers, its replies, who liked and boosted it.
    get POST do
      post = shown_post
      erb :post, locals: {
        entry: Timelines.entry(db, viewer, post), thread: Timelines.thread(db, viewer, post),
        reactions: { boost: Social.boosters(db, post), heart: Social.likers(db, post) }
      }
    end

    # The form for a new post; `?reply_to=` for an answer, `?to=` for a message to somebody.
    get "/compose", auth: true do
      parent = shown_post("reply_to") if params.key?("reply_to")
      to = field("to")[/\A@.{1,199}/]
      handles = parent ? answered(parent) : [to].compact
      written = { text: handles.map { |handle| "#{handle} " }.join }
      erb :compose, locals: { parent: parent, written: written, problem: nil }
    end

    # Publish what the form brings.
    post "/posts", auth: true do
      parent = shown_post("reply_to") unless field("reply_to").empty?
      begin
        draft, pictures = draft_sent(parent)
      rescue Refused => e
        status e.status
        return erb :compose, locals: { parent: parent, written: params, problem: e.message }
      end

      post = db.transaction do
        draft.media = save_pictures(pictures)
        Posts.publish(db, viewer, draft)
      end
      redirect local_path(field("next"), post.path)
    end

    # The form to change a post.
    get %r{#{POST}/edit}, auth: true do
      post = own_post
      written = { text: post.text, warning: post.warning, language: post.language, sensitive: post.sensitive }
      erb :edit, locals: { post: post, written: written, problem: nil }
    end

    # Change a post: its words, its warning, its pictures and their descriptions.
    post %r{#{POST}/edit}, auth: true do
      post = own_post
      begin
        kept = kept_media(post)
        text = text_sent
        pictures = pictures_sent(Posts::MAX_PICTURES - kept.size)
        raise Refused, "A post needs some words or a picture." if text.empty? && kept.empty? && pictures.empty?
      rescue Refused => e
        status e.status
        return erb :edit, locals: { post: post, written: params, problem: e.message }
      end

      db.transaction do
        (post.media.map(&:url) - kept.map(&:url)).each { |url| MediaFolder.discard(db, url) }
        Posts.edit(db, post, text: text, warning: warning_sent, sensitive: ticked?("sensitive"),
                             language: language_sent, media: kept + save_pictures(pictures))
      end
      redirect post.path
    end

    # Ask before deleting.
    get %r{#{POST}/delete}, auth: true do
      erb :delete, locals: { entry: Timelines.entry(db, viewer, own_post) }
    end

    # Delete a post for good.
    post %r{#{POST}/delete}, auth: true do
      post = own_post
      db.transaction { Posts.delete(db, post) }
      flash "The post is deleted."
      redirect "/"
    end

    # Like or boost a post, or take that back.
    post %r{#{POST}/(?<action>like|unlike|boost|unboost)}, auth: true do
      post = shown_post
      db.transaction { Social.public_send(params["action"], db, viewer, post) }
      back = local_path(field("next"), post.path)
      redirect back.include?("#") ? back : "#{back}#post-#{post.id}"
    end

    helpers do
      private

      # The post whose number is in the path, or in a field, if the viewer may see it.
      def shown_post(field = "id") = found(Posts.visible(db, viewer, number(field)))

      def own_post
        shown_post.tap do |post|
          raise Refused.new("Only the author can change a post.", status: 403) unless post.author.id == viewer.id
        end
      end

      # The handles that an answer begins with: the author and whom they mentioned, but not oneself.
      def answered(parent)
        [parent.author, *parent.mentions].reject { |person| person.id == viewer.id }.map(&:handle).uniq
      end

      # The draft that the form brings, and the pictures with it.
      def draft_sent(parent)
        text = text_sent
        pictures = pictures_sent(Posts::MAX_PICTURES)
        raise Refused, "Write something, or add a picture." if text.empty? && pictures.empty?

        visibility = params.key?("visibility") ? field("visibility") : "public"
        raise Refused, "Choose who may see it." unless Posts::VISIBILITIES.include?(visibility)

        [Draft.new(text: text, warning: warning_sent, sensitive: ticked?("sensitive"), visibility: visibility,
                   language: language_sent, reply_to: parent), pictures]
      end

      def text_sent
        text = field("text").gsub("\r\n", "\n").strip
        return text if text.length <= site.post_length

        raise Refused, "That is #{text.length} characters; a post may have #{site.post_length}."
      end

      def warning_sent = field("warning").split.join(" ")[0, 200]

      def language_sent = LANGUAGES.key?(field("language")) ? field("language") : viewer.language

      # Pairs of a picture and its description.
      def pictures_sent(limit)
        sent = Array.new(Posts::MAX_PICTURES) do |n|
          picture = MediaFolder.read(params["picture_#{n}"])
          [picture, field("picture_alt_#{n}")] if picture
        end.compact
        raise Refused, "A post may have #{Posts::MAX_PICTURES} pictures." if sent.size > limit

        sent
      end

      def save_pictures(pictures) = pictures.map { |picture, alt| MediaFolder.save(db, picture, alt) }

      # What stays attached to a post, with the descriptions that the form brings.
      def kept_media(post)
        post.media.each_with_index.filter_map do |item, n|
          next if ticked?("remove_#{n}")

          item.dup.tap { |kept| kept.alt = field("alt_#{n}").strip[0, MediaFolder::MAX_ALT] }
        end
      end
    end
  end
end
