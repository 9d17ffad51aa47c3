# frozen_string_literal: true

# chirp, a small microblog: `ruby chirp.rb init-db`, `ruby chirp.rb serve`; in other programs `require_relative "chirp"`.

require_relative "lib/chirp"

Chirp::Commands.run(ARGV) if $PROGRAM_NAME == __FILE__
