# frozen_string_literal: true

module Chirp
  # Uploaded pictures.
  class App
    # A stored picture, with nothing in it that a browser would run.
    get %r{/media/([\w-]+\.(\w+))} do |name, extension|
      type = found(MediaFolder::TYPES[extension])
      headers "Content-Security-Policy" => "default-src 'none'; sandbox"
      cache_control :public, :immutable, max_age: 31_536_000
      send_file(MediaFolder.path(name), type: type)
    end
  end
end
