# frozen_string_literal: true

# The lists of the store, page by page: who follows whom, and the inboxes behind.
module Fedigraft
  module Store
    # Pages of the table of follows.
    # @api private
    module Lists
      PAGE = 100

      # The columns are fixed here, the key and the cursor are parameters.
      COLUMNS = {
        "followers" => ["follower", "followee = ? AND state = 'accepted'"],
        "following" => ["followee", "follower = ? AND state = 'accepted'"],
        "local_followers" => ["follower", "followee = ? AND state = 'accepted'"],
        "inboxes" => ["inbox", "followee = ? AND state = 'accepted' AND inbox IS NOT NULL"]
      }.freeze
      COUNTED = %w[followers following].freeze

      module_function

      # One page of a list, ascending; the cursor is the last item of the page before.
      def page(session, wanted)
        column, where = COLUMNS.fetch(wanted.name)
        found = session.rows(
          "SELECT DISTINCT #{column} FROM fedigraft_follows WHERE #{where} AND #{column} > ? " \
          "ORDER BY #{column} LIMIT #{PAGE + 1}", [wanted.key, wanted.cursor || ""]
        )
        items = found.first(PAGE).map(&:first)
        page = { "items" => items, "next" => (items.last if found.size > PAGE) }
        if COUNTED.include?(wanted.name)
          page["total"] = session.row("SELECT COUNT(*) FROM fedigraft_follows WHERE #{where}", [wanted.key]).first
        end
        page
      end
    end
  end
end
