"""Values as texts and rows, and back: what is written is read for ever."""
