# frozen_string_literal: true

module Chirp
  # The languages one can write in, as their speakers call them.
  LANGUAGES = {
    "ar" => "العربية",
    "cs" => "Čeština",
    "da" => "Dansk",
    "de" => "Deutsch",
    "el" => "Ελληνικά",
    "en" => "English",
    "es" => "Español",
    "fi" => "Suomi",
    "fr" => "Français",
    "it" => "Italiano",
    "ja" => "日本語",
    "ko" => "한국어",
    "nl" => "Nederlands",
    "no" => "Norsk",
    "pl" => "Polski",
    "pt" => "Português",
    "ru" => "Русский",
    "sv" => "Svenska",
    "tr" => "Türkçe",
    "uk" => "Українська",
    "zh" => "中文"
  }.freeze
end
