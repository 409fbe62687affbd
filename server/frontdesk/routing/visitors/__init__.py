"""What routing knows of visitors: fields, their values, and samples of them (VS-3)."""
