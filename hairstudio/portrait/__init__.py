"""All we know of one face: landmarks, alignment, parsing, matte, hairline, flow, appearance."""
