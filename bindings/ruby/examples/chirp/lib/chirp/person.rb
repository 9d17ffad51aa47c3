# frozen_string_literal: true

require "json"
require_relative "clock"
require_relative "html"
require_relative "text"

module Chirp
  # A line of a profile: a name, and a value in plain text.
  Field = Struct.new(:name, :value)

  # One row of people, without the password. A person from elsewhere has a `uri`.
  Person = Struct.new(
    :id, :name, :domain, :uri, :url, :display_name, :bio, :bio_html, :avatar, :fields, :language, :locked,
    :discoverable, :federated, :created, keyword_init: true
  ) do
    # A Person from a row that has all columns of people.
    def self.from(row)
      new(
        **row.slice(*members.map(&:to_s)).transform_keys(&:to_sym),
        fields: JSON.parse(row["fields"]).map { |field| Field.new(field["name"], field["value"]).freeze }.freeze,
        locked: row["locked"] == 1, discoverable: row["discoverable"] == 1, federated: row["federated"] == 1,
        created: Clock.read(row["created"])
      ).freeze
    end

    # Whether this person signed up here.
    def local? = uri.nil?

    def locked? = locked
    def discoverable? = discoverable
    def federated? = federated

    # "@alice" for own people, "@bob@site.example" for others.
    def handle = domain.empty? ? "@#{name}" : "@#{name}@#{domain}"

    # The handle that works anywhere: "@alice@chirp.example".
    def full_handle = domain.empty? ? "@#{name}@#{Chirp.settings.home}" : handle

    # The profile page here.
    def path = "/#{handle}"

    def shown_name = display_name.empty? ? name : display_name

    # The bio as Html. Markup from elsewhere was sanitised before Elsewhere.upsert_person took it.
    def bio_markup = bio_html ? Html.new(bio_html) : Text.to_html(bio)

    # Names and values as Html. Own links say rel="me": whoever they lead to can point back.
    def field_markup
      rel = "#{"me " if local?}nofollow noopener"
      fields.map { |field| [field.name, Text.to_html(field.value, link_rel: rel)] }
    end
  end
end
