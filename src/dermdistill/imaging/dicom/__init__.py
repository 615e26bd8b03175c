"""DICOM colour photographs (the extra `dicom`): pydicom reads the file, other decoders its pixels.

Read are 8-bit RGB and YCbCr, as they are or compressed by JPEG (lossy and lossless), JPEG 2000 and run
lengths. What a compressed stream says of its colours counts more than the file's label. Grey images are
refused: they come from X-ray, ultrasound and the like, and lesions are told by colour. So are palettes.
"""

from dermdistill.imaging.dicom.decode import decode_dicom

__all__ = ["decode_dicom"]
