"""Commands `pingyi paper …`: print forms, read scans of them, settle, cast, report, erase."""
