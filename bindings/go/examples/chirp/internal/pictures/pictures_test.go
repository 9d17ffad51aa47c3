package pictures

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
)

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	size := func(width, height uint32) string {
		header := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), width)
		return string(binary.BigEndian.AppendUint32(header, height)) + "\x08\x02\x00\x00\x00crc!"
	}
	for _, data := range []string{
		"", "plain text", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "<html><script>alert(1)</script>",
		"%PDF-1.7", "\x89PNG\r\n\x1a\n", "\x89PNG\r\n\x1a\n\x00\x00\xff\xffIHDR", "\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR0123456789",
		size(0, 0), size(20000, 1), size(1, 0xffffffff), "\xff\xd8\xff", "\xff\xd8\xff\xe1\x00\x01",
		"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\xff\xff\xff\xff", "\xff\xd8\xff\xc0\x00\x04\x08\x00\xff\xd9\x00\x00",
		"GIF89a", "RIFF\x00\x00\x00\x00WEBP", "RIFF\x00\x00\x00\x00WEBPVP8 ", "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00",
		"RIFF\x00\x00\x00\x00WEBPVP8L\xff\xff\xff\xff",
	} {
		if picture, err := Read([]byte(data)); err == nil {
			t.Errorf("%q is taken: %+v", data, picture)
		}
	}
}

func TestAPhotographKeepsItsOrientationAndNothingElse(t *testing.T) {
	tiff := "II*\x00\x08\x00\x00\x00\x02\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x25\x88\x04\x00\x01\x00\x00\x00\x1a\x00\x00\x00GPS 47.1 N"
	exif := "Exif\x00\x00" + tiff
	segment := "\xff\xe1\x00" + string(rune(len(exif)+2)) + exif
	frame := "\xff\xc0\x00\x0b\x08\x00\x64\x00\xc8\x01\x01\x11\x00"
	scan := "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00pixels\xff\xd9"
	comment := "\xff\xfe\x00\x06GPS!"
	picture, err := Read([]byte("\xff\xd8" + segment + comment + frame + scan))
	if err != nil {
		t.Fatal(err)
	}
	if picture.Width != 100 || picture.Height != 200 { // 200 x 100, lying on its side
		t.Error(picture.Width, picture.Height)
	}
	if bytes.Contains(picture.Data, []byte("GPS")) || !bytes.HasSuffix(picture.Data, []byte(frame+scan)) {
		t.Errorf("%q", picture.Data)
	}
	if again, err := Read(picture.Data); err != nil || !reflect.DeepEqual(again, picture) {
		t.Error(again, err)
	}
}

func TestWebPAndGIFSizes(t *testing.T) {
	if picture, err := Read([]byte("GIF89a\x05\x00\x07\x00" + string(make([]byte, 20)))); err != nil || picture.Height != 7 {
		t.Error(picture, err)
	}
	extended := "VP8X\x0a\x00\x00\x00\x0c\x00\x00\x00\x63\x00\x00\x31\x00\x00"
	body := "WEBP" + extended + "EXIF\x04\x00\x00\x00GPS!"
	data := append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
	picture, err := Read(data)
	if err != nil || picture.Width != 100 || picture.Height != 50 {
		t.Fatal(picture, err)
	}
	if bytes.Contains(picture.Data, []byte("GPS")) || picture.Data[20] != 0 || int(picture.Data[4]) != len(picture.Data)-8 {
		t.Errorf("%q", picture.Data)
	}
	if data[20] != 0x0c {
		t.Error("what was given is changed")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND0000"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8L\x05\x00\x00\x00\x2f0000"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if picture, err := Read(data); err == nil && (picture.Width <= 0 || picture.Width > MaxSide) {
			t.Error(picture.Width)
		}
	})
}
