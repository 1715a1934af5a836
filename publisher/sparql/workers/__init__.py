"""Worker processes: queries run here, never in the web process."""
