"""The manual at /help, for everybody: by role, each step with its own address, and as a booklet to print."""
