// Package pictures knows pictures as bytes: which of the four formats it is, how large, and a copy without what
// the camera wrote.
//
// The format is told by the first bytes alone, never by a file name. Photographs carry the place they were taken
// (EXIF, XMP, text chunks): [Read] leaves that out and keeps only the orientation of a JPEG.
package pictures

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxSide is the greatest width and height in pixels.
const MaxSide = 10_000

// What is wrong with bytes that are no picture. The messages are for the person who sent them.
var (
	ErrUnknown  = errors.New("That file is not a PNG, JPEG, GIF or WebP picture.")
	ErrDamaged  = errors.New("That picture is damaged.")
	ErrTooLarge = fmt.Errorf("A picture may be at most %d pixels wide and high.", MaxSide)
)

// Picture is a picture to store. Width and height are in pixels, as shown.
type Picture struct {
	Data          []byte
	MediaType     string
	Extension     string
	Width, Height int
}

// Read recognises and cleans a PNG, JPEG, GIF or WebP.
func Read(data []byte) (*Picture, error) {
	var picture *Picture
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		picture, err = png(data)
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		picture, err = jpeg(data)
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		picture, err = gif(data)
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		picture, err = webp(data)
	default:
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	if picture.Width <= 0 || picture.Width > MaxSide || picture.Height <= 0 || picture.Height > MaxSide {
		return nil, ErrTooLarge
	}
	return picture, nil
}

func gif(data []byte) (*Picture, error) {
	if len(data) < 10 {
		return nil, ErrDamaged
	}
	width, height := binary.LittleEndian.Uint16(data[6:]), binary.LittleEndian.Uint16(data[8:])
	return &Picture{data, "image/gif", "gif", int(width), int(height)}, nil
}

func png(data []byte) (*Picture, error) {
	picture := &Picture{bytes.Clone(data[:8]), "image/png", "png", 0, 0}
	for rest := data[8:]; len(rest) > 0; {
		if len(rest) < 12 || uint64(binary.BigEndian.Uint32(rest))+12 > uint64(len(rest)) {
			return nil, ErrDamaged
		}
		chunk := rest[:12+binary.BigEndian.Uint32(rest)]
		rest = rest[len(chunk):]
		kind := string(chunk[4:8])
		if kind == "IHDR" {
			if len(chunk) < 20 {
				return nil, ErrDamaged
			}
			picture.Width = int(binary.BigEndian.Uint32(chunk[8:]))
			picture.Height = int(binary.BigEndian.Uint32(chunk[12:]))
		}
		switch kind {
		case "eXIf", "tEXt", "zTXt", "iTXt", "tIME":
		default:
			picture.Data = append(picture.Data, chunk...)
		}
		if kind == "IEND" {
			break
		}
	}
	return picture, nil
}

func webp(data []byte) (*Picture, error) {
	picture := &Picture{[]byte("RIFF\x00\x00\x00\x00WEBP"), "image/webp", "webp", 0, 0}
	for rest := data[12:]; len(rest) >= 8; {
		length := uint64(binary.LittleEndian.Uint32(rest[4:]))
		chunk := rest[:min(8+length+length%2, uint64(len(rest)))]
		rest = rest[len(chunk):]
		kind, measured := string(chunk[:4]), picture.Width != 0 || picture.Height != 0
		switch {
		case kind == "VP8X":
			if len(chunk) < 18 {
				return nil, ErrDamaged
			}
			chunk = bytes.Clone(chunk)
			chunk[8] &^= 0x0c // no EXIF (8) and no XMP (4) any more
			picture.Width = 1 + (int(chunk[12]) | int(chunk[13])<<8 | int(chunk[14])<<16)
			picture.Height = 1 + (int(chunk[15]) | int(chunk[16])<<8 | int(chunk[17])<<16)
		case kind == "VP8 " && !measured:
			if len(chunk) < 18 {
				return nil, ErrDamaged
			}
			picture.Width = int(binary.LittleEndian.Uint16(chunk[14:])) & 0x3fff
			picture.Height = int(binary.LittleEndian.Uint16(chunk[16:])) & 0x3fff
		case kind == "VP8L" && !measured:
			if len(chunk) < 13 {
				return nil, ErrDamaged
			}
			bits := binary.LittleEndian.Uint32(chunk[9:])
			picture.Width, picture.Height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		case kind == "EXIF" || kind == "XMP ":
			continue
		}
		picture.Data = append(picture.Data, chunk...)
	}
	binary.LittleEndian.PutUint32(picture.Data[4:], uint32(len(picture.Data)-8))
	return picture, nil
}
