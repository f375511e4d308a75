"""What every room stands on: settings, errors, logs, and files replaced whole."""
