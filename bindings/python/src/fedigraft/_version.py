"""The version of this package; the native library of the same release is inside."""

__version__ = "0.1.0"
