"""An answer as hospitals keep it: a DICOM Structured Report, a secondary capture, FHIR."""
