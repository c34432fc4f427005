"""Report pages: self-contained HTML files that load nothing from a network."""
