"""Study 2, model complexity: three networks on a noisy sine, compared on five points and on ten thousand."""
