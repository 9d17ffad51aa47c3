# frozen_string_literal: true

# fedigraft grafts federation (ActivityPub) onto the server you already have.
#
# +Fedigraft::Federation+ is the friendly face: it joins your users, posts and database to the fediverse. Below it lie
# the parts it is made of, each useful alone: +PrivateKey+ and +Fedigraft.sign+ to sign a request, +Fedigraft.verify+
# and +Fedigraft.explain+ to judge one, +Instance+ to render and to open exchanges, +Network+ to fetch.
module Fedigraft
end

require_relative "fedigraft/version"
require_relative "fedigraft/federation"
require_relative "fedigraft/reading"
require_relative "fedigraft/signing"
require_relative "fedigraft/rack"
require_relative "fedigraft/railtie" if defined?(Rails::Railtie)
