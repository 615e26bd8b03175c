"""The names of image files: how those end that can be decoded."""

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".dcm", ".heic", ".heif"}
)
