"""The judges: numbers with thresholds that say whether an edit is good. Nothing here edits."""
