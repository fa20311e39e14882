"""Pages as a person meets them: in a browser, without a mouse, without scripts, on a phone."""
