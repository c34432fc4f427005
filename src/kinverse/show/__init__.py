"""Pictures for people: figures of losses, errors and arms, and the one-file report page."""
