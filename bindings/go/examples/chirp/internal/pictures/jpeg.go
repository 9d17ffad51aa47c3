package pictures

import (
	"encoding/binary"
	"slices"
)

// upright is an EXIF segment with nothing in it but the orientation tag.
func upright(orientation byte) []byte {
	body := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"),
		orientation, 0, 0, 0, 0, 0, 0)
	return append([]byte{0xff, 0xe1, 0, byte(len(body) + 2)}, body...)
}

func jpeg(data []byte) (*Picture, error) {
	picture := &Picture{slices.Clone(data[:2]), "image/jpeg", "jpg", 0, 0}
	orientation := byte(1)
	for position := 2; ; {
		if position+4 > len(data) {
			return nil, ErrDamaged
		}
		if data[position] != 0xff {
			break
		}
		marker := data[position+1]
		if marker == 0xff { // a fill byte
			position++
			continue
		}
		length := int(binary.BigEndian.Uint16(data[position+2:]))
		if length < 2 || position+2+length > len(data) {
			return nil, ErrDamaged
		}
		segment := data[position : position+2+length]
		position += len(segment)
		switch {
		case marker == 0xe1 && len(segment) >= 10 && string(segment[4:10]) == "Exif\x00\x00":
			found, ok := orientationOf(segment[10:])
			if !ok {
				return nil, ErrDamaged
			}
			orientation = found
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if len(segment) < 9 {
				return nil, ErrDamaged
			}
			picture.Height = int(binary.BigEndian.Uint16(segment[5:]))
			picture.Width = int(binary.BigEndian.Uint16(segment[7:]))
		}
		if marker != 0xe1 && marker != 0xed && marker != 0xfe { // EXIF and XMP, IPTC, comment
			picture.Data = append(picture.Data, segment...)
		}
		if marker == 0xda { // the scan: what follows is the picture itself
			picture.Data = append(picture.Data, data[position:]...)
			break
		}
	}
	if orientation != 1 {
		picture.Data = slices.Insert(picture.Data, 2, upright(orientation)...)
	}
	if orientation >= 5 { // lying on its side
		picture.Width, picture.Height = picture.Height, picture.Width
	}
	return picture, nil
}

// orientationOf reads the orientation tag (274) of EXIF, 1 to 8.
func orientationOf(tiff []byte) (orientation byte, ok bool) {
	var order binary.ByteOrder = binary.LittleEndian
	if len(tiff) < 8 {
		return 0, false
	}
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	start := uint64(order.Uint32(tiff[4:]))
	if start+2 > uint64(len(tiff)) {
		return 0, false
	}
	entries := tiff[start+2:]
	for range min(order.Uint16(tiff[start:]), 100) {
		if len(entries) < 10 {
			return 0, false
		}
		if order.Uint16(entries) == 274 {
			if value := order.Uint16(entries[8:]); value >= 1 && value <= 8 {
				return byte(value), true
			}
			return 1, true
		}
		entries = entries[min(12, len(entries)):]
	}
	return 1, true
}
