"""Learning inverse kinematics with torch: data, models, training, evaluation and diagnosis."""
