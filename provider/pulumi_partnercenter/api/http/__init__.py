"""HTTP for every service: client, retries, sign-in, file uploads."""
