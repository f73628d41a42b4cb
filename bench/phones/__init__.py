"""What the page of the phone costs: arriving, tapping, arithmetic."""
