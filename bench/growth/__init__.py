"""What grows with the ballots of a round: 1,000, 10,000 and 100,000 of them, on both databases."""
