package chirp

import "strconv"

// ID numbers people and posts. Zero is none.
type ID int64

// ParseID reads an id. Text that is none gives zero, the id of nothing.
func ParseID(text string) ID {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return ID(id)
}

// String is the id in digits; "" for none.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}
