# frozen_string_literal: true

module Chirp
  # Pictures as bytes: which of the four formats it is, how large, and a copy without what the camera wrote.
  #
  # The format is told by the first bytes alone, never by a file name. Photographs carry the place they were taken
  # (EXIF, XMP, text chunks): `read` leaves that out and keeps only the orientation of a JPEG.
  module Pictures
    MAX_SIDE = 10_000
    UPRIGHT = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0%c\0\0\0\0\0\0".b.freeze
    PNG = "\x89PNG\r\n\x1A\n".b.freeze
    PNG_NOTES = %w[eXIf tEXt zTXt iTXt tIME].freeze
    JPEG_NOTES = [0xE1, 0xED, 0xFE].freeze # EXIF and XMP, IPTC, comment
    JPEG_FRAMES = ([*0xC0..0xCF] - [0xC4, 0xC8, 0xCC]).freeze

    # The bytes are no picture that chirp takes. The message is for the person who sent it.
    class NotAPicture < Refused; end

    # A picture to store. Width and height are in pixels, as shown.
    Picture = Struct.new(:data, :media_type, :extension, :width, :height)

    class << self
      # Recognises and cleans a PNG, JPEG, GIF or WebP. Raises NotAPicture.
      def read(data)
        picture = recognise(data.b)
        return picture if [picture.width, picture.height].all? { |side| side.between?(1, MAX_SIDE) }

        raise NotAPicture, "A picture may be at most #{MAX_SIDE} pixels wide and high."
      end

      private

      def recognise(data)
        case data
        when /\A#{PNG}/n then png(data)
        when /\A\xFF\xD8\xFF/n then jpeg(data)
        when /\AGIF8[79]a/n then Picture.new(data, "image/gif", "gif", *numbers(data, 6, "vv"))
        when /\ARIFF.{4}WEBP/mn then webp(data)
        else raise NotAPicture, "That file is not a PNG, JPEG, GIF or WebP picture."
        end
      end

      # The numbers (or bytes) at a position, by a format of String#unpack.
      def numbers(data, position, format)
        found = position <= data.bytesize ? data.unpack(format, offset: position) : [nil]
        found.include?(nil) ? damaged : found
      end

      # So many bytes from a position on.
      def bytes(data, position, length)
        found = data.byteslice(position, length)
        found&.bytesize == length ? found : damaged
      end

      def damaged = raise(NotAPicture, "That picture is damaged.")

      def png(data)
        kept = PNG.dup
        position = kept.bytesize
        size = [0, 0]
        until position >= data.bytesize
          length, = numbers(data, position, "N")
          chunk = bytes(data, position, 12 + length)
          kind = chunk.byteslice(4, 4)
          size = numbers(chunk, 8, "NN") if kind == "IHDR"
          kept << chunk unless PNG_NOTES.include?(kind)
          position += chunk.bytesize
          break if kind == "IEND"
        end
        Picture.new(kept, "image/png", "png", *size)
      end

      def jpeg(data)
        kept = "".b
        position = 2
        size = [0, 0]
        orientation = 1
        while (marker, = numbers(data, position, "xC")) && data.getbyte(position) == 0xFF
          next position += 1 if marker == 0xFF # a fill byte

          length, = numbers(data, position + 2, "n")
          damaged if length < 2
          segment = bytes(data, position, 2 + length)
          orientation = orientation_in(segment.byteslice(10..)) if marker == 0xE1 && segment[4, 6] == "Exif\0\0"
          size = numbers(segment, 5, "nn").reverse if JPEG_FRAMES.include?(marker)
          kept << segment unless JPEG_NOTES.include?(marker)
          position += segment.bytesize
          break kept << data.byteslice(position..) if marker == 0xDA # the scan: the picture itself
        end
        size.reverse! if orientation >= 5 # lying on its side
        Picture.new("\xFF\xD8".b << upright(orientation) << kept, "image/jpeg", "jpg", *size)
      end

      # An EXIF segment that tells the orientation and nothing else.
      def upright(orientation)
        return "" if orientation == 1

        body = format(UPRIGHT, orientation)
        "\xFF\xE1".b << [body.bytesize + 2].pack("n") << body
      end

      # The orientation tag (274) of EXIF, 1 to 8.
      def orientation_in(tiff)
        short, long = tiff.start_with?("MM") ? %w[n N] : %w[v V]
        start, = numbers(tiff, 4, long)
        count, = numbers(tiff, start, short)
        [count, 100].min.times do |index|
          tag, _kind, _count, value = numbers(tiff, start + 2 + (12 * index), "#{short}2#{long}#{short}")
          return value.between?(1, 8) ? value : 1 if tag == 274
        end
        1
      end

      def webp(data)
        kept = "WEBP".b
        position = 12
        size = nil
        while position + 8 <= data.bytesize
          kind, length = numbers(data, position, "a4V")
          chunk = data.byteslice(position, 8 + length + (length % 2))
          size = webp_size(kind, chunk) || size if kind == "VP8X" || size.nil?
          chunk.setbyte(8, chunk.getbyte(8) & ~0x0C) if kind == "VP8X" # no EXIF (8) and no XMP (4) any more
          kept << chunk unless ["EXIF", "XMP "].include?(kind)
          position += 8 + length + (length % 2)
        end
        Picture.new("RIFF".b << [kept.bytesize].pack("V") << kept, "image/webp", "webp", *(size || [0, 0]))
      end

      # The size that a chunk of a WebP tells, if it does.
      def webp_size(kind, chunk)
        case kind
        when "VP8X"
          width, width_high, height, height_high = numbers(chunk, 12, "vCvC")
          [1 + width + (width_high << 16), 1 + height + (height_high << 16)]
        when "VP8 " then numbers(chunk, 14, "vv").map { |side| side & 0x3FFF }
        when "VP8L"
          bits, = numbers(chunk, 9, "V")
          [(bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1]
        end
      end
    end
  end
end
