# frozen_string_literal: true

require "time"

module Chirp
  # Times: Time in UTC with whole seconds, stored as RFC 3339 text ("2025-06-01T12:34:56Z") that sorts.
  module Clock
    EARLIEST = Time.utc(1)
    UNITS = [[60, 0, ""], [3600, 60, "m"], [86_400, 3600, "h"], [604_800, 86_400, "d"]].freeze

    module_function

    def now = Time.at(Time.now.to_i).utc

    # A time as stored.
    def text(moment) = moment.getutc.strftime("%Y-%m-%dT%H:%M:%SZ")

    # The present time as stored.
    def stamp = text(now)

    # A stored time.
    def read(stored) = Time.iso8601(stored)

    # A time from elsewhere. A missing, impossible or future one counts as now.
    def past(moment)
      moment&.between?(EARLIEST, now) ? Time.at(moment.to_i).utc : now
    end

    # How long ago, as people say it: "now", "5m", "3h", "2d", "3 Mar", "3 Mar 2021".
    def ago(moment)
      present = now
      seconds = [0, (present - moment).to_i].max
      _, size, unit = UNITS.find { |limit, _size, _unit| seconds < limit }
      return moment.strftime(moment.year == present.year ? "%-d %b" : "%-d %b %Y") unless size

      size.zero? ? "now" : "#{seconds / size}#{unit}"
    end

    # In words: "3 March 2025, 14:05 UTC".
    def full(moment) = moment.strftime("%-d %B %Y, %H:%M UTC")

    # The month: "March 2025".
    def month(moment) = moment.strftime("%B %Y")
  end
end
