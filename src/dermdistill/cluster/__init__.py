"""Many machines: pictures from anywhere, answered by Ray's actors into the parts of a table."""
