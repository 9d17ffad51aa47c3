# frozen_string_literal: true

require "fileutils"
require "securerandom"
require_relative "events"
require_relative "pictures"
require_relative "post"

module Chirp
  # Uploaded pictures: stored in one folder under names nobody can guess, served under URLs that never change.
  #
  # The name is the permission: a picture of a followers-only post is reachable for those who were given its URL, as
  # it is on other sites. Files follow the database: gone when the transaction is, deleted with their post.
  module MediaFolder
    MAX_BYTES = 5 * 1024 * 1024
    MAX_ALT = 1500
    PREFIX = "/media/"
    TYPES = { "png" => "image/png", "jpg" => "image/jpeg", "gif" => "image/gif", "webp" => "image/webp" }.freeze

    class << self
      # The picture that came with a form (a Rack upload); nil when the field was left empty. Raises NotAPicture.
      def read(upload)
        return unless upload.is_a?(Hash) && upload[:tempfile]

        data = upload[:tempfile].read(MAX_BYTES + 1).to_s
        if data.bytesize > MAX_BYTES
          raise Pictures::NotAPicture, "A picture may have at most #{MAX_BYTES / 1024 / 1024} MB."
        end

        Pictures.read(data)
      end

      # Writes a picture into the folder, within a transaction: if that is rolled back, the file goes too.
      def save(db, picture, alt = "")
        name = "#{SecureRandom.urlsafe_base64(18)}.#{picture.extension}"
        path = path(name)
        FileUtils.mkdir_p(File.dirname(path))
        File.binwrite(path, picture.data)
        db.after_rollback { FileUtils.rm_f(path) }
        Media.new(PREFIX + name, picture.media_type, alt.strip[0, MAX_ALT], picture.width, picture.height)
      end

      # Deletes the file behind a URL of ours once the open transaction is committed.
      def discard(db, url)
        return unless url&.start_with?(PREFIX)

        path = path(url.delete_prefix(PREFIX))
        db.after_commit { FileUtils.rm_f(path) }
      end

      # Where a file with this name stands.
      def path(name) = File.join(Chirp.settings.media, File.basename(name))
    end

    Events.on(:post_deleted) do |db:, post:|
      post.media.each { |item| discard(db, item.url) }
    end
  end
end
