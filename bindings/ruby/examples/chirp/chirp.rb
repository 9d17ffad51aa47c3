# frozen_string_literal: true

# chirp, a small microblog: `ruby chirp.rb init-db`, `ruby chirp.rb serve`; other programs require this file.

require_relative "lib/chirp"

Chirp::Commands.run(ARGV) if $PROGRAM_NAME == __FILE__
