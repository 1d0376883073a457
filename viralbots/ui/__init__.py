"""The app: pages, widgets and texts; everything here only shows what other packages compute."""
