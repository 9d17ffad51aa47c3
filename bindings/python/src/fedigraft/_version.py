"""The version of this package; the native library of the same release is inside.

Generated from include/fedigraft.h by bindings/generate.py: do not edit.
"""

__version__ = "0.1.0"
